"""The demo as it stands in the database: a smaller story, played once for all tests here, which only look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.test import Client

from astro.accounts.models import Membership, User
from astro.cards.models import (
    Card,
    CardNote,
    NextStep,
    Punch,
    PunchState,
    Redemption,
    RedemptionUndo,
    Reward,
    RewardState,
    State,
)
from astro.catalog.models import Barcode
from astro.checkout.choosing import choosing
from astro.checkout.models import Purchase, Sealed, Sealing, UnitVoid, Visit
from astro.credits.actions import REWARD
from astro.credits.models import CreditLine, LineState
from astro.customer_app.models import AppAccount, AppLink
from astro.customers.models import Consent, Customer, CustomerCode, Pet
from astro.desk import views
from astro.desk.demo import accounts, play
from astro.desk.demo.play import Script, write_script
from astro.desk.management.commands import demo
from astro.desk.recount import Recount, recount
from astro.kit.gtin import to_gtin14
from astro.programs.models import Enrollment, Fulfilment, Program
from astro.tenancy.models import Location, Retailer
from astro.tenancy.stores import store_of
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
            for_another_item = Visit.objects.exclude(pk__in=Purchase.objects.values("visit"))
            assert Visit.objects.count() - for_another_item.count() == sum(len(shopper.visits) for shopper in told)
            assert for_another_item.count() == RedemptionUndo.objects.filter(next_step=NextStep.RESELECT).count()
            assert Purchase.objects.count() == sum(len(visit.lines) for shopper in told for visit in shopper.visits)
            of_the_app = AppLink.objects.count()  # whoever opens an account gets a code of the app
            assert CustomerCode.objects.count() - of_the_app == sum(len(shopper.codes) for shopper in told) > 0
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
            counts: dict[tuple[str, str], dict[str, tuple[date, date]]] = defaultdict(dict)
            rows = Enrollment.objects.values_list(
                "location__name",
                "from_on",
                "program__ends_on",
                "program__cards__id",
                "program__cards__items__product_id",
                "program__cards__items__fills",
            )
            for place, from_on, ends_on, card_id, product_id, fills in rows:
                if fills:
                    counts[place, str(product_id)][str(card_id)] = from_on, ends_on or date.max
            expected: Counter[tuple[int, str]] = Counter()
            for row in Purchase.objects.select_related("location"):
                for card_id, (first_day, last_day) in counts[row.location.name, str(row.product_id)].items():
                    if first_day <= row.day <= last_day:
                        expected[row.customer_id, card_id] += row.quantity
            written = Counter(
                (customer, str(card)) for customer, card in Punch.objects.values_list("customer", "program_card")
            )
            assert written == expected


def test_stored_counts_are_the_live_rows(played: Script) -> None:
    for store in retailers():
        with inside(store):
            punches = Counter(Punch.objects.filter(state=PunchState.LIVE).values_list("card", flat=True))
            rewards = Counter(Reward.objects.exclude(state=RewardState.WITHDRAWN).values_list("card", flat=True))
            for card in Card.objects.select_related("rule"):
                assert card.punches == punches[card.pk] <= card.need == card.rule.buy
                is_full = card.state in (State.FULL, State.REDEEMED)
                assert is_full == (card.punches == card.need)
                assert rewards[card.pk] == (card.rule.get if is_full else 0)


def test_everything_adds_up(played: Script) -> None:
    found = Recount()
    assert [store.name for store in recount(retailers(), now=NOW, into=found)] == ["Huxley House", "Other Paws"]
    assert found.findings == []
    assert found.checked["redemptions"] > 20
    assert found.checked["punches"] > 500


def test_cards_stand_at_every_stage(played: Script) -> None:
    with inside(Retailer.objects.get(name="Huxley House")):
        cards = list(Card.objects.filter(customer__is_practice=False))
    missing = {card.need - card.punches for card in cards}
    assert {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11} <= missing
    assert {1, 2, 3} <= {card.number for card in cards}
    assert {1, 2} <= {card.number for card in cards if card.state == State.REDEEMED}
    assert {State.OPEN, State.FULL, State.REDEEMED, State.EXPIRED} <= {card.state for card in cards}


def test_most_rewards_are_taken_soon_and_some_wait(played: Script) -> None:
    visits_between: Counter[int] = Counter()
    waiting: Counter[str] = Counter()
    for store in retailers():
        with inside(store):
            ready = Reward.objects.filter(state=RewardState.READY)
            waiting["rewards"] += ready.count()
            waiting["customers"] += ready.values("customer").distinct().count()
            for redemption in Redemption.objects.filter(is_live=True).select_related("reward"):
                between = Visit.objects.filter(
                    customer=redemption.customer_id,
                    occurred_at__gt=redemption.reward.earned_at,
                    occurred_at__lt=redemption.redeemed_at,
                )
                visits_between[between.exclude(pk=redemption.visit_id).count()] += 1
    taken = visits_between.total()
    assert 20 <= taken <= 60
    assert 0.5 * taken <= visits_between[0] < taken
    assert 8 <= waiting["rewards"] <= taken
    assert 6 <= waiting["customers"] <= waiting["rewards"]


def test_what_goes_wrong_is_put_right(played: Script) -> None:
    found: Counter[str] = Counter()
    for store in retailers():
        with inside(store):
            found["scanned"] += Redemption.objects.exclude(taken_unit=None).filter(is_live=True).count()
            found["undone"] += RedemptionUndo.objects.count()
            found["removed"] += UnitVoid.objects.count()
            found["expired"] += Punch.objects.filter(state=PunchState.EXPIRED).count()
            found["notes"] += CardNote.objects.count()
            found["ended"] += Reward.objects.filter(
                state=RewardState.READY, program_card__program__ends_on__lt=UNTIL
            ).count()
            reasons = Counter(Visit.objects.exclude(reason="").values_list("reason", flat=True))
            found["paper cards"] += reasons["paper_card"]
            found["reasons"] += len(reasons)
            for void in UnitVoid.objects.select_related("purchase"):
                assert void.day == void.purchase.day
            assert not Redemption.objects.filter(is_live=False, undos=None).exists()
            assert CreditLine.objects.filter(state=LineState.WITHDRAWN).count() <= RedemptionUndo.objects.count()
    assert 3 <= found["scanned"] <= 20
    assert 1 <= found["undone"] <= 8
    assert 1 <= found["removed"] <= 12
    assert 3 <= found["expired"] <= 40
    assert 1 <= found["notes"] <= found["paper cards"] <= 8
    assert found["reasons"] >= 5
    assert found["ended"] >= 1


def test_no_visit_of_an_earlier_day_is_left_open(played: Script) -> None:
    for store in retailers():
        with inside(store):
            left = Visit.objects.filter(has_offer=True, sealings=None)
            assert not left.exclude(day=UNTIL).exists()
            assert Sealing.objects.filter(how=Sealed.FINISHED).count() > Redemption.objects.count() / 2
            assert all(one.sealed_at >= one.visit.recorded_at for one in Sealing.objects.select_related("visit"))


def test_each_free_item_is_owed_by_whom_its_program_says(played: Script) -> None:
    for store in retailers():
        with inside(store):
            given = CreditLine.objects.filter(cause_kind=REWARD)
            for line in given.exclude(state=LineState.WITHDRAWN):
                redemption = Redemption.objects.get(pk=line.redemption_id)
                assert redemption.is_live
                assert (line.product_name, line.day) == (redemption.name, redemption.day)
                assert len(line.proof) == redemption.card.need
                assert (line.distributor_id is not None) == (line.fulfilment == Fulfilment.DISTRIBUTOR)
            owed = set(given.values_list("redemption_id", flat=True))
            for redemption in Redemption.objects.exclude(pk__in=owed).select_related("program_card__program"):
                assert redemption.program_card.program.fulfilment == Fulfilment.NONE or redemption.is_practice


def test_betty_is_one_bag_away(played: Script) -> None:
    assert _cards("Betty", at="Huxley House") == {
        "Dry Dog, large bags": (11, 12, "open"),
        "Cat Pate 24-packs": (5, 8, "open"),
    }


@pytest.mark.parametrize(
    ("store", "almost", "bag"),
    [
        ("Huxley House", {"Grown-up Dogs": (9, 10, "open")}, "Kestrel Row Adult Chicken & Farro"),
        ("Other Paws", {"Litter, large": (7, 8, "open")}, "Dunelight Pine Pellets"),
    ],
)
def test_with_sally_the_whole_visit_can_be_practiced(
    played: Script, store: str, almost: dict[str, tuple[int, int, str]], bag: str
) -> None:
    assert _cards("Sally", at=store) == {"Cat Pate 24-packs": (8, 8, "full"), **almost}
    with inside(Retailer.objects.get(name=store)):
        sally = Customer.objects.get(is_practice=True)
        (group,) = choosing(sally, None, at=Location.objects.first(), day=UNTIL).groups
        assert group.offer.allowed
        assert group.offer.refused
        assert not group.needs
        assert not CreditLine.objects.filter(customer=sally).exists()
        assert Purchase.objects.filter(customer=sally, name=bag).exists()


def test_each_account_can_sign_in_and_its_home_is_alive(
    played: Script, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "utc_now", lambda: NOW)
    *logins, support, app_user = [line.split()[0] for line in accounts.told()[1:]]
    assert logins == [
        "owner@huxleyhouse.example", "huxleycashier", "riverside@huxleyhouse.example", "owner@otherpaws.example"
    ]  # fmt: skip
    assert (support, app_user) == ("support@astro.example", "betty.smith@example.com")
    assert check_password("practice makes paws", AppAccount.objects.get(email=app_user).password)
    for login in logins:
        user = User.objects.get_by_natural_key(login)
        assert user.check_password("practice makes paws")
        page = cast.signed_in(client, user).get("/")
        assert page.status_code == 200
        assert page.context["just_here"]
        assert page.context["today"]["visits"] >= 4
    helper = User.objects.get_by_natural_key(support)
    assert helper.is_support
    assert helper.check_password("practice makes paws")
    client.force_login(helper)
    page = client.get("/", follow=True)
    assert page.redirect_chain == [("/backoffice/stores/", 302)]
    assert [store.name for store in page.context["page"].rows] == ["Huxley House", "Other Paws"]


def test_answers_reach_everybody_who_signs_in(played: Script) -> None:
    """Who has no e-mail has a support contact, as whoever adds them in *My Users* must say."""
    without = Membership.objects.filter(user__email__isnull=True, ended_at__isnull=True)
    assert [(one.user.login, one.support_contact.email) for one in without] == [
        ("huxleycashier", "owner@huxleyhouse.example")
    ]


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


def _cards(first_name: str, *, at: str) -> dict[str, tuple[int, int, str]]:
    with inside(Retailer.objects.get(name=at)):
        cards = Card.objects.filter(customer__first_name=first_name)
        return {card.program_card.title: (card.punches, card.need, str(card.state)) for card in cards}


def test_the_store_knows_its_customers_by_more_than_what_they_buy(played: Script) -> None:
    with inside(Retailer.objects.get(name="Huxley House")):
        betty = Customer.objects.get(email="betty.smith@example.com")
        assert (betty.email_state, betty.text_state) == ("yes", "yes")
        assert betty.app_since is not None
        assert [pet.name for pet in Pet.objects.filter(customer=betty)] == ["Clover"]
        assert set(Customer.objects.values_list("email_state", flat=True)) >= {"none", "asked", "yes"}
        assert store_of(Retailer.objects.get(name="Huxley House")).name == "Midtown Pet Supply"
        assert not Consent.objects.filter(at__gt=played.now).exists()
