"""What a demo store put right lately: goods that came back, a card that was split, and a slip that was undone again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from astro.accounts.models import User
from astro.cards.models import Card, Punch, PunchState, State
from astro.checkout.corrections.doing import put_right, undo
from astro.checkout.corrections.wishes import Remove, Return, Split, Wish
from astro.checkout.models import Purchase
from astro.tenancy.models import Location

SOON = timedelta(minutes=40)


def put_things_right(at: Location, *, by: User, besides: Collection[str], now: datetime) -> None:
    """On the liveliest cards in progress of customers who are no demo account (`besides`, by e-mail)."""
    cards = Card.objects.filter(state=State.OPEN, punches__gte=3, pile=0, customer__is_practice=False)
    cards = cards.filter(customer__retired_at=None, rule__piles="one", is_prepaid=False)
    cards = cards.exclude(customer__email__in=besides).select_related("rule", "program_card", "customer")
    found = list(cards.order_by("-last_punched_at", "customer__search")[:3])
    wishes = [_returned, _split, _removed]
    for make, card in zip(wishes, found, strict=False):
        wish, note = make(card)
        moment = min(card.last_punched_at + SOON, now)
        who: dict[str, Any] = {"at": at, "by": by, "is_administrator": True}
        key = uuid5(NAMESPACE_OID, f"{at.name} {make.__name__}")
        correction = put_right(wish, key=key, note=note, now=moment, **who)
        if make is _removed:
            undo(correction, now=min(moment + timedelta(minutes=3), now), **who)


def _last_purchase(card: Card) -> tuple[Purchase, int]:
    punch = Punch.objects.filter(card=card, state=PunchState.LIVE).latest("position")
    rows = Purchase.objects.select_related("visit__location", "visit__customer", "customer", "location")
    return rows.get(pk=punch.cause_id), punch.unit


def _returned(card: Card) -> tuple[Wish, str]:
    purchase, unit = _last_purchase(card)
    return Return(purchase, [unit]), "The bag was torn"


def _split(card: Card) -> tuple[Wish, str]:
    first = Punch.objects.filter(card=card, state=PunchState.LIVE).earliest("position")
    return Split(card, frozenset([first.pk])), "The small bags apart from the large ones"


def _removed(card: Card) -> tuple[Wish, str]:
    purchase, unit = _last_purchase(card)
    return Remove(purchase, [unit]), "Rung up twice"
