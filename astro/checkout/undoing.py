"""Taking back: units that were not bought, free items that were not given, a whole visit.

The same day anybody at the till may, by the day of the location where it happened; later an administrator. What was
entered late is taken back by anybody on the day on which it was entered. What is taken back stays on record, with who
did it. Doing it a second time changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards import actions as cards
from astro.cards.models import NextStep, Redemption
from astro.cards.queries import holders_of
from astro.checkout.errors import AlreadyPulled, GivenFree, NoSuchUnit, NotToday
from astro.checkout.models import Purchase, UnitVoid, Visit
from astro.checkout.units import given_units, living_units, voided_units
from astro.credits.actions import counter, withdraw
from astro.customers.models import Customer
from astro.programs.engine.terms import Key
from astro.programs.totals import give_back, is_counted
from astro.tenancy.models import Location


@transaction.atomic
def remove_units(
    purchase: Purchase,
    units: Collection[int],
    *,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    is_administrator: bool,
    now: datetime,
) -> None:
    """These units of a purchase (by number, from 1) were not bought. Cards are dealt as if they had never been.

    Raises NotToday, NoSuchUnit, and GivenFree for a unit that was handed out as the free item.
    """
    customers = holders_locked([purchase], purchase.customer_id)
    may_undo(purchase.location, purchase.visit.open_on, is_administrator=is_administrator, now=now)
    if not units or not all(1 <= unit <= purchase.quantity for unit in units):
        raise NoSuchUnit
    wanted = {(purchase.pk, unit) for unit in units}
    if wanted & given_units([purchase]):
        raise GivenFree
    fresh = wanted - voided_units([purchase])
    if fresh:
        remove_now(customers, [purchase], fresh, at=at, by=by, device_id=device_id, now=now)


@transaction.atomic
def undo_redemption(
    redemption: Redemption,
    *,
    next_step: NextStep,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    is_administrator: bool,
    is_settled_later: bool = False,
    now: datetime,
) -> bool:
    """The free item was not given: its reward is ready again, and nobody owes the store for it.

    False where it was taken back before: by now its reward may be given again. Raises NotToday, and AlreadyPulled when
    its credit line is in a batch, unless `is_settled_later`: an administrator lets a counter-line go into the next one.
    """
    may_undo(redemption.location, redemption.day, is_administrator=is_administrator, now=now)
    redemption = _with_lock(redemption)
    if not redemption.is_live:
        return False
    if not withdraw(redemption, now=now):
        if not (is_settled_later and is_administrator):
            raise AlreadyPulled
        counter(redemption, day=redemption.location.day(now), now=now)
    cards.undo_redemption(redemption, next_step=next_step, at=at, by=by, device_id=device_id, now=now)
    if is_counted(redemption.program_card.program, is_practice=redemption.is_practice):
        give_back(redemption.program_card.program_id, cents=redemption.gift_cents or 0)
    record("redemption undone", redemption, by=by, at=at, now=now, device_id=device_id, next_step=str(next_step))
    return True


@transaction.atomic
def undo_visit(
    visit: Visit,
    *,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    is_administrator: bool,
    now: datetime,
) -> None:
    """Everything of a visit taken back: the free items that it gave, then all that it bought. Raises as those do."""
    locked(visit.customer_id)
    for redemption in Redemption.objects.filter(visit_id=visit.pk, is_live=True).order_by("-redeemed_at", "-id"):
        undo_redemption(
            redemption,
            next_step=NextStep.REMOVE,
            at=at,
            by=by,
            device_id=device_id,
            is_administrator=is_administrator,
            now=now,
        )
    rows = Purchase.objects.filter(visit=visit).select_related("location").order_by("id")
    living = living_units(rows)
    purchases = [purchase for purchase in rows if any(purchase_id == purchase.pk for purchase_id, _unit in living)]
    if not purchases:
        return
    for purchase in purchases:
        may_undo(purchase.location, visit.open_on, is_administrator=is_administrator, now=now)
    customers = holders_locked(purchases, visit.customer_id)
    remove_now(customers, purchases, living, at=at, by=by, device_id=device_id, now=now)


def remove_now(
    customers: Sequence[Customer],
    purchases: Sequence[Purchase],
    units: Collection[Key],
    *,
    at: Location,
    by: User | None,
    device_id: int | None,
    correction_id: int | None = None,
    now: datetime,
) -> None:
    """All at once: what takes the place of one of these units must not be another one of them. The caller has judged
    that they may be removed, and locked these customers."""
    by_id = {purchase.pk: purchase for purchase in purchases}
    UnitVoid.objects.bulk_create(
        UnitVoid(
            purchase=by_id[purchase_id],
            unit=unit,
            location=at,
            by=by,
            device_id=device_id,
            voided_at=now,
            day=at.day(now),
            correction_id=correction_id,
        )
        for purchase_id, unit in sorted(units)
    )
    for customer in customers:
        cards.void_units(customer, units, cause_kind="purchase", today=at.day(now))
    counts = Counter(purchase_id for purchase_id, _unit in units)
    for purchase in purchases:
        record("purchase removed", purchase, by=by, at=at, now=now, device_id=device_id, units=counts[purchase.pk])


def holders_locked(purchases: Sequence[Purchase], buyer_id: int) -> list[Customer]:
    """Locked: everybody on whose cards these purchases are. Asked again under the lock, since a merge may have moved
    the punches while this one waited for it."""
    ids = [purchase.pk for purchase in purchases]
    wanted: set[int] = set()
    while not (held := holders_of("purchase", ids) or {buyer_id}) <= wanted:
        wanted |= held
        customers = [locked(customer_id) for customer_id in sorted(wanted)]
    return customers


def _with_lock(redemption: Redemption) -> Redemption:
    """As it stands under the lock of its customer, who may be another one since two accounts were merged."""
    customer_id = redemption.customer_id
    while True:
        locked(customer_id)
        row: Redemption = Redemption.objects.select_related("customer").get(pk=redemption.pk)
        if row.customer_id == customer_id:
            return row
        customer_id = row.customer_id


def locked(customer_id: int) -> Customer:
    """The customer, and nobody else writes to their cards until the transaction ends."""
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    return customer


def may_undo(location: Location, day: date, *, is_administrator: bool, now: datetime) -> None:
    """Raises NotToday where it was on an earlier day of its location, for anybody but an administrator."""
    if not is_administrator and location.day(now) != day:
        raise NotToday
