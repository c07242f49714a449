"""Putting right, and taking that back: once for its key, under the locks of everybody whom it touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards import actions as cards
from astro.cards.models import Punch
from astro.cards.queries import holders_of
from astro.catalog.models import Product
from astro.checkout.corrections.acts import Hands, act, restore
from astro.checkout.corrections.looking import changes, look_at, moments, seats, stood_in
from astro.checkout.corrections.moved import Moved
from astro.checkout.corrections.wishes import Add, Change, Move, PutBack, Remove, Return, Split, Transfer, Wish
from astro.checkout.errors import EnteredBefore, GivenFree, NotToday
from astro.checkout.models import Correction, CorrectionKind, CorrectionUndo, Purchase
from astro.checkout.undoing import locked, remove_now
from astro.checkout.units import given_units, living_units
from astro.customers.models import Customer
from astro.kit.ids import new_ids
from astro.tenancy.models import Location

KINDS: dict[type, CorrectionKind] = {
    Remove: CorrectionKind.REMOVED,
    PutBack: CorrectionKind.PUT_BACK,
    Change: CorrectionKind.CHANGED,
    Return: CorrectionKind.RETURNED,
    Move: CorrectionKind.MOVED,
    Transfer: CorrectionKind.TRANSFERRED,
    Split: CorrectionKind.SPLIT,
    Add: CorrectionKind.ADDED,
}


@transaction.atomic
def put_right(
    wish: Wish,
    *,
    key: UUID,
    note: str = "",
    at: Location,
    by: User,
    device_id: int | None = None,
    is_administrator: bool,
    now: datetime,
) -> Correction:
    """Do it, exactly once for its key, and keep what it did and what undoing it needs.

    Raises what `acts.act` raises, and EnteredBefore where the key stands for something else.
    """
    kind, about = KINDS[type(wish)], about_of(wish)
    customer, other = whose(wish)
    customers = _locked(customer, other, _purchase_ids(wish))
    stood = Correction.objects.filter(key=key).first()
    if stood:
        if (stood.kind, stood.customer_id, stood.about) != (kind, customer.pk, about):
            raise EnteredBefore
        return stood
    before = look_at(customers)
    (correction_id,) = new_ids(1)
    hands = Hands(key, correction_id, customers, at, by, device_id, is_administrator, note, now)
    moved = act(wish, hands)
    after = look_at(customers)
    moved.stood_in = stood_in(before, after)
    moved.moments = moments(before, after)
    moved.seats = seats(before, moved.voids)
    correction = Correction(
        pk=correction_id,
        key=key,
        kind=kind,
        customer=customer,
        other=other,
        location=at,
        by=by,
        device_id=device_id,
        made_at=now,
        note=note,
        about=about,
        told=changes(before, after),
        moved=moved.told(),
        is_practice=customer.is_practice,
    )
    correction.save(force_insert=True)
    record("correction made", correction, by=by, at=at, now=now, device_id=device_id, kind=str(kind))
    return correction


@transaction.atomic
def undo(
    correction: Correction,
    *,
    at: Location,
    by: User,
    device_id: int | None = None,
    is_administrator: bool,
    now: datetime,
) -> CorrectionUndo:
    """Take a correction back; a second time changes nothing. When nothing happened to the cards in between, they stand
    as if it had never been; what did happen stays, and is counted with what stands again.

    On its day anybody may, later an administrator: raises NotToday. Raises GivenFree when something that was entered by
    it was given as the free item since.
    """
    moved = Moved.read(correction.moved)
    ids = {purchase_id for purchase_id, _unit in (*moved.voids, *moved.put_back)}
    ids |= set(Purchase.objects.filter(visit__in=moved.visits).values_list("id", flat=True))
    customers = _locked(correction.customer, correction.other, ids)
    stood = CorrectionUndo.objects.filter(correction=correction).first()
    if stood:
        return stood
    if not is_administrator and correction.location.day(correction.made_at) != correction.location.day(now):
        raise NotToday
    before = look_at(customers)
    hands = Hands(correction.key, correction.pk, customers, at, by, device_id, is_administrator, "", now)
    _take_back(correction, moved, hands)
    cards.filled_then(moved.moments)
    undone = CorrectionUndo(
        correction=correction,
        location=at,
        by=by,
        device_id=device_id,
        undone_at=now,
        told=changes(before, look_at(customers)),
    )
    undone.save(force_insert=True)
    record("correction undone", correction, by=by, at=at, now=now, device_id=device_id, kind=correction.kind)
    return undone


def whose(wish: Wish) -> tuple[Customer, Customer | None]:
    """Whose cards it is about, and who gets something from them."""
    if isinstance(wish, Move):
        return wish.visit.customer, wish.to
    if isinstance(wish, Transfer):
        return wish.card.customer, wish.to
    if isinstance(wish, Split):
        return wish.card.customer, None
    if isinstance(wish, Add):
        return wish.customer, None
    return wish.purchase.customer, None


def about_of(wish: Wish) -> str:
    """What it is about, in a few words."""
    if isinstance(wish, Move):
        rows = Purchase.objects.filter(visit=wish.visit).order_by("id")
        return ", ".join(_item(row) for row in rows)[:300]
    if isinstance(wish, Transfer | Split):
        return f"{wish.card.program_card.title} #{wish.card.number}"
    if isinstance(wish, Add):
        product = Product.objects.filter(pk=wish.product_id).first()
        return f"{wish.quantity} × {product}" if product else ""
    return _item(wish.purchase)


def _item(row: Purchase) -> str:
    return f"{row.name} {row.size}".strip()


def _purchase_ids(wish: Wish) -> set[int]:
    if isinstance(wish, Move):
        return set(Purchase.objects.filter(visit=wish.visit).values_list("id", flat=True))
    if isinstance(wish, Remove | PutBack | Change | Return):
        return {wish.purchase.pk}
    return set()


def _locked(customer: Customer, other: Customer | None, purchase_ids: Iterable[int]) -> Sequence[Customer]:
    """Everybody whom it touches, in the order of their ids: also those on whose cards the purchases are since two
    accounts were merged, or a card was given away. Asked again under the locks."""
    ids = list(purchase_ids)
    wanted: set[int] = set()
    named = {customer.pk, *([other.pk] if other else [])}
    while not (held := named | (holders_of("purchase", ids) if ids else set())) <= wanted:
        wanted |= held
        customers = [locked(customer_id) for customer_id in sorted(wanted)]
    return customers


def _take_back(correction: Correction, moved: Moved, hands: Hands) -> None:
    purchases = list(Purchase.objects.filter(visit__in=moved.visits).order_by("id"))
    if given_units(purchases):
        raise GivenFree
    today = hands.at.day(hands.now)
    cards.owe_from(moved.owed)
    if moved.voids:  # first, so that nothing else takes their place when what was entered instead goes
        restore(moved.voids, hands, seats=moved.seats, released=moved.stood_in)
    living = living_units(purchases)
    if living:
        remove_now(hands.customers, purchases, living, correction_id=correction.pk, **hands.who)
    if moved.put_back:
        rows = list(Purchase.objects.filter(pk__in={pk for pk, _unit in moved.put_back}).order_by("id"))
        again = set(moved.put_back) & living_units(rows)
        if again:
            remove_now(hands.customers, rows, again, correction_id=correction.pk, **hands.who)
    if moved.piles:
        cards.repile(correction.customer, _whole_piles(correction, moved), today=today)
    if moved.handed and correction.other:
        cards.hand_over(correction.other, correction.customer, moved.handed, today=today, released=moved.stood_in)


def _whole_piles(correction: Correction, moved: Moved) -> dict[int, int]:
    """Everything that was bought onto the card that was split off goes back with it."""
    rows = Punch.objects.filter(customer=correction.customer)
    piles = set(rows.filter(pk__in=list(moved.piles)).values_list("pile", flat=True)) - set(moved.piles.values())
    home = next(iter(moved.piles.values()))
    program_cards = rows.filter(pk__in=list(moved.piles)).values("program_card")
    since = rows.filter(program_card__in=program_cards, pile__in=piles).values_list("id", flat=True)
    return {**dict.fromkeys(since, home), **moved.piles}
