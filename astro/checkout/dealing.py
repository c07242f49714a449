"""From what was bought to what each program card receives, for a visit and for its preview alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from astro.cards.actions import Deal
from astro.cards.ledger import Rule, Unit
from astro.programs.queries import FillingCard

Filling = Mapping[int, list[FillingCard]]
"""The enrolled program cards that each product fills, by product."""


class Bought(Protocol):
    """So many units of a product: a line of a basket, or a purchase."""

    @property
    def product_id(self) -> int: ...

    @property
    def quantity(self) -> int: ...


def deals_of(bought: Iterable[tuple[int, Bought]], filling: Filling) -> dict[int, Deal]:
    """What each program card receives, by program card. A purchase fills every enrolled one that lists it.

    The number beside each thing bought names it as the cause of its punches.
    """
    units: dict[int, list[Unit]] = defaultdict(list)
    for cause_id, thing in bought:
        for card in filling.get(thing.product_id, []):
            units[card.program_card_id] += [Unit(cause_id, n, thing.product_id) for n in range(1, thing.quantity + 1)]
    cards = cards_in(filling)
    return {pk: Deal(Rule(cards[pk].rule_id, cards[pk].buy, cards[pk].get), ours) for pk, ours in units.items()}


def cards_in(filling: Filling) -> dict[int, FillingCard]:
    """Every program card that is filled, by its id."""
    return {card.program_card_id: card for cards in filling.values() for card in cards}
