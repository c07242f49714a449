"""The demo as it stands in the database: a smaller story, played once for all tests here, which only look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from astro.accounts.models import Membership, User
from astro.cards.models import Card, Punch, Reward, State
from astro.catalog.models import Barcode
from astro.checkout.models import Purchase, Visit
from astro.customers.models import Customer, CustomerCode
from astro.desk import views
from astro.desk.demo import accounts, play
from astro.desk.demo.play import Script, write_script
from astro.desk.management.commands import demo
from astro.kit.gtin import to_gtin14
from astro.programs.models import Enrollment, Program
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.cast import NOW, inside
from tests.desk.demo_digest import UNTIL, retailers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker: Any) -> Iterator[Script]:
    script = write_script(seed=demo.SEED, until=UNTIL, now=NOW, share=0.14)
    with django_db_blocker.unblock(), transaction.atomic():
        play.play(script, step=lambda stage: None)
        yield script
        transaction.set_rollback(True)


def test_everything_that_was_told_is_there(played: Script) -> None:
    assert {store.name for store in retailers()} == {"Huxley House", "Other Paws"}
    for store in retailers():
        told = played.customers[store.name]
        with inside(store):
            assert Customer.objects.count() == len(told)
            assert Visit.objects.count() == sum(len(shopper.visits) for shopper in told)
            assert Purchase.objects.count() == sum(len(visit.lines) for shopper in told for visit in shopper.visits)
            assert CustomerCode.objects.count() == sum(len(shopper.codes) for shopper in told) > 0
            assert Customer.objects.filter(is_practice=True, first_name="Sally").count() == 1
            assert not Visit.objects.filter(customer__is_practice=True, is_practice=False).exists()
            assert Visit.objects.latest("recorded_at").recorded_at < NOW
            assert all(to_gtin14(code) == code for code in Barcode.objects.values_list("gtin", flat=True))
            assert not Visit.objects.filter(answer={}).exists()


def test_locations_are_enrolled_since_a_year_ago_and_some_programs_are_left(played: Script) -> None:
    with inside(Retailer.objects.get(name="Huxley House")):
        enrolled = {
            name: dict(Enrollment.objects.filter(location__name=name).values_list("program__title", "from_on"))
            for name in ("Midtown", "Riverside")
        }
        left = set(Program.objects.values_list("title", flat=True)) - {*enrolled["Midtown"], *enrolled["Riverside"]}
        holding = Enrollment.objects.filter(distributor=None, program__fulfilment="distributor")
        assert holding.values_list("program__title", flat=True).get() == "Sunscale Reptile Diets"
    for title in ("Northpaw Dry Dog", "Fernwell Cat Pate 24-packs"):
        assert enrolled["Midtown"][title] == enrolled["Riverside"][title] == played.begin
    assert enrolled["Midtown"].keys() - enrolled["Riverside"].keys()
    assert enrolled["Riverside"].keys() - enrolled["Midtown"].keys()
    assert {"Kestrel Row Cats", "Highfeather Backyard", "Fernwell Broths", "Mossbank Flakes"} <= left


def test_punches_are_what_was_bought_where_it_counted(played: Script) -> None:
    """Added up from the story by hand, without the till."""
    for store in retailers():
        with inside(store):
            counts: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
            rows = Enrollment.objects.values_list(
                "location__name",
                "from_on",
                "program__cards__id",
                "program__cards__items__product_id",
                "program__cards__items__fills",
            )
            for place, from_on, card_id, product_id, fills in rows:
                if fills:
                    counts[place, str(product_id)][str(card_id)] = from_on
            expected: Counter[tuple[int, str]] = Counter()
            for row in Purchase.objects.select_related("location"):
                for card_id, from_on in counts[row.location.name, str(row.product_id)].items():
                    if row.day >= from_on:
                        expected[row.customer_id, card_id] += row.quantity
            written = Counter(
                (customer, str(card)) for customer, card in Punch.objects.values_list("customer", "program_card")
            )
            assert written == expected


def test_stored_counts_are_the_live_rows(played: Script) -> None:
    for store in retailers():
        with inside(store):
            punches = Counter(Punch.objects.values_list("card", flat=True))
            rewards = Counter(Reward.objects.values_list("card", flat=True))
            for card in Card.objects.select_related("rule"):
                assert card.punches == punches[card.pk] <= card.need == card.rule.buy
                assert (card.state == State.FULL) == (card.punches == card.need)
                assert rewards[card.pk] == (card.rule.get if card.state == State.FULL else 0)


def test_cards_stand_at_every_stage(played: Script) -> None:
    with inside(Retailer.objects.get(name="Huxley House")):
        cards = list(Card.objects.filter(customer__is_practice=False))
    missing = {card.need - card.punches for card in cards}
    assert {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11} <= missing
    assert {1, 2, 3} <= {card.number for card in cards}
    assert {1, 2} <= {card.number for card in cards if card.state == State.FULL}


def test_betty_is_one_bag_away_and_sally_has_an_empty_card(played: Script) -> None:
    with inside(Retailer.objects.get(name="Huxley House")):
        cards = {
            name: dict(Card.objects.filter(customer__first_name=name).values_list("program_card__title", "punches"))
            for name in ("Betty", "Sally")
        }
    assert cards["Betty"] == {"Dry Dog, large bags": 11, "Cat Pate 24-packs": 5}
    assert cards["Sally"] == {"Cat Pate 24-packs": 5}


def test_each_account_can_sign_in_and_its_home_is_alive(
    played: Script, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "utc_now", lambda: NOW)
    logins = [line.split()[0] for line in accounts.told()[1:]]
    assert logins == [
        "owner@huxleyhouse.example", "huxleycashier", "riverside@huxleyhouse.example", "owner@otherpaws.example"
    ]  # fmt: skip
    for login in logins:
        user = User.objects.get_by_natural_key(login)
        assert user.check_password("practice makes paws")
        page = cast.signed_in(client, user).get("/")
        assert page.status_code == 200
        assert page.context["just_here"]
        assert page.context["today"]["visits"] >= 4


def test_the_owner_is_master_and_pays_the_bills(played: Script) -> None:
    told = Membership.objects.values_list("user__email", "user__user_name", "role", "location", "is_billing_contact")
    places = {place.name: place.pk for store in retailers() for place in _locations(store)}
    assert set(told) == {
        ("owner@huxleyhouse.example", None, "master", None, True),
        (None, "huxleycashier", "cashier", places["Midtown"], False),
        ("riverside@huxleyhouse.example", None, "administrator", places["Riverside"], False),
        ("owner@otherpaws.example", None, "administrator", places["Willamette"], False),
    }


def _locations(store: Retailer) -> list[Location]:
    with inside(store):
        return list(Location.objects.all())
