"""What a store asks of new accounts: the page, who may change it, and what is written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.actions import write_account_rules
from astro.customers.errors import DetailError
from astro.customers.models import AccountRules
from astro.customers.queries import account_rules
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/customers/settings/"
TITLE = "Customer Check Out and New Customer Information Settings"
LEVELS = {"email": "required", "phone": "wanted", "pets": "neither"}


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


def rules_of(retailer: Retailer) -> list[tuple[Any, ...]]:
    columns = ("email", "phone", "pets", "asks_by_text", "asks_by_email")
    with inside(retailer):
        return list(AccountRules.objects.values_list(*columns))


def facts_of(retailer: Retailer) -> list[Any]:
    with inside(retailer):
        return [row.facts["fields"] for row in Event.objects.filter(name="account rules changed").order_by("id")]


def test_without_a_word_nothing_is_asked_for(office: Client, huxley: Retailer) -> None:
    page = office.get(PAGE)
    text = " ".join(page.content.decode().split())
    for words in (TITLE, "Email Address", "Phone Number", "Pet Information", "Required", "Recommended",
                  "Not recommended or required", "Send SMS Opt In Text by default",
                  "Send Welcome Email by default"):  # fmt: skip
        assert words in text
    form = page.context["form"]
    assert [form[name].value() for name in LEVELS] == ["neither"] * 3
    assert (form["asks_by_text"].value(), form["asks_by_email"].value()) == (False, False)
    assert rules_of(huxley) == []


def test_an_administrator_finds_the_page_from_the_list_and_a_cashier_does_not(office: Client, cashier: User) -> None:
    assert f'href="{PAGE}"' in office.get("/customers/").content.decode()
    assert f'href="{PAGE}"' not in signed_in(Client(), cashier).get("/customers/").content.decode()


def test_the_page_says_that_a_tick_is_no_consent(office: Client) -> None:
    text = " ".join(office.get(PAGE).content.decode().split())
    assert "A tick sends the question, it is no consent." in text


def test_rules_are_written_shown_again_and_changed(office: Client, huxley: Retailer) -> None:
    saved = office.post(PAGE, {**LEVELS, "asks_by_email": "on"}, follow=True)
    assert "Saved. This holds for every customer that is added from now on." in saved.content.decode()
    assert rules_of(huxley) == [("required", "wanted", "neither", False, True)]
    assert {name: saved.context["form"][name].value() for name in LEVELS} == LEVELS
    assert office.post(PAGE, {**LEVELS, "email": "neither"}).status_code == 302
    assert rules_of(huxley) == [("neither", "wanted", "neither", False, False)]
    assert facts_of(huxley) == [["email", "phone", "asks_by_email"], ["email", "asks_by_email"]]


def test_saving_again_what_stands_changes_nothing(office: Client, huxley: Retailer) -> None:
    for _time in range(2):
        assert office.post(PAGE, LEVELS).status_code == 302
    assert len(facts_of(huxley)) == 1


@pytest.mark.parametrize("typed", [{}, {**LEVELS, "pets": "sometimes"}, {**LEVELS, "phone": "\x00"}])
def test_what_is_no_answer_is_said(office: Client, huxley: Retailer, typed: dict[str, str]) -> None:
    refused = office.post(PAGE, typed)
    assert refused.status_code == 422
    assert {error for errors in refused.context["form"].errors.values() for error in errors} == {
        "Choose one of the three."
    }
    assert rules_of(huxley) == []


def test_an_administrator_of_one_location_may_and_a_cashier_may_not(
    client: Client, huxley: Retailer, cashier: User, riverside_administrator: User
) -> None:
    assert signed_in(client, cashier).get(PAGE).status_code == 403
    assert client.post(PAGE, LEVELS).status_code == 403
    assert rules_of(huxley) == []
    assert signed_in(Client(), riverside_administrator).post(PAGE, LEVELS).status_code == 302


def test_rules_are_a_retailers_own(office: Client, huxley: Retailer, otherpaws: Retailer) -> None:
    office.post(PAGE, LEVELS)
    with inside(otherpaws):
        assert account_rules().email == "neither"


def test_a_level_that_is_none_is_refused_by_the_action_too(huxley: Retailer, midtown: Location, owner: User) -> None:
    with inside(huxley), pytest.raises(DetailError) as refused:
        write_account_rules(
            **{**LEVELS, "pets": "x"}, asks_by_text=False, asks_by_email=False, by=owner, at=midtown, now=NOW
        )
    assert refused.value.field == "pets"
    assert rules_of(huxley) == []
