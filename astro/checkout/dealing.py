"""From what was bought to what each program card receives, for a visit and for its preview alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from astro.programs.engine.terms import Unit
from astro.programs.queries import FillingCard

Filling = Mapping[int, list[FillingCard]]
"""The enrolled program cards that each product fills, by product."""


NOT_WRITTEN = 1 << 62
"""In place of an id that is to come: it stands behind everything of the same moment, as the id would."""


class Bought(Protocol):
    """So many units of a product: a line of a basket, or a purchase."""

    @property
    def product_id(self) -> int: ...

    @property
    def quantity(self) -> int: ...

    @property
    def paid_cents(self) -> int | None: ...


def units_for_cards(
    bought: Iterable[tuple[int, Bought]], filling: Filling, *, visit_id: int, occurred_at: datetime, day: date
) -> dict[int, list[Unit]]:
    """What each program card receives, by program card. A purchase fills every enrolled one that lists it.

    The number beside each thing bought names it as the cause of its punches.
    """
    units: dict[int, list[Unit]] = defaultdict(list)
    for cause_id, thing in bought:
        for card in filling.get(thing.product_id, []):
            units[card.program_card_id] += [
                Unit(
                    *(cause_id, number, thing.product_id, occurred_at, day, card.rule.arithmetic(card.rule_id)),
                    pile=card.rule.pile_of(product_id=thing.product_id, visit_id=visit_id),
                    cents=card.rule.worth(thing.paid_cents),
                    opens=card.opens,
                )
                for number in range(1, thing.quantity + 1)
            ]
    return dict(units)


def wanted_cards(filling: Filling, declined: Collection[int]) -> Filling:
    """Without offers that the customer declined. Nothing but an offer can be: a punch that is due is never left out."""
    wanted = {
        product_id: [card for card in cards if not (card.rule.is_brief and card.program_card_id in declined)]
        for product_id, cards in filling.items()
    }
    return {product_id: cards for product_id, cards in wanted.items() if cards}


def cards_in(filling: Filling) -> dict[int, FillingCard]:
    """Every program card that is filled, by its id."""
    return {card.program_card_id: card for cards in filling.values() for card in cards}
