"""The page of a store's tags."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.actions import add_tag, retire_customer, tag_many
from astro.customers.models import Tag
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_customer, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


def labels(retailer: Retailer, *, archived: bool = False) -> list[str]:
    with inside(retailer):
        return [tag.label for tag in Tag.objects.filter(archived_at__isnull=not archived)]


def test_a_tag_is_made_renamed_archived_and_restored(office: Client, huxley: Retailer, owner: User) -> None:
    assert "You have no tags yet." in office.get("/customers/tags/").content.decode()
    assert office.post("/customers/tags/", {"label": "Vip"}).headers["Location"] == "/customers/tags/"
    assert labels(huxley) == ["Vip"]
    with inside(huxley):
        tag = Tag.objects.get()
    assert 'value="Vip"' in office.get(f"/customers/tags/{tag.pk}/").content.decode()
    office.post(f"/customers/tags/{tag.pk}/", {"label": "VIP"})
    office.post(f"/customers/tags/{tag.pk}/archive/")
    assert (labels(huxley), labels(huxley, archived=True)) == ([], ["VIP"])
    office.post(f"/customers/tags/{tag.pk}/restore/")
    assert labels(huxley) == ["VIP"]
    with inside(huxley):
        told = Event.objects.filter(about_id=tag.pk).order_by("id").values_list("name", "by_user_id")
        assert list(told) == [(name, owner.pk) for name in ("tag added", "tag renamed", "tag archived", "tag restored")]


def test_how_many_carry_each_with_a_link_to_them(
    office: Client, huxley: Retailer, midtown: Location, cashier: User
) -> None:
    with inside(huxley):
        vip = add_tag("VIP", now=NOW)
        add_tag("Nobody", now=NOW)
        people = [make_customer(at=midtown) for _number in range(4)]
        tag_many([one.pk for one in people], vip, on=True, by=cashier, at=midtown, now=NOW)
        retire_customer(people[0], at=midtown, by=cashier, now=NOW)
    response = office.get("/customers/tags/")
    assert [(tag.label, tag.carriers_here) for tag in response.context["tags"]] == [("Nobody", 0), ("VIP", 3)]
    assert f'href="/customers/?place=all&amp;tag={vip.pk}"' in response.content.decode()
    assert len(office.get(f"/customers/?place=all&tag={vip.pk}").context["shown"].rows) == 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type a name for the tag."),
        (" ", "Type a name for the tag."),
        ("vip", "There is a tag “VIP” already."),
        ("öld", "There is an archived tag “Old”. Restore it"),
        ("x" * 41, "A tag can have 40 characters."),
        ("a\u202eb", "invisible control character"),
    ],
)
def test_what_cannot_be_a_tag_is_said(office: Client, huxley: Retailer, typed: str, words: str) -> None:
    office.post("/customers/tags/", {"label": "VIP"})
    office.post("/customers/tags/", {"label": "Old"})
    with inside(huxley):
        other, old = (
            Tag.objects.create(label="Other", label_folded="other", created_at=NOW),
            Tag.objects.get(label="Old"),
        )
    office.post(f"/customers/tags/{old.pk}/archive/")
    for url in ("/customers/tags/", f"/customers/tags/{other.pk}/"):
        response = office.post(url, {"label": typed})
        assert response.status_code == 422
        assert words in response.content.decode()
    assert labels(huxley) == ["Other", "VIP"]


def test_markup_in_a_tag_is_text(office: Client, huxley: Retailer) -> None:
    office.post("/customers/tags/", {"label": "<script>alert(1)</script>"})
    for url in ("/customers/tags/", "/customers/"):
        assert "<script>alert" not in office.get(url).content.decode()


def test_the_page_costs_the_same_for_many(office: Client, huxley: Retailer) -> None:
    office.post("/customers/tags/", {"label": "One"})
    office.get("/customers/tags/")
    with CaptureQueriesContext(connection) as one:
        office.get("/customers/tags/")
    for number in range(5):
        office.post("/customers/tags/", {"label": f"More {number}"})
    office.get("/customers/tags/")
    with CaptureQueriesContext(connection) as many:
        office.get("/customers/tags/")
    assert len(many) == len(one)
