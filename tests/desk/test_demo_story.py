"""The demo's tables and the story made from them, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from astro.checkout.basket import REASONS
from astro.customers.details import read_details
from astro.desk.demo import story
from astro.desk.demo.manners import Slip
from astro.desk.demo.play import Script, write_script
from astro.desk.demo.shelf import chosen
from astro.desk.management.commands import demo
from astro.kit.gtin import to_gtin14
from tests.cast import NOW
from tests.desk.demo_digest import UNTIL


@pytest.fixture(scope="module")
def whole() -> Script:
    """The story as it is told to everybody."""
    return write_script(seed=demo.SEED, until=UNTIL, now=NOW)


def shoppers(script: Script) -> list[story.Shopper]:
    return [shopper for people in script.customers.values() for shopper in people]


def test_the_shelf_is_full_and_every_code_is_one(whole: Script) -> None:
    codes = [(item.store, to_gtin14(item.gtin)) for item in whole.shelf]
    assert len({item.brand for item in whole.shelf if item.brand}) >= 12
    assert len([item for item in whole.shelf if item.brand]) >= 300
    assert len(set(codes)) == len(codes)
    assert len({item.key for item in whole.shelf}) == len(whole.shelf)
    assert {item.pet for item in whole.shelf} == {"dog", "cat", "bird", "fish", "small", "reptile", "horse"}
    assert all(
        199 > item.cents / 100 > 1 and (item.raised_cents or item.cents + 1) > item.cents for item in whole.shelf
    )
    assert any(item.raised_cents for item in whole.shelf)


def test_the_programs_are_many_and_of_every_kind(whole: Script) -> None:
    rows = whole.programs["program"]
    cards = [card for row in rows for card in row["card"]]
    by_title = {row["title"]: row for row in rows}
    assert len(rows) == len(by_title) >= 20
    assert [card["rule"] for card in by_title["Northpaw Dry Dog"]["card"]] == [
        {"buy": 12, "value": "lesser_or_equal", "months": 24}
    ] * 2
    assert by_title["Fernwell Cat Pate 24-packs"]["card"][0]["rule"]["buy"] == 8
    assert {row.get("paid_by", "distributor") for row in rows} == {"distributor", "direct", "retailer", "none"}
    assert {card["rule"].get("choice", "any") for card in cards} == {"any", "same_size", "most_bought"}
    assert {need for row in rows for need in row.get("needs", [])} == {"email", "address"}
    assert [row["title"] for row in rows if row["starts"] == 1] == ["Fernwell Broths"]
    assert [row["title"] for row in rows if row.get("ends", 0) < 0] == ["Tidewick Tins"]
    assert any(row.get("store") == "Huxley House" for row in rows)


def test_every_card_of_a_program_takes_something_and_no_item_is_on_two_of_them(whole: Script) -> None:
    for row in whole.programs["program"]:
        shelf = [
            item for item in whole.shelf if (item.brand, item.store) == (row.get("brand", ""), row.get("store", ""))
        ]
        taken = [[item.key for item in chosen(shelf, **card["items"])] for card in row["card"]]
        assert all(taken), row["title"]
        assert len(set().union(*taken)) == sum(map(len, taken)), row["title"]


def test_distributors_serve_montana_or_somewhere_else(whole: Script) -> None:
    rows = whole.stores["distributors"]
    montana = {name for name, row in rows.items() if any("MT" in regions.split() for regions in row["serves"])}
    assert next(iter(rows)) == "Paws Distributing"
    assert len(rows) >= 5
    assert "Paws Distributing" in montana
    assert 2 <= len(montana) < len(rows)


def test_there_are_enough_customers_and_visits(whole: Script) -> None:
    assert len(whole.customers["Huxley House"]) >= 320
    assert len(whole.customers["Other Paws"]) >= 80
    assert len(shoppers(whole)) >= 400
    assert sum(len(shopper.visits) for shopper in shoppers(whole)) >= 4000
    places = Counter(visit.place for shopper in shoppers(whole) for visit in shopper.visits)
    assert places["Midtown"] > places["Riverside"] > 500


def test_every_customer_could_be_typed_in(whole: Script) -> None:
    for people in whole.customers.values():
        kept = [
            read_details(
                first_name=shopper.person.first_name,
                last_name=shopper.person.last_name,
                phone=shopper.person.phone,
                email=shopper.person.email,
                country="US",
            )
            for shopper in people
        ]
        for what in ("phone", "email_folded"):
            given = [getattr(details, what) for details in kept if getattr(details, what)]
            assert len(set(given)) == len(given) < len(kept)
        assert all(details.phone[5:].startswith("55501") for details in kept if details.phone)
        assert any("&" in details.first_name for details in kept)
        assert any(not details.first_name.isascii() for details in kept)


def test_the_people_whom_a_demonstration_relies_on_are_there(whole: Script) -> None:
    betty = [shopper for shopper in shoppers(whole) if shopper.person.email == "betty.smith@example.com"]
    assert [shopper.person.last_name for shopper in betty] == ["Smith"]
    for people in whole.customers.values():
        (sally,) = [shopper for shopper in people if shopper.is_practice]
        assert not any("Northpaw" in line.item.name for visit in sally.visits for line in visit.lines)
        assert not any(visit.slip for visit in sally.visits)


def test_people_have_ways_of_their_own(whole: Script) -> None:
    people = shoppers(whole)
    patience = Counter(shopper.manner.patience.days for shopper in people)
    assert patience[0] + patience[1] > 0.6 * len(people)
    assert 0.05 * len(people) < patience[400] < 0.25 * len(people)
    assert {shopper.manner.reason for shopper in people} <= REASONS
    assert all(bool(shopper.manner.reason_text) == (shopper.manner.reason == "other") for shopper in people)
    slips = Counter(visit.slip for shopper in people for visit in shopper.visits)
    assert set(slips) == {None, *Slip}
    assert sum(slips.values()) - slips[None] < 0.2 * sum(slips.values())
    assert 10 <= sum(bool(visit.note) for shopper in people for visit in shopper.visits) <= 60
    assert all(not visit.note for shopper in people for visit in shopper.visits[1:])


def test_who_left_no_email_address_may_tell_one_when_asked(whole: Script) -> None:
    for people in whole.customers.values():
        told = [shopper.person.email_if_asked for shopper in people if shopper.person.email_if_asked]
        known = [shopper.person.email for shopper in people if shopper.person.email]
        assert len({*told, *known}) == len(told) + len(known)
        assert not any(shopper.person.email and shopper.person.email_if_asked for shopper in people)
        assert len(told) + len(known) < len(people)


def test_customers_come_in_opening_hours_and_never_in_the_future(whole: Script) -> None:
    places = {row["name"]: story.Place.read(row) for store in whole.stores["retailer"] for row in store["location"]}
    for shopper in shoppers(whole):
        assert all(first.at < second.at for first, second in pairwise(shopper.visits))
        for visit in shopper.visits:
            place = places[visit.place]
            opens, closes = place.hours(visit.at.astimezone(place.zone).date())
            assert opens <= visit.at <= closes or visit.at > NOW - timedelta(hours=5)  # today may begin early
            assert shopper.joined_at < visit.at < NOW
        assert shopper.joined_at.astimezone(UTC).date() >= whole.begin


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 20, 7, 30, tzinfo=UTC),  # half past midnight in Montana
        datetime(2026, 11, 20, 14, 0, tzinfo=UTC),  # before opening
        datetime(2026, 11, 20, 16, 40, tzinfo=UTC),  # just opened
        datetime(2026, 11, 20, 23, 0, tzinfo=UTC),
        datetime(2026, 11, 21, 6, 50, tzinfo=UTC),  # closed, not yet midnight
        datetime(2026, 7, 5, 20, 0, tzinfo=UTC),  # a Sunday
    ],
)
def test_today_is_lively_whenever_it_is_told(now: datetime) -> None:
    until = now.astimezone(demo.FIRST_STORE).date()
    script = write_script(seed="any", until=until, now=now)
    at = [
        (visit.place, visit.at)
        for shopper in script.customers["Huxley House"]
        for visit in shopper.visits
        if visit.at.astimezone(demo.FIRST_STORE).date() == until
    ]
    assert all(moment < now for _place, moment in at)
    assert Counter(place for place, _moment in at)["Midtown"] >= 10
    assert Counter(place for place, _moment in at)["Riverside"] >= 6


def test_a_day_that_is_over_was_a_whole_day() -> None:
    told = [write_script(seed="any", until=UNTIL, now=NOW + timedelta(days=days)).customers for days in (3, 9)]
    assert told[0] == told[1]


def test_another_seed_tells_another_year() -> None:
    one, again, other = (write_script(seed=seed, until=UNTIL, now=NOW, share=0.1) for seed in ("a", "a", "b"))
    assert one.customers == again.customers
    assert one.customers != other.customers
