"""Auto-enrollment: what is joined by itself, once, where the store chose so, and what never is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Brand, Distributor
from astro.kit.append_only import RowIsFinal
from astro.kit.errors import DomainError
from astro.kit.models import OutboxRow
from astro.programs.actions import change_distributor, enroll, take_back, unenroll
from astro.programs.automatic.actions import choose, enroll_due, leave, stop
from astro.programs.automatic.choices import standing_choices
from astro.programs.jobs import auto_enroll_everywhere, auto_enroll_here, look_for_choices
from astro.programs.models import AutoEnrollment, DistributorAccount, Enrollment, Kind, Program
from astro.tenancy.features import OFFERS, switch_off
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.checkout.test_races import at_once

NOW = cast.NOW
TODAY = date(2026, 11, 20)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def offer(northpaw: Brand, paws: Distributor) -> Callable[..., Program]:
    def make(title: str = "November offer", **told: Any) -> Program:
        settled = {"kind": Kind.OFFER, "ends_on": TODAY + timedelta(days=20), "carriers": [paws], "brand": northpaw}
        return cast.make_program(title=title, **{**settled, **told})

    return make


def joined() -> list[tuple[str, str, str | None, str, date]]:
    rows = Enrollment.objects.filter(until_on__isnull=True, came_by__isnull=False)
    rows = rows.order_by("program__title", "location__name")
    return list(rows.values_list("program__title", "location__name", "distributor__name", "account_number", "from_on"))


def test_what_is_open_is_joined_at_once_and_what_comes_later_by_the_clock(
    huxley: Retailer,
    midtown: Location,
    riverside: Location,
    owner: User,
    northpaw: Brand,
    paws: Distributor,
    offer: Any,
) -> None:
    first = offer("First")
    offer("Coming", starts_on=TODAY + timedelta(days=9), ends_on=TODAY + timedelta(days=30))
    offer("Over", ends_on=TODAY - timedelta(days=1))
    offer("Of another brand", brand=cast.make_brand())
    offer("No offer", kind=Kind.FREQUENT_BUYER)
    offer("Asked for", is_private=True)
    with cast.inside(huxley):
        choice, made = choose(
            northpaw, distributor=paws, numbers={midtown.pk: "M1", riverside.pk: "R1"}, by=owner, now=NOW
        )
        soon = TODAY + timedelta(days=9)
        expected = [
            ("Coming", "Midtown", paws.name, "M1", soon),
            ("Coming", "Riverside", paws.name, "R1", soon),
            ("First", "Midtown", paws.name, "M1", TODAY),
            ("First", "Riverside", paws.name, "R1", TODAY),
        ]
        assert (len(made), joined()) == (4, expected)
        assert {row.enrolled_by for row in made} == {owner}
        assert enroll_due(now=LATER) == []
    later = offer("Later", fulfilment="direct", carriers=[])
    with cast.inside(huxley):
        assert [row.program for row in enroll_due(now=LATER)] == [later, later]
        assert enroll_due(now=LATER) == []
        told = Event.objects.filter(name="program enrolled").order_by("id").values_list("by_user_id", "facts")
        assert {by for by, _facts in told} == {None}
        assert {facts["auto_enrollment_id"] for _by, facts in told} == {choice.pk}
        assert Event.objects.filter(name="program enrolled", facts__program_id=first.pk).count() == 2


def test_a_location_that_opens_later_is_among_all_and_not_among_some(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, paws: Distributor, offer: Any
) -> None:
    other = cast.make_brand()
    offer("All"), offer("Some", brand=other)
    with cast.inside(huxley):
        choose(northpaw, by=owner, now=NOW)
        choose(other, places={midtown: None}, by=owner, now=NOW)
    cast.make_location(huxley, name="New")
    with cast.inside(huxley):
        enroll_due(now=LATER)
        assert [row[:2] for row in joined()] == [
            ("All", "Midtown"),
            ("All", "New"),
            ("All", "Riverside"),
            ("Some", "Midtown"),
        ]


def test_nothing_that_a_person_did_is_undone(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, northpaw: Brand, offer: Any
) -> None:
    left, taken, kept, by_hand = (offer(title) for title in ("Left", "Taken", "Kept", "By hand"))
    with cast.inside(huxley):
        mine = enroll(midtown, program=by_hand, distributor=None, by=owner, now=NOW)
        _choice, made = choose(northpaw, places={midtown: None}, by=owner, now=NOW)
        rows = {row.program: row for row in made}
        assert set(rows) == {left, taken, kept}
        unenroll(rows[left], by=owner, now=NOW)
        take_back(rows[taken], by=owner, now=NOW)
        assert enroll_due(now=LATER) == []
        assert [row[0] for row in joined()] == ["Kept"]
        mine.refresh_from_db()
        assert (mine.came_by, mine.until_on) == (None, None)
        # Stopped and chosen anew, for more places: what was left there stays left.
        assert stop(northpaw, by=owner, now=LATER) is True
        choose(northpaw, by=owner, now=LATER)
        assert [row[:2] for row in joined()] == [
            ("By hand", "Riverside"),
            ("Kept", "Midtown"),
            ("Kept", "Riverside"),
            ("Left", "Riverside"),
            ("Taken", "Riverside"),
        ]


def test_stopping_leaves_what_is_enrolled_and_joins_nothing_more(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, offer: Any
) -> None:
    offer("First")
    with cast.inside(huxley):
        assert stop(northpaw, by=owner, now=NOW) is False
        choose(northpaw, places={midtown: None}, by=owner, now=NOW)
        assert stop(northpaw, by=owner, now=LATER) is True
        assert stop(northpaw, by=owner, now=LATER) is False
    offer("Second")
    with cast.inside(huxley):
        assert enroll_due(now=LATER) == []
        assert [row[0] for row in joined()] == ["First"]
        assert [row.is_on for row in AutoEnrollment.objects.order_by("id")] == [True, False]
        with pytest.raises(RowIsFinal):
            AutoEnrollment.objects.update(is_on=True)
        names = Event.objects.filter(about_kind="programs.autoenrollment").order_by("id").values_list("name", flat=True)
        assert list(names) == ["auto-enrollment chosen", "auto-enrollment stopped"]
    assert look_for_choices({}, now=LATER) == []


def test_the_same_choice_writes_no_second_row_and_another_one_holds_from_then_on(
    huxley: Retailer,
    midtown: Location,
    riverside: Location,
    owner: User,
    northpaw: Brand,
    paws: Distributor,
    offer: Any,
) -> None:
    offer("First")
    with cast.inside(huxley):
        once, _made = choose(northpaw, places={midtown: None}, by=owner, now=NOW)
        again, made = choose(northpaw, places={midtown: None}, by=owner, now=LATER)
        assert (again, made, AutoEnrollment.objects.count()) == (once, [], 1)
        more, made = choose(
            northpaw, places={midtown: paws, riverside: None}, numbers={midtown.pk: "7"}, by=owner, now=LATER
        )
        assert (standing_choices()[northpaw.pk], [row.location for row in made]) == (more, [riverside])
        assert joined()[0][:3] == ("First", "Midtown", None), "what is enrolled keeps who pays"
    offer("Second")
    with cast.inside(huxley):
        enroll_due(now=LATER)
        assert [row[:4] for row in joined() if row[0] == "Second"] == [
            ("Second", "Midtown", paws.name, "7"),
            ("Second", "Riverside", None, ""),
        ]


def test_who_does_not_pay_lets_it_wait_in_temporary_holding(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, paws: Distributor, offer: Any
) -> None:
    offer("Carried"), offer("Not carried", carriers=[])
    with cast.inside(huxley):
        choose(northpaw, places={midtown: paws}, numbers={midtown.pk: "M1"}, by=owner, now=NOW)
        assert [row[:4] for row in joined()] == [
            ("Carried", "Midtown", paws.name, "M1"),
            ("Not carried", "Midtown", None, ""),
        ]
        DistributorAccount.objects.all().delete()
    offer("No number")
    with cast.inside(huxley):
        enroll_due(now=LATER)
        assert joined()[1][:4] == ("No number", "Midtown", None, "")
    with cast.platform("it delivers there no longer"):
        paws.served_regions.all().delete()
    offer("Not served")
    with cast.inside(huxley):
        enroll_due(now=LATER)
        assert ("Not served", "Midtown", None, "", TODAY) in joined()


def test_what_cannot_be_chosen_is_refused_and_nothing_is_written(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, paws: Distributor, offer: Any
) -> None:
    offer("First")
    far = cast.make_location(huxley, name="Far", region="CA")
    for told, sentence in [
        ({"places": {}}, "Choose at least one location"),
        ({"places": {far: paws}, "numbers": {far.pk: "1"}}, "does not deliver to Far"),
        ({"places": {midtown: paws}}, "Copy it from one of their invoices"),
        ({"places": {midtown: paws}, "numbers": {midtown.pk: "48#"}}, "Type it as on the invoice"),
        ({"distributor": paws, "numbers": {midtown.pk: "1"}}, "does not deliver to Far"),
    ]:
        with cast.inside(huxley), pytest.raises(DomainError, match=sentence):
            choose(northpaw, **told, by=owner, now=NOW)
    with cast.inside(huxley):
        assert (AutoEnrollment.objects.count(), Enrollment.objects.count()) == (0, 0)
        assert not DistributorAccount.objects.exists()


def test_an_account_without_offers_joins_none(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, offer: Any
) -> None:
    with cast.inside(huxley):
        choose(northpaw, places={midtown: None}, by=owner, now=NOW)
        switch_off(OFFERS, now=NOW)
    offer("First")
    with cast.inside(huxley):
        assert enroll_due(now=LATER) == []


def test_the_mark_goes_along_with_another_distributor_and_not_with_joining_again(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, paws: Distributor, offer: Any
) -> None:
    first = offer("First")
    with cast.inside(huxley):
        choice, made = choose(northpaw, places={midtown: None}, by=owner, now=NOW)
        changed = change_distributor(made[0], distributor=paws, account_number="7", by=owner, now=LATER)
        assert changed.came_by == choice
        assert [row.pk for row in leave(first, by=owner, now=LATER)] == [changed.pk]
        assert leave(first, by=owner, now=LATER) == []
        again = enroll(midtown, program=first, distributor=None, by=owner, now=LATER + timedelta(days=2))
        assert again.came_by is None


def test_the_clock_comes_to_every_store_that_chose_and_to_no_other(
    huxley: Retailer,
    midtown: Location,
    otherpaws: Retailer,
    elsewhere: Location,
    owner: User,
    other_owner: User,
    northpaw: Brand,
    offer: Any,
) -> None:
    third = cast.make_retailer()
    cast.make_location(third)
    for store, place, person in ((huxley, midtown, owner), (otherpaws, elsewhere, other_owner)):
        with cast.inside(store):
            choose(northpaw, places={place: None}, by=person, now=NOW)
    offer("First")
    assert look_for_choices({}, now=LATER) == sorted([huxley.pk, otherpaws.pk])
    with cast.platform("as the worker does"):
        for _twice in range(2):
            auto_enroll_everywhere({}, seen=look_for_choices({}, now=LATER), now=LATER)
    rows = list(OutboxRow.objects.filter(kind="programs.auto_enroll_here").order_by("retailer_id"))
    assert [row.retailer_id for row in rows] == sorted([huxley.pk, otherpaws.pk]), "once for the hour"
    for store in (huxley, otherpaws):
        with cast.inside(store):
            for _twice in range(2):
                auto_enroll_here({}, now=LATER)
            assert [row[0] for row in joined()] == ["First"]
    with cast.inside(third):
        assert joined() == []


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
def test_the_clock_twice_and_a_hand_at_once_join_each_offer_once(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, northpaw: Brand, offer: Any
) -> None:
    with cast.inside(huxley):
        choose(northpaw, by=owner, now=NOW)
    first, second = offer("First"), offer("Second")

    def clock() -> int:
        with cast.inside(huxley):
            return len(enroll_due(now=LATER))

    def hand() -> int:
        with cast.inside(huxley):
            try:
                enroll(midtown, program=first, distributor=None, by=owner, now=LATER)
            except DomainError:
                return 0
            return 1

    assert sum(at_once([clock, hand, clock, hand, clock])) == 4
    with cast.inside(huxley):
        cells = Enrollment.objects.values_list("program", "location")
        assert sorted(cells) == sorted((one.pk, place.pk) for one in (first, second) for place in (midtown, riverside))


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
def test_stopping_while_the_clock_acts_joins_all_or_nothing(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, northpaw: Brand, offer: Any
) -> None:
    with cast.inside(huxley):
        choose(northpaw, by=owner, now=NOW)
    offer("First"), offer("Second")

    def within(act: Callable[[], Any]) -> Callable[[], int]:
        def task() -> int:
            with cast.inside(huxley):
                act()
            return 0

        return task

    at_once([within(lambda: enroll_due(now=LATER)), within(lambda: stop(northpaw, by=owner, now=LATER))])
    with cast.inside(huxley):
        assert len(joined()) in (0, 4)
        assert standing_choices()[northpaw.pk].is_on is False
