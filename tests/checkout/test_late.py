"""A purchase that is entered after its day counts as of its day, once, and says that it came late."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from astro.activity.models import Event
from astro.cards.models import Card, Punch, PunchState, Reward
from astro.checkout.errors import BadVisit, EnteredBefore, NoSuchTime, NotYet, TooLongAgo
from astro.checkout.finishing import seal_left_open
from astro.checkout.late import (
    check_moment,
    enter_late,
    first_day,
    late_limits,
    lines_of,
    moment_of,
    write_late_limits,
)
from astro.checkout.models import KeptVisit, LateEntry, LateLimits, LateWhy, Purchase, Sealing, Source, Visit
from astro.kit.ids import new_uuid7
from astro.programs.actions import add_version
from astro.programs.models import ProgramCard
from astro.programs.rules import RuleOfCard
from tests.cast import NOW, inside, make_enrollment, make_location, make_product, make_program
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


def late(counter, days, quantity=1, *, product=None, key=None, why=LateWhy.OUTAGE, note="", now=None, **told):
    """So many units of a product, bought that many days ago."""
    key = key or new_uuid7(NOW)
    with inside(counter.at.retailer):
        return enter_late(
            counter.customer,
            lines_of(key, [((product or counter.bag).pk, quantity)]),
            key=key,
            occurred_at=(now or counter.now) - timedelta(days=days),
            why=why,
            note=note,
            at=counter.at,
            by=counter.by,
            now=now or counter.now,
            **told,
        )


def test_it_counts_on_its_day_and_says_who_entered_it_when_and_why(counter):
    done = late(counter, 10, 2, note="receipt 4711")
    with inside(counter.at.retailer):
        visit = Visit.objects.get()
        assert (visit.source, visit.by, visit.recorded_at, visit.day) == (
            Source.LATE, counter.by, counter.now, date(2026, 11, 10),
        )  # fmt: skip
        entry = LateEntry.objects.get()
        assert (entry.visit, entry.why, entry.note, entry.entered_at) == (visit, "outage", "receipt 4711", counter.now)
        assert [punch.day for punch in Punch.objects.all()] == [visit.day] * 2
        assert Event.objects.get(name="purchase entered late").facts == {"why": "outage", "days": 10}
    assert done.visit == visit
    assert not done.is_again
    assert counter.rounds() == [(1, 2, "open")]
    assert recounted(now=counter.now)[0] == []


def test_the_same_again_counts_once_and_another_under_its_key_is_refused(counter):
    key = new_uuid7(NOW)
    first = late(counter, 3, key=key)
    again = late(counter, 3, key=key)
    assert (again.is_again, again.visit) == (True, first.visit)
    with pytest.raises(EnteredBefore):
        late(counter, 3, 2, key=key)
    with inside(counter.at.retailer):
        assert (Visit.objects.count(), LateEntry.objects.count(), KeptVisit.objects.count()) == (1, 1, 0)
    assert counter.rounds() == [(1, 1, "open")]


def test_an_item_of_no_catalogue_is_refused_and_nothing_is_written(counter, otherpaws):
    stranger = make_product(retailer=otherpaws)
    with pytest.raises(BadVisit):
        late(counter, 3, product=stranger)
    with inside(counter.at.retailer):
        assert (Visit.objects.count(), LateEntry.objects.count()) == (0, 0)


def test_a_card_that_it_fills_waits_for_the_till(counter):
    counter.buy(2)
    done = late(counter, 5)
    assert counter.rounds() == [(1, 3, "full")]
    assert done.visit.has_offer is False  # nobody stands at the till with it: no second screen, nothing left open
    with inside(counter.at.retailer):
        assert Reward.objects.get().state == "ready"
        assert seal_left_open(now=counter.now + timedelta(days=3)) == 0
        assert not Sealing.objects.exists()
    today = counter.buy(1)
    assert today.has_offer
    counter.finish(today)
    assert recounted(now=counter.now)[0] == []


def test_it_takes_its_place_before_what_was_bought_later(counter):
    first = counter.buy(3)
    late(counter, 5)
    assert counter.rounds() == [(1, 3, "full"), (2, 1, "open")]
    with inside(counter.at.retailer):
        on_second = Punch.objects.get(card__number=2)
        assert Purchase.objects.get(pk=on_second.cause_id).visit_id == first.pk


def test_what_a_reward_was_handed_out_for_stays(counter):
    visit = counter.buy(3)
    counter.finish(visit)
    late(counter, 5)
    assert counter.rounds() == [(1, 3, "redeemed"), (2, 1, "open")]
    assert recounted(now=counter.now)[0] == []


def test_a_punch_whose_months_are_over_is_expired_at_once(midtown, owner):
    counter = Counter(midtown, owner)
    soon = make_product(name="Fresh")
    program = make_program(products=[soon], rule=RuleOfCard(3, 1, "any", "none", 1))
    make_enrollment(midtown, program=program, by=owner)
    late(counter, 45, 2, product=soon)
    late(counter, 10, 1, product=soon)
    with inside(midtown.retailer):
        states = Punch.objects.order_by("day").values_list("state", flat=True)
        assert list(states) == [PunchState.EXPIRED, PunchState.EXPIRED, PunchState.LIVE]
    assert recounted(now=NOW)[0] == []


def test_a_round_that_was_full_in_its_time_stays_full_though_its_months_are_over(midtown, owner):
    counter = Counter(midtown, owner)
    soon = make_product(name="Fresh")
    program = make_program(products=[soon], rule=RuleOfCard(3, 1, "any", "none", 1))
    make_enrollment(midtown, program=program, by=owner)
    late(counter, 45, 3, product=soon)
    with inside(midtown.retailer):
        assert Reward.objects.get().state == "ready"
        assert Card.objects.get().state == "full"


def test_only_what_the_location_was_enrolled_in_that_day_counts(midtown, owner):
    counter = Counter(midtown, owner)
    fresh = make_product(name="New brand")
    program = make_program(products=[fresh])
    make_enrollment(midtown, program=program, by=owner, from_on=date(2026, 11, 15))
    late(counter, 6, product=fresh)
    late(counter, 5, product=fresh)
    with inside(midtown.retailer):
        assert [punch.day for punch in Punch.objects.all()] == [date(2026, 11, 15)]
        assert Purchase.objects.count() == 2
    assert recounted(now=NOW)[0] == []


def test_the_rule_of_its_day_holds(midtown, owner):
    counter = Counter(midtown, owner)
    wash = make_product(retailer=midtown.retailer)
    own = make_program(products=[wash], retailer=midtown.retailer, rule=RuleOfCard(2, 1))
    make_enrollment(midtown, program=own, by=owner)
    with inside(midtown.retailer):
        card = ProgramCard.objects.get(program=own)
        add_version(own, rules={card: RuleOfCard(5, 1)}, from_on=date(2026, 11, 15))
    late(counter, 7, product=wash)
    with inside(midtown.retailer):
        assert Card.objects.get().need == 2


LIMITS = [
    # days ago, administrator, refused
    (0, False, None), (2, False, None), (3, False, TooLongAgo), (-1, False, NotYet),
    (2, True, None), (30, True, None), (31, True, TooLongAgo), (-1, True, NotYet),
]  # fmt: skip


@pytest.mark.parametrize(("days", "is_administrator", "refused"), LIMITS)
def test_how_far_back_a_person_may_go(midtown, days, is_administrator, refused):
    moment = moment_of(TODAY - timedelta(days=days), time(9, 30), at=midtown)
    told = {"at": midtown, "is_administrator": is_administrator, "now": NOW}
    with inside(midtown.retailer):
        if refused is None:
            check_moment(moment, **told)
            return
        with pytest.raises(refused) as problem:
            check_moment(moment, **told)
    if refused is TooLongAgo:
        assert ("October 21" if is_administrator else "November 18") in str(problem.value)
        assert ("Actions" if is_administrator else "administrator of your store") in str(problem.value)


def test_the_limit_is_what_the_store_says_and_defaults_before(midtown, owner):
    told = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        assert (late_limits().administrator_days, late_limits().cashier_days) == (30, 2)
        write_late_limits(administrator_days=60, cashier_days=0, **told)
        write_late_limits(administrator_days=60, cashier_days=0, **told)
        assert LateLimits.objects.count() == 1
        assert Event.objects.get(name="late limits changed").facts == {"fields": ["administrator_days", "cashier_days"]}
        assert first_day(at=midtown, is_administrator=True, now=NOW) == date(2026, 9, 21)
        assert first_day(at=midtown, is_administrator=False, now=NOW) == TODAY
        yesterday = moment_of(TODAY - timedelta(days=1), None, at=midtown)
        with pytest.raises(TooLongAgo):
            check_moment(yesterday, at=midtown, is_administrator=False, now=NOW)


def test_days_are_those_of_the_location(huxley):
    """Two in the morning in Montana is still the day before in Hawaii."""
    honolulu = make_location(huxley, region="HI", time_zone="Pacific/Honolulu")
    now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with inside(huxley):
        assert first_day(at=honolulu, is_administrator=False, now=now) == date(2026, 11, 17)
        with pytest.raises(NotYet):
            check_moment(moment_of(TODAY, None, at=honolulu), at=honolulu, is_administrator=True, now=now)


def test_later_today_is_the_future(midtown):
    with inside(midtown.retailer), pytest.raises(NotYet) as problem:
        check_moment(moment_of(TODAY, time(10, 1), at=midtown), at=midtown, is_administrator=True, now=NOW)
    assert problem.value.field == "time"


CLOCKS = [
    # day, told, moment in UTC, no time told, came twice
    (date(2026, 11, 10), time(9, 30), datetime(2026, 11, 10, 16, 30, tzinfo=UTC), False, False),
    (date(2026, 11, 10), None, datetime(2026, 11, 10, 19, 0, tzinfo=UTC), True, False),
    (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 7, 30, tzinfo=UTC), False, True),  # the first of two
    (date(2026, 11, 1), time(2, 0), datetime(2026, 11, 1, 9, 0, tzinfo=UTC), False, False),
    (date(2026, 3, 8), time(3, 0), datetime(2026, 3, 8, 9, 0, tzinfo=UTC), False, False),
]


@pytest.mark.parametrize(("day", "told", "moment", "is_noon", "came_twice"), CLOCKS)
def test_the_receipts_time_is_that_of_the_locations_clock(midtown, day, told, moment, is_noon, came_twice):
    found = moment_of(day, told, at=midtown)
    assert (found.at, found.day, found.is_noon, found.came_twice) == (moment, day, is_noon, came_twice)


@pytest.mark.parametrize("told", [time(2, 0), time(2, 30), time(2, 59)])
def test_a_time_that_the_clocks_skipped_is_refused(midtown, told):
    with pytest.raises(NoSuchTime, match="went forward") as problem:
        moment_of(date(2026, 3, 8), told, at=midtown)
    assert problem.value.field == "time"
