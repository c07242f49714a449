"""How each wish is carried out. The customers are locked, and everything is judged before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any
from uuid import UUID, uuid5

from astro.accounts.models import User
from astro.cards import actions as cards
from astro.cards.models import Card, Punch, PunchState, Redemption, Reward, RewardState
from astro.catalog.models import Product
from astro.checkout.basket import MOST_UNITS, Line
from astro.checkout.corrections.moved import Moved
from astro.checkout.corrections.wishes import Add, Change, Move, PutBack, Remove, Return, Split, Transfer, Wish
from astro.checkout.errors import (
    CannotSplit,
    CannotTransfer,
    GivenFree,
    GivenInVisit,
    NoSuchUnit,
    NotForCashiers,
    NothingWrong,
    SameCustomer,
    unknown_products,
)
from astro.checkout.late import check_moment, enter_late
from astro.checkout.models import LateWhy, Purchase, Spent, UnitVoid, Visit, VoidUndo
from astro.checkout.undoing import may_undo, remove_now
from astro.checkout.units import given_units, living_units, voided_units
from astro.customers.models import Customer
from astro.kit.ids import new_ids
from astro.programs.engine.terms import Key
from astro.programs.models import Piles
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Hands:
    """Who puts right, where and when; `customers` are all that it may touch, locked."""

    key: UUID
    correction_id: int
    customers: Sequence[Customer]
    at: Location
    by: User
    device_id: int | None
    is_administrator: bool
    note: str
    now: datetime

    @property
    def who(self) -> dict[str, Any]:
        return {"at": self.at, "by": self.by, "device_id": self.device_id, "now": self.now}

    def may_still(self, visit: Visit) -> None:
        """Raises NotToday for a cashier, when it is of an earlier day."""
        may_undo(visit.location, visit.open_on, is_administrator=self.is_administrator, now=self.now)

    def insist_on_administrator(self) -> None:
        if not self.is_administrator:
            raise NotForCashiers


@singledispatch
def act(wish: Wish, hands: Hands) -> Moved:
    """Do it, and say what it moved. Raises what `errors.py` has for what cannot be so."""
    raise TypeError(f"Nobody knows how to do {wish!r}.")


@act.register
def remove(wish: Remove, hands: Hands) -> Moved:
    hands.may_still(wish.purchase.visit)
    return Moved(voids=_void(wish.purchase, wish.units, hands))


@act.register
def take_goods_back(wish: Return, hands: Hands) -> Moved:
    """Anybody at the till may: goods come back on any day. Punches of cards in progress go; those of a card whose
    reward waits go too, and with them the reward, unless later punches fill the card; of a spent one `wish.spent` says
    whether another takes its place at once, or the card waits for the next purchase."""
    keys = {(wish.purchase.pk, unit) for unit in wish.units}
    owed: dict[int, datetime | None] = {}
    if wish.spent == Spent.OWED:
        owed = {card.pk: card.owed_from for card in _pinned_cards_with(keys)}
        cards.owe_from(dict.fromkeys(owed, hands.now))
    return Moved(voids=_void(wish.purchase, wish.units, hands), owed=owed)


@act.register
def put_back(wish: PutBack, hands: Hands) -> Moved:
    hands.may_still(wish.purchase.visit)
    keys = _checked(wish.purchase, wish.units)
    if not keys <= voided_units([wish.purchase]):
        raise NothingWrong
    restore(sorted(keys), hands)
    return Moved(put_back=sorted(keys))


@act.register
def change(wish: Change, hands: Hands) -> Moved:
    """The old units are taken back and others entered in their place, at the same moment and place. Where only the
    quantity was wrong, those that were right stay."""
    purchase, visit = wish.purchase, wish.purchase.visit
    hands.may_still(visit)
    living = sorted(unit for _pk, unit in living_units([purchase]))
    if not 1 <= wish.quantity <= MOST_UNITS:
        raise NoSuchUnit
    is_same = wish.product_id == purchase.product_id and wish.paid_cents in (None, purchase.paid_cents)
    if is_same and wish.quantity == len(living):
        raise NothingWrong
    if not Product.objects.filter(pk=wish.product_id).exists():
        raise unknown_products(1)
    staying = min(wish.quantity, len(living)) if is_same else 0
    gone = living[staying:]
    moved = Moved(voids=_void(purchase, gone, hands) if gone else [])
    if wish.quantity > staying:
        line = Line(uuid5(hands.key, "line"), wish.product_id, wish.quantity - staying, wish.paid_cents)
        moved.visits.append(_enter(visit.customer, [line], hands, as_of=visit))
    return moved


@act.register
def move(wish: Move, hands: Hands) -> Moved:
    """Everything that still counts of the visit is taken back, and entered for the other customer."""
    visit = wish.visit
    hands.may_still(visit)
    if wish.to.pk == visit.customer_id:
        raise SameCustomer
    purchases = list(Purchase.objects.filter(visit=visit).order_by("id"))
    if given_units(purchases) or Redemption.objects.filter(visit_id=visit.pk, is_live=True).exists():
        raise GivenInVisit
    living = living_units(purchases)
    lines = []
    for place, row in enumerate(purchases):
        quantity = sum(purchase_id == row.pk for purchase_id, _unit in living)
        if quantity:
            lines.append(Line(uuid5(hands.key, f"line {place}"), row.product_id, quantity, row.paid_cents))
    if not lines:
        raise NothingWrong
    remove_now(hands.customers, _with(purchases, living), living, correction_id=hands.correction_id, **hands.who)
    return Moved(voids=sorted(living), visits=[_enter(wish.to, lines, hands, as_of=visit)])


@act.register
def transfer(wish: Transfer, hands: Hands) -> Moved:
    """All punches of the card become the other customer's, with the days on which they were bought, and count there as
    if they had bought them. What was bought when, and by whom, stays written as it was."""
    hands.insist_on_administrator()
    card, giver = wish.card, wish.card.customer
    if wish.to.pk == giver.pk:
        raise SameCustomer
    if wish.to.is_practice != giver.is_practice:
        raise CannotTransfer.of_practice()
    if Reward.objects.filter(card=card, state=RewardState.REDEEMED).exists():
        raise CannotTransfer.of_given()
    states = [PunchState.LIVE, PunchState.EXPIRED, PunchState.OPENS]
    punches = sorted(Punch.objects.filter(card=card, state__in=states).values_list("id", flat=True))
    if not card.punches:
        raise CannotTransfer.of_empty()
    cards.hand_over(giver, wish.to, punches, today=hands.at.day(hands.now))
    return Moved(handed=punches)


@act.register
def split(wish: Split, hands: Hands) -> Moved:
    """The punches get a pile of their own, so that they fill a card of their own (`standing.routed` says where later
    ones go)."""
    card = wish.card
    if card.is_prepaid or card.rule.piles != Piles.ONE:
        raise CannotSplit.of_its_kind()
    if Reward.objects.filter(card=card, state=RewardState.REDEEMED).exists():
        raise CannotSplit.of_given()
    living = dict(Punch.objects.filter(card=card, state=PunchState.LIVE).values_list("id", "pile"))
    if len(living) < 2:
        raise CannotSplit.of_too_few()
    if not wish.punches or not wish.punches <= living.keys() or len(wish.punches) == len(living):
        raise CannotSplit.of_none_or_all()
    (pile,) = new_ids(1)
    cards.repile(card.customer, dict.fromkeys(wish.punches, pile), today=hands.at.day(hands.now))
    return Moved(piles={pk: living[pk] for pk in sorted(wish.punches)})


@act.register
def add(wish: Add, hands: Hands) -> Moved:
    """Entered as a late purchase, by an administrator, with a reason."""
    hands.insist_on_administrator()
    check_moment(wish.moment, at=hands.at, is_administrator=True, now=hands.now)
    if not 1 <= wish.quantity <= MOST_UNITS:
        raise NoSuchUnit
    line = Line(uuid5(hands.key, "line"), wish.product_id, wish.quantity)
    entered = enter_late(
        wish.customer,
        [line],
        key=hands.key,
        occurred_at=wish.moment.at,
        why=LateWhy.CORRECTION,
        note=hands.note,
        **hands.who,
    )
    return Moved(visits=[entered.visit.pk])


def restore(
    keys: Collection[Key], hands: Hands, *, seats: Mapping[Key, int] | None = None, released: Collection[Key] = ()
) -> None:
    """These units count again, as far as they are taken back now, in the `seats` that they had; those that stood in for
    them are `released`."""
    rows = UnitVoid.objects.filter(purchase__in={pk for pk, _unit in keys}, is_live=True)
    voids = [void for void in rows if (void.purchase_id, void.unit) in set(keys)]
    VoidUndo.objects.bulk_create(
        VoidUndo(void=void, location=hands.at, by=hands.by, device_id=hands.device_id, undone_at=hands.now)
        for void in voids
    )
    UnitVoid.objects.filter(pk__in=[void.pk for void in voids]).update(is_live=False)
    units = {key: (seats or {}).get(key) for key in ((void.purchase_id, void.unit) for void in voids)}
    today = hands.at.day(hands.now)
    for customer in hands.customers:
        cards.put_back_units(customer, units, cause_kind="purchase", today=today, released=released)


def _void(purchase: Purchase, units: Iterable[int], hands: Hands) -> list[Key]:
    keys = _checked(purchase, units)
    if keys & given_units([purchase]):
        raise GivenFree
    fresh = keys - voided_units([purchase])
    if not fresh:
        raise NothingWrong
    remove_now(hands.customers, [purchase], fresh, correction_id=hands.correction_id, **hands.who)
    return sorted(fresh)


def _checked(purchase: Purchase, units: Iterable[int]) -> set[Key]:
    wanted = set(units)
    if not wanted or not all(1 <= unit <= purchase.quantity for unit in wanted):
        raise NoSuchUnit
    return {(purchase.pk, unit) for unit in wanted}


def _enter(customer: Customer, lines: Sequence[Line], hands: Hands, *, as_of: Visit) -> int:
    """A visit in the place of another one: of its moment and place, counted by the rules of its day."""
    entered = enter_late(
        customer,
        lines,
        key=hands.key,
        occurred_at=as_of.occurred_at,
        why=LateWhy.CORRECTION,
        note=hands.note,
        reason=as_of.reason,
        reason_text=as_of.reason_text,
        as_of=as_of,
        **{**hands.who, "at": as_of.location},
    )
    return entered.visit.pk


def _pinned_cards_with(keys: Collection[Key]) -> list[Card]:
    """The cards on which these units count, and whose reward was handed out."""
    rows = Punch.objects.filter(
        cause_kind="purchase", cause_id__in={pk for pk, _unit in keys}, state=PunchState.LIVE
    ).select_related("card")
    here = {punch.card_id: punch.card for punch in rows if (punch.cause_id, punch.unit) in keys}
    given = Reward.objects.filter(card__in=list(here), state=RewardState.REDEEMED).values_list("card_id", flat=True)
    return [here[pk] for pk in sorted(set(given))]


def _with(purchases: Iterable[Purchase], living: Collection[Key]) -> list[Purchase]:
    ids = {purchase_id for purchase_id, _unit in living}
    return [row for row in purchases if row.pk in ids]
