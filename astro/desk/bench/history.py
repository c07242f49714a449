"""Customers with cards, and the visits, purchases and punches that these cards come from.

The ledger would have come to the same: every card's punches are units of purchases, in their order, and the stored
counts are what the punches add up to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from astro.cards.models import Card, Punch, Reward, State
from astro.checkout.models import Purchase, Sealed, Sealing, Visit
from astro.customers.models import Customer, Reach, SeenAt
from astro.desk.bench.people import person
from astro.desk.bench.population import NEED, Kind, Size, product, programs_of, punches_of, row_id
from astro.desk.bench.rows import moment, unindexed, write
from astro.desk.bench.seeding import BRAND, MSRP_CENTS, SMALLEST, ZONE, as_owner, card_title, food, gtin
from astro.kit.clock import day_at

LARGE = [Customer, SeenAt, Visit, Sealing, Purchase, Card, Punch, Reward]
VISITS_EACH = 2
"""Past visits of a customer; each bought something for one card or for both."""

PURCHASES_EACH = VISITS_EACH * 2
PUNCHES_EACH = 32
CUSTOMER = ["id", "retailer_id", "first_name", "last_name", "phone", "email", "email_folded", "search", "sort_name"]
NEVER_ASKED = {"text_state": Reach.ON_FILE, "email_state": Reach.ON_FILE}
_KEY = UUID("018f0000-0000-7000-8000-000000000000").int


def add_customers(size: Size, *, now: datetime) -> None:
    """All customers of this size, with what they bought so far, in one transaction."""
    with as_owner(), transaction.atomic(), unindexed(LARGE):
        _customers(size, now=now)
        _history(size, now=now)


def _customers(size: Size, *, now: datetime) -> None:
    write(
        Customer,
        CUSTOMER,
        (customer_row(n, retailer=row_id(Kind.RETAILER, n % size.retailers)) for n in range(size.customers)),
        created_at=now - timedelta(days=90),
        **NEVER_ASKED,
    )
    write(
        SeenAt,
        ["id", "retailer_id", "customer_id", "location_id"],
        (
            (
                row_id(Kind.SEEN, n),
                row_id(Kind.RETAILER, n % size.retailers),
                row_id(Kind.CUSTOMER, n),
                row_id(Kind.LOCATION, n % size.retailers),
            )
            for n in range(size.customers)
        ),
        first_seen_at=now - timedelta(days=90),
        last_seen_at=now - timedelta(days=20),
    )


def customer_row(n: int, *, retailer: Any) -> tuple[Any, ...]:
    one = person(n)
    names = (one.first_name, one.last_name, one.phone, one.email, one.email)
    return (row_id(Kind.CUSTOMER, n), retailer, *names, one.search, one.sort_name)


@dataclass(frozen=True, slots=True)
class _Bought:
    """A line of a past visit: `units` for the customer's card number `place` (0 or 1), which then has `punches`."""

    visit: int
    place: int
    units: int
    punches: int

    def number(self, n: int) -> int:
        return n * PURCHASES_EACH + self.visit * 2 + self.place

    @property
    def fills(self) -> bool:
        return self.punches == NEED


def _bought(n: int, size: Size) -> list[_Bought]:
    """What this customer bought so far: half of each card's punches on the first visit, the rest on the second."""
    first, second = punches_of(n)
    lines = []
    for place, punches in enumerate((NEED if n >= size.ordinary else first, second)):
        early = punches - punches // 2
        lines += [_Bought(0, place, early, early), _Bought(1, place, punches - early, punches)]
    return [line for line in lines if line.units]


def _visits(n: int, size: Size) -> list[tuple[int, list[_Bought]]]:
    """The visits of this customer, each with its lines."""
    lines = _bought(n, size)
    visits = [(visit, [line for line in lines if line.visit == visit]) for visit in range(VISITS_EACH)]
    return [(visit, mine) for visit, mine in visits if mine]


def _answer(n: int, lines: list[_Bought]) -> str:
    """What the till was told of such a visit, as `checkout.actions` keeps it."""
    programs = programs_of(n)
    return json.dumps(
        {
            "lines": [
                {
                    "name": food(programs[line.place]),
                    "size": SMALLEST,
                    "quantity": line.units,
                    "cards": [card_title(programs[line.place])],
                }
                for line in lines
            ],
            "cards": [
                {
                    "program_card_id": str(row_id(Kind.PROGRAM_CARD, programs[line.place])),
                    "title": card_title(programs[line.place]),
                    "brand": BRAND,
                    "number": 1,
                    "need": NEED,
                    "punches": line.punches,
                    "added": line.units,
                    "rewards": int(line.fills),
                }
                for line in lines
            ],
            "punches": sum(line.units for line in lines),
            "rewards": sum(line.fills for line in lines),
        }
    )


