"""Days of the calendar over the real actions: which day a visit belongs to, and what ends with it.

A location may change its zone, nights may have 23 or 25 hours, a year may have 366 days. A visit keeps the day that it
had; what is asked today, an offer, an expiry, goes by the location's clock of now.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from astro.accounts.places.writing import change_location
from astro.cards.actions import expire_punches
from astro.cards.jobs import expire_here
from astro.cards.models import Card, Punch, PunchState, Reward
from astro.cards.queries import shown_cards
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.models import Visit
from astro.customers.actions import add_customer
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import inside
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db
DENVER, TOKYO, HONOLULU = "America/Denver", "Asia/Tokyo", "Pacific/Honolulu"
MONTH = RuleOfCard(3, 1, expiry_months=1)
YEAR = RuleOfCard(3, 1, expiry_months=12)
OFFER = RuleOfCard(2, 1, piles="visit")


def at_clock(day, clock, zone=DENVER, *, fold=0):
    """This moment by the clocks there; `fold=1`: the second time that the clocks show it."""
    hour, minute = (int(part) for part in clock.split(":"))
    local = datetime(*(int(part) for part in day.split("-")), hour, minute, tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return add_customer(
            first_name="Sally", last_name="Pet", at=midtown, by=None, now=datetime(2020, 1, 1, tzinfo=UTC)
        )


@pytest.fixture
def join(midtown, cashier):
    """A bag on a card of this rule, enrolled at Midtown for years."""

    def joined(rule, **fields):
        bag = cast.make_product(name="Bag")
        program = cast.make_program(products=[bag], rule=rule, **fields)
        cast.make_enrollment(midtown, program=program, by=cashier, from_on=program.starts_on)
        return bag

    return joined


def buy(customer, bag, moment, *, at, quantity=1):
    with inside(at.retailer):
        basket = read_basket(a_body(a_line(bag, quantity), at=moment), customer_id=customer.pk)
        return record_visit(customer, basket, at=at, by=None, now=moment).visit


def move(place, zone, owner, *, now):
    with inside(place.retailer):
        change_location(place, {"time_zone": ZoneInfo(zone)}, by=owner, now=now)
        place.refresh_from_db()


def states_of(customer):
    """What became of each punch, and the day that it has."""
    with inside(customer.retailer):
        rows = Punch.objects.filter(customer=customer).order_by("day", "id").values_list("day", "state")
        return [(str(day), str(state)) for day, state in rows]


def live(*days):
    return [(day, str(PunchState.LIVE)) for day in days]


class TestAnotherZone:
    def test_a_visit_keeps_the_day_that_it_had(self, huxley, midtown, owner, sally, join):
        """11 in the evening in Denver is the next afternoon in Tokyo."""
        bag, late = join(MONTH), at_clock("2027-03-01", "23:00")
        visit = buy(sally, bag, late, at=midtown)
        move(midtown, TOKYO, owner, now=late)
        with inside(huxley):
            assert Visit.objects.get(pk=visit.pk).day == date(2027, 3, 1)
            assert midtown.day(late) == date(2027, 3, 2)
        buy(sally, bag, late + timedelta(minutes=1), at=midtown)
        assert states_of(sally) == live("2027-03-01", "2027-03-02")

    def test_the_same_visit_sent_again_is_the_same_one(self, huxley, midtown, owner, sally, join):
        bag, late = join(MONTH), at_clock("2027-03-01", "23:00")
        body = a_body(a_line(bag), at=late)
        with inside(huxley):
            first = record_visit(sally, read_basket(body, customer_id=sally.pk), at=midtown, by=None, now=late)
        move(midtown, TOKYO, owner, now=late)
        with inside(huxley):
            again = record_visit(sally, read_basket(body, customer_id=sally.pk), at=midtown, by=None, now=late)
        assert (again.is_again, again.visit.pk, again.visit.day) == (True, first.visit.pk, date(2027, 3, 1))

    @pytest.mark.parametrize(("zone", "counts"), [(HONOLULU, True), (DENVER, True), (TOKYO, False)])
    def test_an_offer_ends_by_the_clock_of_the_location(self, huxley, midtown, owner, sally, join, zone, counts):
        """Half past ten in the evening of its last day in Denver; in Tokyo the day after has long begun."""
        bag = join(OFFER, kind="offer", ends_on=date(2027, 3, 10))
        moment = at_clock("2027-03-10", "22:30")
        move(midtown, zone, owner, now=moment)
        buy(sally, bag, moment, at=midtown, quantity=2)
        with inside(huxley):
            assert Reward.objects.count() == counts

    def test_a_punch_expires_when_its_last_day_is_over_everywhere(self, huxley, midtown, owner, sally, join):
        """Bought on 10 March it counts through 10 April, until that day is over at the last location."""
        bag = join(MONTH)
        buy(sally, bag, at_clock("2027-03-10", "12:00"), at=midtown)
        honolulu = cast.make_location(huxley, name="Beach", time_zone=HONOLULU)
        still = at_clock("2027-04-10", "23:30", HONOLULU)  # in Denver it is 11 April
        with inside(huxley):
            assert (honolulu.day(still), midtown.day(still)) == (date(2027, 4, 10), date(2027, 4, 11))
            expire_here({}, now=still)
            assert states_of(sally) == live("2027-03-10")
            expire_here({}, now=still + timedelta(hours=1))
        assert states_of(sally) == [("2027-03-10", str(PunchState.EXPIRED))]

    def test_a_move_west_gives_a_day_back_and_a_move_east_takes_none_that_was_earned(
        self, huxley, midtown, owner, sally, join
    ):
        bag = join(MONTH)
        for _time in range(3):
            buy(sally, bag, at_clock("2027-03-10", "12:00"), at=midtown)
        with inside(huxley):
            assert Reward.objects.count() == 1
        move(midtown, TOKYO, owner, now=at_clock("2027-03-11", "12:00"))
        with inside(huxley):
            expire_here({}, now=at_clock("2028-01-01", "00:00", TOKYO))
            assert [(card.punches, card.state) for card in Card.objects.all()] == [(3, "full")]


class TestNightsWithAnotherLength:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            (at_clock("2027-03-13", "23:59"), "2027-03-13"),
            (at_clock("2027-03-14", "01:59"), "2027-03-14"),
            (at_clock("2027-03-14", "03:00"), "2027-03-14"),  # a minute after 1:59
            (at_clock("2027-03-14", "23:59"), "2027-03-14"),
            (at_clock("2027-03-15", "00:00"), "2027-03-15"),
            (at_clock("2027-11-07", "01:30"), "2027-11-07"),
            (at_clock("2027-11-07", "01:30", fold=1), "2027-11-07"),  # an hour later, the same time on the clock
            (at_clock("2027-11-07", "23:59"), "2027-11-07"),
            (at_clock("2027-11-08", "00:00"), "2027-11-08"),
        ],
    )
    def test_each_moment_has_its_day(self, huxley, midtown, sally, join, moment, day):
        visit = buy(sally, join(MONTH), moment, at=midtown)
        assert (str(visit.day), states_of(sally)) == (day, live(day))

    def test_the_hour_that_comes_twice_keeps_the_order_of_the_moments(self, huxley, midtown, sally, join):
        """Bought at 1:50, then at 1:10 by the clock that was put back: the second fills after the first."""
        bag = join(RuleOfCard(2))
        first, second = at_clock("2027-11-07", "01:50"), at_clock("2027-11-07", "01:10", fold=1)
        assert second - first == timedelta(minutes=20)
        one, other = (buy(sally, bag, moment, at=midtown) for moment in (first, second))
        with inside(huxley):
            causes = list(Punch.objects.order_by("position").values_list("cause_id", flat=True))
            assert causes == [visit.purchases.get().pk for visit in (one, other)]

    @pytest.mark.parametrize(
        ("bought", "last"),
        [("2027-02-14", "2027-03-14"), ("2027-10-07", "2027-11-07")],
        ids=["the night has 23 hours", "the night has 25 hours"],
    )
    def test_the_last_day_is_whole(self, huxley, midtown, sally, join, bought, last):
        buy(sally, join(MONTH), at_clock(bought, "12:00"), at=midtown)
        last_minute = at_clock(last, "23:59")
        with inside(huxley):
            expire_here({}, now=last_minute)
            assert states_of(sally) == live(bought)
            expire_here({}, now=last_minute + timedelta(minutes=1))
        assert states_of(sally) == [(bought, str(PunchState.EXPIRED))]

    @pytest.mark.parametrize("last", [date(2027, 3, 14), date(2027, 11, 7)])
    def test_an_offer_lasts_its_last_day(self, huxley, midtown, sally, join, last):
        bag = join(OFFER, kind="offer", ends_on=last)
        end = at_clock(str(last), "23:59")
        buy(sally, bag, end, at=midtown, quantity=2)
        buy(sally, bag, end + timedelta(minutes=1), at=midtown, quantity=2)
        with inside(huxley):
            assert Reward.objects.count() == 1


class TestTheYear:
    def test_what_was_bought_on_29_february_lasts_through_28(self, huxley, midtown, sally, join):
        bag = join(YEAR)
        buy(sally, bag, at_clock("2028-02-29", "12:00"), at=midtown)
        with inside(huxley):
            assert expire_punches(today=date(2029, 2, 28)) == 0
            assert [card.punches for card in shown_cards(sally, day=date(2029, 2, 28))] == [1]
            assert expire_punches(today=date(2029, 3, 1)) == 1
        assert states_of(sally) == [("2028-02-29", str(PunchState.EXPIRED))]

    def test_a_month_from_31_january_ends_with_february(self, huxley, midtown, sally, join):
        bag = join(MONTH)
        buy(sally, bag, at_clock("2028-01-31", "12:00"), at=midtown)
        with inside(huxley):
            assert expire_punches(today=date(2028, 2, 29)) == 0
            assert expire_punches(today=date(2028, 3, 1)) == 1

    def test_an_offer_of_29_february_alone(self, huxley, midtown, sally, join):
        bag = join(OFFER, kind="offer", starts_on=date(2028, 2, 29), ends_on=date(2028, 2, 29))
        with inside(huxley):
            counts = []
            for moment in ("2028-02-28", "2028-02-29", "2028-03-01"):
                buy(sally, bag, at_clock(moment, "12:00"), at=midtown, quantity=2)
                counts.append(Reward.objects.count())
        assert counts == [0, 1, 1]

    def test_the_night_of_new_years_eve_parts_two_visits_of_an_offer(self, huxley, midtown, sally, join):
        bag = join(OFFER, kind="offer", ends_on=date(2027, 12, 31))
        midnight = at_clock("2028-01-01", "00:00")
        buy(sally, bag, midnight - timedelta(minutes=1), at=midtown, quantity=2)
        visit = buy(sally, bag, midnight, at=midtown, quantity=2)
        with inside(huxley):
            assert (str(visit.day), Reward.objects.count()) == ("2028-01-01", 1)

    def test_a_year_from_new_years_eve(self, huxley, midtown, sally, join):
        bag = join(YEAR)
        buy(sally, bag, at_clock("2027-12-31", "23:59"), at=midtown)
        with inside(huxley):
            assert expire_punches(today=date(2028, 12, 31)) == 0
            assert expire_punches(today=date(2029, 1, 1)) == 1
