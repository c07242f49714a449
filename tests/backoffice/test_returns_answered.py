"""Support answers returns for the brands: of every store, without seeing a customer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.credits.models import ConsumerReturn, ReturnState
from astro.customers.models import Customer
from astro.tenancy.models import Location
from tests import cast
from tests.credits.returns.bringing import Bringing

pytestmark = pytest.mark.django_db


@pytest.fixture
def bringing(midtown: Location, owner: User) -> Bringing:
    return Bringing(midtown, owner)


@pytest.fixture
def support(client: Client) -> Client:
    client.force_login(cast.make_support())
    return client


def answer(support: Client, made: ConsumerReturn, word: str, **told: str) -> Any:
    address = reverse("backoffice:return", args=[made.retailer_id, made.pk, word])
    return support.post(address, {"reason": "As the brand said", **told})


def test_approved_declined_and_credited(bringing: Bringing, support: Client) -> None:
    made = bringing.bring()
    listed = support.get(reverse("backoffice:returns"))
    assert [row.pk for row in listed.context["page"].rows] == [made.pk]
    assert listed.context["page"].rows[0].answers == [
        ("review", "In review"), ("approval", "Approved"), ("decline", "Declined"),
    ]  # fmt: skip
    assert bringing.customer.last_name not in listed.content.decode()
    assert answer(support, made, "shrug").status_code == 404
    assert answer(support, made, "decline").status_code == 422
    assert answer(support, made, "decline", decline_reason="account_number").status_code == 302
    assert answer(support, made, "credit").status_code == 409
    assert answer(support, made, "review").status_code == 302
    assert answer(support, made, "approval").status_code == 302
    assert answer(support, made, "approval").status_code == 409
    assert answer(support, made, "credit").status_code == 302
    assert bringing.states(made) == ["submitted", "declined", "in_review", "approved", "credited"]
    assert bringing.lines() == [("return", 1, "48-1123", "unbatched")]
    with cast.inside(bringing.at.retailer):
        assert made.steps.get(number=2).note == "As the brand said"


def test_the_list_narrows_and_is_exported(bringing: Bringing, support: Client) -> None:
    made, other = bringing.bring(), bringing.bring()
    bringing.move(other, ReturnState.DECLINED)
    address = reverse("backoffice:returns")

    def listed(**asked: str) -> list[int]:
        return [row.pk for row in support.get(address, asked).context["page"].rows]

    assert (listed(), listed(state="declined")) == ([made.pk], [other.pk])
    assert listed(state="all", sort="newest") == [other.pk, made.pk]
    assert (listed(q="north"), listed(q="nothing")) == ([made.pk], [])
    file = support.get(reverse("backoffice:export_returns"), {"state": "all"}).getvalue().decode()
    assert "Declined: Incorrect Account Number" in file
    assert bringing.customer.last_name not in file


def test_practice_is_not_there(bringing: Bringing, support: Client) -> None:
    with cast.inside(bringing.at.retailer):
        Customer.objects.filter(pk=bringing.customer.pk).update(is_practice=True)
    bringing.bring()
    assert support.get(reverse("backoffice:returns"), {"state": "all"}).context["page"].rows == []
