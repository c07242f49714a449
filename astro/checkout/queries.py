"""What the till shows: the customer's day, and the cards as they would be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db.models import QuerySet

from astro.cards.ledger import Rule, Unit, deal
from astro.cards.models import State
from astro.cards.queries import ShownCard, holdings, shown_cards
from astro.catalog.models import Product
from astro.checkout.basket import Line
from astro.checkout.models import Purchase, RefusedVisit, Visit
from astro.customers.models import Customer
from astro.programs.queries import FillingCard, cards_filled_by
from astro.tenancy.models import Location


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
    units: dict[int, list[Unit]] = defaultdict(list)
    known: dict[int, FillingCard] = {}
    for line in lines:
        for card in filling.get(line.product_id, []):
            known[card.program_card_id] = card
            units[card.program_card_id] += [Unit(0, n, line.product_id) for n in range(1, line.quantity + 1)]
    held = holdings(customer, units)
    shown = shown_cards(customer, day=day)
    fresh: list[ShownCard] = []
    for pk, ours in units.items():
        card = known[pk]
        dealing = deal(
            ours,
            rule=Rule(card.rule_id, card.buy, card.get),
            open_round=held[pk].open_round(),
            last_number=held[pk].last_number,
        )
        touched = {after.number for after in dealing.rounds}
        before = {row.number: row for row in shown if row.program_card_id == pk and row.state == State.OPEN}
        shown = [row for row in shown if not (row.program_card_id == pk and row.number in touched)]
        for after in dealing.rounds:
            base = before.get(after.number) or ShownCard(
                program_card_id=pk,
                title=card.title,
                brand=card.brand,
                need=after.need,
                punches=0,
                today=0,
                number=after.number,
                state=State.OPEN,
            )
            state = State.FULL if after.is_full else State.OPEN
            pending = dealing.added_to(after)
            fresh.append(replace(base, punches=after.punches, pending=pending, state=state, rewards=after.rewards))
    return sorted([*fresh, *shown], key=lambda row: (not row.is_full, not row.pending))