def _history(size: Size, *, now: datetime) -> None:
    """Two cards a customer, and the visits they come from, 60 and 20 days ago."""
    moments = [now - timedelta(days=60), now - timedelta(days=20)]
    days = [day_at(at, ZONE).isoformat() for at in moments]
    stored = [moment(at) for at in moments]
    everybody = range(size.customers)

    def shop(n: int, kind: Kind) -> Any:
        return row_id(kind, n % size.retailers)

    def visits() -> Iterator[tuple[Any, ...]]:
        for n in everybody:
            for v, lines in _visits(n, size):
                number = n * VISITS_EACH + v
                people = (shop(n, Kind.RETAILER), row_id(Kind.CUSTOMER, n), shop(n, Kind.LOCATION), shop(n, Kind.USER))
                key, when = _key(number), (stored[v], stored[v], days[v])
                told = (any(line.fills for line in lines), _answer(n, lines))
                yield row_id(Kind.VISIT, number), *people, shop(n, Kind.DEVICE), key, *when, *told

    def purchases() -> Iterator[tuple[Any, ...]]:
        for n in everybody:
            for line in _bought(n, size):
                number, g = line.number(n), programs_of(n)[line.place]
                yield (
                    row_id(Kind.PURCHASE, number),
                    shop(n, Kind.RETAILER),
                    row_id(Kind.VISIT, n * VISITS_EACH + line.visit),
                    row_id(Kind.CUSTOMER, n),
                    shop(n, Kind.LOCATION),
                    _key(number),
                    product(g, 0),
                    gtin(g, 0),
                    food(g),
                    line.units,
                    days[line.visit],
                    stored[line.visit],
                )

    def cards() -> Iterator[tuple[Any, ...]]:
        for n in everybody:
            for place, (g, punches) in enumerate(zip(programs_of(n), punches_of(n), strict=True)):
                is_full = n >= size.ordinary and place == 0
                last = 1 if is_full or punches > 1 else 0
                yield (
                    row_id(Kind.CARD, n * 2 + place),
                    shop(n, Kind.RETAILER),
                    row_id(Kind.CUSTOMER, n),
                    row_id(Kind.PROGRAM_CARD, g),
                    row_id(Kind.RULE, g),
                    NEED if is_full else punches,
                    State.FULL if is_full else State.OPEN,
                    stored[0],
                    stored[last],
                    stored[1] if is_full else None,
                    days[1] if is_full else None,
                )

    def punches() -> Iterator[tuple[Any, ...]]:
        for n in everybody:
            stamped = [0, 0]
            units = ((line, unit) for line in _bought(n, size) for unit in range(1, line.units + 1))
            for order, (bought, unit) in enumerate(units):
                g = programs_of(n)[bought.place]
                stamped[bought.place] += 1
                yield (
                    row_id(Kind.PUNCH, n * PUNCHES_EACH + order),
                    shop(n, Kind.RETAILER),
                    row_id(Kind.CARD, n * 2 + bought.place),
                    row_id(Kind.CUSTOMER, n),
                    row_id(Kind.PROGRAM_CARD, g),
                    shop(n, Kind.LOCATION),
                    stamped[bought.place],
                    row_id(Kind.PURCHASE, bought.number(n)),
                    unit,
                    product(g, 0),
                    days[bought.visit],
                    stored[bought.visit],
                    shop(n, Kind.USER),
                    shop(n, Kind.DEVICE),
                )

    of_visit = ["id", "retailer_id", "customer_id", "location_id", "by_id", "device_id", "key"]
    write(
        Visit,
        [*of_visit, "occurred_at", "recorded_at", "day", "has_offer", "answer"],
        visits(),
        body_hash="0" * 64,
    )
    write(
        Sealing,
        ["id", "retailer_id", "visit_id", "key"],
        (
            (
                row_id(Kind.SEALING, n),
                shop(n, Kind.RETAILER),
                row_id(Kind.VISIT, n * VISITS_EACH + 1),
                _key(n),
            )
            for n in range(size.ordinary, size.customers)
        ),
        how=Sealed.MIDNIGHT,
        sealed_at=moments[1] + timedelta(hours=12),
        answer={"redemptions": []},
    )
    of_purchase = ["id", "retailer_id", "visit_id", "customer_id", "location_id", "key", "product_id", "gtin", "name"]
    write(
        Purchase,
        [*of_purchase, "quantity", "day", "occurred_at"],
        purchases(),
        size=SMALLEST,
        msrp_cents=MSRP_CENTS,
        currency="USD",
    )
    of_card = ["id", "retailer_id", "customer_id", "program_card_id", "rule_id", "punches", "state", "opened_at"]
    write(Card, [*of_card, "last_punched_at", "filled_at", "filled_on"], cards(), number=1, need=NEED)
    of_punch = ["id", "retailer_id", "card_id", "customer_id", "program_card_id", "location_id", "position", "cause_id"]
    write(
        Punch,
        [*of_punch, "unit", "product_id", "day", "occurred_at", "by_id", "device_id"],
        punches(),
        cause_kind="purchase",
    )
    of_reward = ["id", "retailer_id", "card_id", "customer_id", "program_card_id", "location_id"]
    write(
        Reward,
        of_reward,
        (
            (
                row_id(Kind.REWARD, m),
                shop(n, Kind.RETAILER),
                row_id(Kind.CARD, n * 2),
                row_id(Kind.CUSTOMER, n),
                row_id(Kind.PROGRAM_CARD, programs_of(n)[0]),
                shop(n, Kind.LOCATION),
            )
            for m, n in enumerate(range(size.ordinary, size.customers))
        ),
        unit=1,
        earned_at=moments[1],
        day=days[1],
    )


def _key(number: int) -> str:
    return UUID(int=_KEY + number).hex
