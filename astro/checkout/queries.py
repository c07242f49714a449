"""What the till shows: the customer's day, and the cards as they would be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db.models import QuerySet

from astro.cards.ledger import Dealing, Round, deal
from astro.cards.models import State
from astro.cards.queries import ShownCard, holdings, shown_cards
from astro.catalog.models import Product
from astro.checkout.basket import Line
from astro.checkout.dealing import cards_in, deals_of
from astro.checkout.models import Purchase, RefusedVisit, Visit
from astro.customers.models import Customer
from astro.programs.queries import FillingCard, cards_filled_by
from astro.tenancy.models import Location

PREVIEW = 0
"""The cause of punches that are only shown."""


def purchases_of_day(customer: Customer, *, day: date) -> list[Purchase]:
    """Everything that this customer bought that day, at any of the retailer's locations, the newest first."""
    return list(Purchase.objects.filter(customer=customer, day=day).order_by("-occurred_at", "-id"))


def visits_of_day(location: Location, *, day: date, only_filled: bool = False) -> QuerySet[Visit]:
    """The checkouts of one day at one location, practice included (it is marked)."""
    visits: QuerySet[Visit] = Visit.objects.filter(location=location, day=day).select_related("customer", "by")
    return visits.filter(answer__rewards__gt=0) if only_filled else visits


def refused_visits(*, at: Location) -> QuerySet[RefusedVisit]:
    """What was refused at this location and nobody has looked at yet."""
    waiting: QuerySet[RefusedVisit] = RefusedVisit.objects.filter(location=at, settled_at=None)
    return waiting.select_related("customer", "by")


def named_lines(kept: RefusedVisit) -> list[tuple[int, str]]:
    """Quantity and product of each line that was refused."""
    lines = kept.body["lines"]
    products = Product.objects.in_bulk({int(line["product_id"]) for line in lines})
    return [(line["quantity"], str(products.get(int(line["product_id"]), ""))) for line in lines]


def cards_with_basket(customer: Customer, lines: Iterable[Line], *, at: Location, day: date) -> list[ShownCard]:
    """The customer's cards with the basket's units dealt onto them; nothing is written."""
    lines = list(lines)
    filling = cards_filled_by({line.product_id for line in lines}, location=at, day=day)
    deals, cards = deals_of(((PREVIEW, line) for line in lines), filling), cards_in(filling)
    held = holdings(customer, deals)
    shown = shown_cards(customer, day=day)
    for pk, one in deals.items():
        last = held[pk].last_number
        dealing = deal(one.units, rule=one.rule, open_round=held[pk].open_round(), last_number=last)
        shown = _dealt(shown, dealing, cards[pk])
    return sorted(shown, key=lambda card: (not card.is_full, not card.pending))


def _dealt(shown: list[ShownCard], dealing: Dealing, card: FillingCard) -> list[ShownCard]:
    """The cards shown, with the rounds of one program card as this dealing would leave them, those first."""
    before = {row.number: row for row in shown if row.program_card_id == card.program_card_id}
    touched = [
        replace(
            before.get(after.number) or _new_round(card, after),
            punches=after.punches,
            pending=dealing.added_to(after),
            state=State.FULL if after.is_full else State.OPEN,
            rewards=after.rewards,
        )
        for after in dealing.rounds
    ]
    dealt = {after.number for after in dealing.rounds}
    return [
        *touched,
        *(row for row in shown if row.program_card_id != card.program_card_id or row.number not in dealt),
    ]


def _new_round(card: FillingCard, after: Round) -> ShownCard:
    return ShownCard(
        program_card_id=card.program_card_id,
        title=card.title,
        brand=card.brand,
        need=after.need,
        punches=0,
        today=0,
        number=after.number,
        state=State.OPEN,
    )
