"""How the cards of some customers stand, and what of that a correction changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from astro.cards.actions import Moments
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.customers.models import Customer
from astro.kit.ids import id_text
from astro.programs.engine.terms import Key

Place = tuple[int, int, int]
"""A customer's card: customer, program card, number."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a card stands: punches of those it needs, rewards that wait and that were given, punches that it owes."""

    punches: int
    need: int
    ready: int
    given: int
    owes: int
    cents: int


_SEAT = ("cause_id", "unit", "card_id", "position")


class Seat(NamedTuple):
    """Where a unit counts."""

    card_id: int
    position: int


@dataclass(frozen=True, slots=True)
class Look:
    """The cards, by place, with their titles; which unit counts on which card whose reward was handed out; and of those
    that owe a punch, the moments that no punch tells any more, by card."""

    stands: Mapping[Place, Stand]
    titles: Mapping[int, str]
    pinned: Mapping[Key, Seat]
    moments: Mapping[int, Moments]


def look_at(customers: Iterable[Customer]) -> Look:
    """As it stands now, in three reads."""
    mine = [customer.pk for customer in customers]
    rows = Card.objects.filter(customer__in=mine).exclude(state=State.EMPTY).select_related("program_card")
    cards = list(rows.order_by("program_card__title", "number", "id"))
    rewards = Reward.objects.filter(customer__in=mine).order_by().values_list("card_id", "state")
    counts = Counter(rewards)
    given = {card_id for card_id, state in counts if state == RewardState.REDEEMED}
    living = Punch.objects.filter(card__in=given, state=PunchState.LIVE).order_by()
    return Look(
        {
            (card.customer_id, card.program_card_id, card.number): Stand(
                punches=card.punches,
                need=card.need,
                ready=counts[card.pk, RewardState.READY],
                given=counts[card.pk, RewardState.REDEEMED],
                owes=card.owes if card.pk in given else 0,
                cents=card.cents,
            )
            for card in cards
        },
        {card.program_card_id: card.program_card.title for card in cards},
        {(cause, unit): Seat(*seat) for cause, unit, *seat in living.values_list(*_SEAT)},
        {
            card.pk: Moments(card.punches, card.opened_at, card.last_punched_at, card.filled_at, card.filled_on)
            for card in cards
            if card.pk in given and card.owes
        },
    )


def stood_in(before: Look, after: Look) -> list[Key]:
    """Units that stand now on a card whose reward was handed out before, and did not."""
    cards = {seat.card_id for seat in before.pinned.values()} | before.moments.keys()
    return sorted(key for key, seat in after.pinned.items() if seat.card_id in cards and key not in before.pinned)


def seats(before: Look, keys: Iterable[Key]) -> dict[Key, int]:
    """The positions that these units had on cards whose reward was handed out."""
    return {key: before.pinned[key].position for key in keys if key in before.pinned}


def moments(before: Look, after: Look) -> dict[int, Moments]:
    """Of cards that owed a punch before, and do otherwise now."""
    return {pk: then for pk, then in before.moments.items() if after.moments.get(pk) != then}


def changes(before: Look, after: Look) -> list[dict[str, Any]]:
    """Each card that stands otherwise than before, as facts that can be kept: see `telling.py`."""
    titles = {**before.titles, **after.titles}
    return [
        {
            "customer": id_text(place[0]),
            "program_card": id_text(place[1]),
            "title": titles[place[1]],
            "number": place[2],
            "before": asdict(before.stands[place]) if place in before.stands else None,
            "after": asdict(after.stands[place]) if place in after.stands else None,
        }
        for place in sorted({*before.stands, *after.stands}, key=lambda one: (one[0], titles[one[1]], one[2]))
        if before.stands.get(place) != after.stands.get(place)
    ]
