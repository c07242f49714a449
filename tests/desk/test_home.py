"""The numbers of the home page, and that each opens the list behind it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.cards.models import NextStep, Redemption, Reward
from astro.catalog.models import Product
from astro.checkout import views as checkout_views
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase, Visit
from astro.checkout.undoing import remove_units, undo_redemption
from astro.customers.actions import add_practice_customer, retire_customer
from astro.customers.models import Customer
from astro.desk import views
from astro.kit.ids import new_uuid7
from astro.messaging.models import Meaning, Reply
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_actions import a_body, a_line, check_out

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def bag(midtown: Location, owner: User) -> Product:
    bag = cast.make_product(name="Northpaw Gold")
    cast.make_enrollment(midtown, program=cast.make_program(products=[bag], rule=RuleOfCard(3)), by=owner)
    return bag


@pytest.fixture
def at_home(client: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    for module in (views, checkout_views):
        monkeypatch.setattr(module, "utc_now", lambda: NOW + 60 * MINUTE)
    return cast.signed_in(client, owner)


def numbers(at_home: Client) -> dict[str, int]:
    """What the tiles say, by their words; every tile is a link."""
    tiles = re.findall(
        r'<a class="tile[^"]*" href="([^"]+)"><strong>(\d+)</strong><span>([^<]+)', at_home.get("/").text
    )
    assert [link for link, _number, _words in tiles] == [
        "/checkout/day/", "/checkout/day/", "/checkout/day/?only=given", "/customers/?sort=newest"
    ]  # fmt: skip
    return {words: int(number) for _link, number, words in tiles}


def sums_of_list(at_home: Client, query: str = "") -> tuple[int, int, int]:
    """Checkouts, punches and free items as the list behind the numbers shows them, practice left out."""
    page = unescape(at_home.get(f"/checkout/day/{query}").text)
    rows = [row for row in page.split("<tr>")[2:] if "For practice" not in row]
    found = [re.findall(r'class="number" data-label="[^"]+">(\d+)<', row) for row in rows]
    return len(rows), sum(int(punches) for punches, _given in found), sum(int(given) for _punches, given in found)


def buy(customer: Customer, bag: Product, count: int, *, at: Location, now: datetime = NOW) -> Visit:
    return check_out(customer, a_body(a_line(bag, count), at=now), at=at, now=now).visit


def take(customer: Customer, bag: Product, *, visit: Visit, at: Location, now: datetime) -> Redemption:
    with inside(at.retailer):
        reward = Reward.objects.get(customer=customer)
        chosen = [{"reward_id": str(reward.pk), "product_id": str(bag.pk), "is_scanned": False}]
        told = {"key": str(new_uuid7(now)), "visit": str(visit.key), "redemptions": chosen}
        finish_visit(customer, read_finish(told, customer_id=customer.pk), at=at, by=None, now=now)
        return Redemption.objects.get(reward=reward, is_live=True)


def test_a_quiet_day_has_zeros(at_home: Client) -> None:
    assert set(numbers(at_home).values()) == {0}


def test_the_numbers_are_what_stands_and_what_their_lists_show(
    at_home: Client, midtown: Location, riverside: Location, bag: Product
) -> None:
    with inside(midtown.retailer):
        ann, ben, gone = (cast.make_customer(at=midtown, first_name=name) for name in ("Ann", "Ben", "Cy"))
        sally = add_practice_customer(now=NOW)
        retire_customer(gone, at=midtown, by=None, now=NOW)
    buy(ann, bag, 1, at=midtown, now=NOW - timedelta(days=1))
    full = buy(ann, bag, 2, at=midtown)
    practised = buy(sally, bag, 3, at=midtown)
    buy(ben, bag, 2, at=riverside)
    many = buy(ben, bag, 2, at=midtown, now=NOW + MINUTE)
    take(sally, bag, visit=practised, at=midtown, now=NOW + 2 * MINUTE)
    given = take(ann, bag, visit=full, at=midtown, now=NOW + 2 * MINUTE)
    assert numbers(at_home) == {"checkouts": 2, "punches": 4, "free items given": 1, "new customers": 1}
    assert sums_of_list(at_home) == (2, 4, 1)
    assert sums_of_list(at_home, "?only=given") == (1, 2, 1)

    with inside(midtown.retailer):
        how = {"at": midtown, "by": None, "is_administrator": False, "now": NOW + 5 * MINUTE}
        undo_redemption(given, next_step=NextStep.REMOVE, **how)
        remove_units(Purchase.objects.get(visit=many), [2], **how)
        remove_units(Purchase.objects.get(visit=full), [1], **how)
    assert numbers(at_home) == {"checkouts": 2, "punches": 2, "free items given": 0, "new customers": 1}
    assert sums_of_list(at_home) == (2, 2, 0)
    assert sums_of_list(at_home, "?only=given") == (0, 0, 0)


def test_a_scanned_item_that_was_given_free_counts_once(at_home: Client, midtown: Location, bag: Product) -> None:
    with inside(midtown.retailer):
        ann = cast.make_customer(at=midtown, first_name="Ann")
    visit = buy(ann, bag, 4, at=midtown)
    with inside(midtown.retailer):
        chosen = [{"reward_id": str(Reward.objects.get().pk), "product_id": str(bag.pk), "is_scanned": True}]
        told = {"key": str(new_uuid7(NOW)), "visit": str(visit.key), "redemptions": chosen}
        finish_visit(ann, read_finish(told, customer_id=ann.pk), at=midtown, by=None, now=NOW + MINUTE)
    found = numbers(at_home)
    assert (found["checkouts"], found["punches"], found["free items given"]) == (1, 3, 1) == sums_of_list(at_home)


def test_just_here_names_who_came_last_first(at_home: Client, midtown: Location, bag: Product) -> None:
    with inside(midtown.retailer):
        people = [cast.make_customer(at=midtown, first_name=name) for name in ("Ann", "Ben", "Cy", "Di", "Ed", "Flo")]
    for minutes, customer in enumerate([*people[1:], people[0]]):
        buy(customer, bag, 1, at=midtown, now=NOW + minutes * MINUTE)
    with inside(midtown.retailer):
        retire_customer(people[5], at=midtown, by=None, now=NOW + 20 * MINUTE)
    shown = [customer.first_name for customer, _moment in at_home.get("/").context["just_here"]]
    assert shown == ["Ann", "Ed", "Di", "Cy", "Ben"]


def test_the_page_asks_as_much_on_a_busy_day_as_on_a_quiet_one(
    at_home: Client, midtown: Location, bag: Product, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as quiet:
        at_home.get("/")
    with inside(midtown.retailer):
        people = [cast.make_customer(at=midtown) for _ in range(8)]
    for minutes, customer in enumerate(people):
        buy(customer, bag, 1, at=midtown, now=NOW + minutes * MINUTE)
    with django_assert_max_num_queries(len(quiet) + 1):
        at_home.get("/")


def test_an_administrator_is_told_of_texts_that_nobody_understood(
    client: Client, midtown: Location, owner: User, cashier: User
) -> None:
    with inside(midtown.retailer):
        for number in range(2):
            Reply(
                provider_id=f"SM{number}",
                sender="+14065550142",
                address_hash="0" * 64,
                body="Do you have kittens?",
                meaning=Meaning.UNKNOWN,
                received_at=NOW,
            ).save()
    assert "2 texts to read" in cast.signed_in(client, owner).get("/").content.decode()
    assert "to read" not in cast.signed_in(client, cashier).get("/").content.decode()
