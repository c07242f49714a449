"""From what was bought to what each program card receives, for a visit and for its preview alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

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


def units_for_cards(
    bought: Iterable[tuple[int, Bought]], filling: Filling, *, occurred_at: datetime, day: date
) -> dict[int, list[Unit]]:
    """What each program card receives, by program card. A purchase fills every enrolled one that lists it.

    The number beside each thing bought names it as the cause of its punches.
    """
    units: dict[int, list[Unit]] = defaultdict(list)
    for cause_id, thing in bought:
        for card in filling.get(thing.product_id, []):
            rule = Rule(card.rule_id, card.buy, card.get, card.rule.expiry_months)
            units[card.program_card_id] += [
                Unit(cause_id, number, thing.product_id, occurred_at, day, rule)
                for number in range(1, thing.quantity + 1)
            ]
    return dict(units)


def cards_in(filling: Filling) -> dict[int, FillingCard]:
    """Every program card that is filled, by its id."""
    return {card.program_card_id: card for cards in filling.values() for card in cards}
