"""Purchases that are entered after their day: from when on, by whom, and how they are written.

A receipt was set aside while Astro could not be reached, or forgotten. It is entered with its real date and time, and
counts as if it had come then: under the rules and enrollments of that day, before what was bought later, and with the
months of its punches counted from that day. Cards are dealt again with it in its place; only what a reward was handed
out for stays where it is. The visit says that it came late, and its `LateEntry` says why.

A late entry offers no reward to choose: what it fills waits on the card until the customer is at the till. So it is
finished the moment it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.checkout.actions import Refused, record_visit
from astro.checkout.basket import Answer, Basket, Line, fingerprint_of, told_answers
from astro.checkout.errors import EnteredBefore, NoSuchTime, NotYet, TooLongAgo
from astro.checkout.fields.judging import Asking
from astro.checkout.models import LateEntry, LateLimits, LateWhy, PaperCard, Source, Visit
from astro.customers.models import Customer
from astro.tenancy.models import Location

NOON: Final = time(12)

WHYS: Final = (LateWhy.OUTAGE, LateWhy.FORGOTTEN, LateWhy.WRONG_CUSTOMER, LateWhy.OTHER)
"""What a person may choose; the others are said by what was done."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was bought. `is_noon`: no time was told. `came_twice`: the clocks went back, the first is it."""

    at: datetime
    day: date
    is_noon: bool = False
    came_twice: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A late visit that stands. `is_again`: it stood already."""

    visit: Visit
    is_again: bool = False


def late_limits() -> LateLimits:
    """How far back people may go in this retailer; unsaved defaults where it has not said."""
    limits: LateLimits | None = LateLimits.objects.first()
    return limits or LateLimits()


def days_back(limits: LateLimits, *, is_administrator: bool) -> int:
    return limits.administrator_days if is_administrator else limits.cashier_days


def first_day(*, at: Location, is_administrator: bool, now: datetime) -> date:
    """The earliest day of which this person may enter a purchase, by the location's calendar."""
    return at.day(now) - timedelta(days=days_back(late_limits(), is_administrator=is_administrator))


def moment_of(day: date, told: time | None, *, at: Location) -> Moment:
    """When it was at that location. Without a time, noon of that day is meant. Raises NoSuchTime."""
    wall = datetime.combine(day, told or NOON)
    first, second = (wall.replace(tzinfo=at.time_zone, fold=fold) for fold in (0, 1))
    moment = first.astimezone(UTC)
    if told is None:
        return Moment(moment, day, is_noon=True)
    if moment.astimezone(at.time_zone).replace(tzinfo=None) != wall:
        raise NoSuchTime(day=day, told=told, place=at.name)
    return Moment(moment, day, came_twice=first.utcoffset() != second.utcoffset())


def check_moment(moment: Moment, *, at: Location, is_administrator: bool, now: datetime) -> None:
    """Raises as `check_day`, and NotYet for later today."""
    check_day(moment.day, at=at, is_administrator=is_administrator, now=now)
    if moment.at > now:
        raise NotYet(field="time")


def check_day(day: date, *, at: Location, is_administrator: bool, now: datetime) -> None:
    """Raises NotYet for the future, and TooLongAgo for what lies before the first day of this person's role."""
    if day > at.day(now):
        raise NotYet
    limits = late_limits()
    days = days_back(limits, is_administrator=is_administrator)
    earliest = at.day(now) - timedelta(days=days)
    if day < earliest:
        raise TooLongAgo(first_day=earliest, days=days, who_can=_who_can(limits, is_administrator=is_administrator))


def lines_of(key: UUID, wanted: Sequence[tuple[int, int]]) -> tuple[Line, ...]:
    """Lines of these products and quantities, with keys that follow from the visit's."""
    return tuple(
        Line(uuid5(key, f"line {number}"), product_id, quantity)
        for number, (product_id, quantity) in enumerate(wanted, start=1)
    )


@transaction.atomic
def enter_late(
    customer: Customer,
    lines: Sequence[Line],
    *,
    key: UUID,
    occurred_at: datetime,
    why: LateWhy,
    note: str = "",
    reason: str = "",
    reason_text: str = "",
    answers: Sequence[Answer] = (),
    asking: Asking = Asking.IF_THEY_LIKE,
    paper_card: PaperCard | None = None,
    as_of: Visit | None = None,
    onto: int | None = None,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    now: datetime,
) -> Entered:
    """Write down a purchase of an earlier moment, exactly once for its key, and why it comes late.

    The caller has judged the moment (`check_moment`). Nobody must answer the store's own fields for it, but an answer
    that does not fit raises Unfit, unless `asking` says that nobody can be asked. `as_of` and `onto` as `record_visit`
    has them. Raises EnteredBefore where the key stands with another body, BadVisit for a product that is in no
    catalogue, and Customer.DoesNotExist.
    """
    told = [
        str(customer.pk),
        occurred_at.isoformat(),
        [
            [str(line.key), line.product_id, line.quantity, *([] if line.paid_cents is None else [line.paid_cents])]
            for line in lines
        ],
        [str(why), note, reason, reason_text],
        *([told_answers(answers)] if answers else []),
        *([str(onto)] if onto is not None else []),
    ]
    declined = tuple(as_of.declined) if as_of else ()
    basket = Basket(key, occurred_at, tuple(lines), fingerprint_of(told), reason, reason_text, tuple(answers), declined)
    done = record_visit(
        customer,
        basket,
        at=at,
        by=by,
        device_id=device_id,
        source=Source.LATE,
        is_dated=True,
        asking=asking,
        as_of=as_of,
        onto=onto,
        now=now,
    )
    if isinstance(done, Refused):
        raise EnteredBefore
    if done.is_again:
        return Entered(done.visit, is_again=True)
    entry = LateEntry(visit=done.visit, location=at, why=why, note=note, paper_card=paper_card, entered_at=now)
    entry.save(force_insert=True)
    record(
        "purchase entered late",
        done.visit,
        by=by,
        at=at,
        now=now,
        device_id=device_id,
        why=str(why),
        days=(at.day(now) - done.visit.day).days,
    )
    return Entered(done.visit)


@transaction.atomic
def write_late_limits(
    *, administrator_days: int, cashier_days: int, by: User, at: Location, now: datetime
) -> LateLimits:
    """Settle how far back people may go, for what is entered from now on."""
    told = {"administrator_days": administrator_days, "cashier_days": cashier_days}
    LateLimits.objects.bulk_create([LateLimits()], ignore_conflicts=True)  # two first times at once make one row
    limits: LateLimits = LateLimits.objects.select_for_update().get()
    changed = [name for name, value in told.items() if getattr(limits, name) != value]
    if changed:
        for name in changed:
            setattr(limits, name, told[name])
        limits.save(update_fields=changed)
        record("late limits changed", limits, by=by, at=at, now=now, fields=changed)
    return limits


def _who_can(limits: LateLimits, *, is_administrator: bool) -> str:
    """Who may go back further than this person, in a sentence."""
    if is_administrator:
        return _("Administrators can change this under Actions, Late entries.")
    if limits.administrator_days > limits.cashier_days:
        return _("An administrator of your store can enter older ones: %(days)s days back.") % {
            "days": limits.administrator_days
        }
    return ""
