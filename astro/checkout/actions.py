"""Recording a visit: the way from a basket to punches, in one transaction under the customer's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards.actions import punch_cards
from astro.cards.queries import Plan, plan, ready_rewards
from astro.catalog.models import Product
from astro.catalog.queries import barcodes_of, prices_on
from astro.checkout.basket import Basket, Line
from astro.checkout.dealing import Filling, cards_in, units_for_cards
from astro.checkout.errors import NothingToDo, unknown_products
from astro.checkout.models import Purchase, RefusedVisit, Source, Visit
from astro.customers.actions import seen_at
from astro.customers.models import Customer
from astro.kit.ids import new_ids
from astro.programs.queries import cards_filled_by
from astro.tenancy.models import Location

CLOCK_SLACK = timedelta(minutes=10)
OLDEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit that stands. `is_again`: it stood already, and this is the first answer once more."""

    visit: Visit
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The key, or that of a line, was known with another body; what came now is kept for a person to look at."""

    kept: RefusedVisit


@transaction.atomic
def record_visit(
    customer: Customer,
    basket: Basket,
    *,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    source: Source = Source.TILL,
    now: datetime,
) -> Recorded | Refused:
    """Write down what was bought and punch the cards, exactly once for the visit's key.

    Raises BadVisit when a product is not in the catalogue, and NothingToDo when nothing was bought and no reward
    waits; then nothing is written.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    stood = _standing(customer, basket, at=at, by=by, now=now)
    if stood:
        return stood
    occurred_at = sane_moment(basket.occurred_at, now=now)
    visit = Visit(
        key=basket.key,
        body_hash=basket.fingerprint,
        source=source,
        customer=customer,
        location=at,
        by=by,
        device_id=device_id,
        occurred_at=occurred_at,
        recorded_at=now,
        day=at.day(occurred_at),
        is_practice=customer.is_practice,
        reason=basket.reason,
        reason_text=basket.reason_text,
        answer={},
    )
    purchases = _purchases(visit, basket.lines)
    filling = cards_filled_by({row.product_id for row in purchases}, location=at, day=visit.day)
    units = units_for_cards(((row.pk, row) for row in purchases), filling, occurred_at=occurred_at, day=visit.day)
    plans = plan(customer, units, today=at.day(now))
    visit.answer = _answer(purchases, filling, plans)
    visit.has_offer = bool(visit.answer["rewards"]) or ready_rewards(customer).exists()
    if not purchases and not visit.has_offer:
        raise NothingToDo
    try:
        with transaction.atomic():
            visit.save()
            Purchase.objects.bulk_create(purchases)
            punch_cards(customer, plans, cause_kind="purchase", at=at, by=by, device_id=device_id)
    except IntegrityError:  # the same key came for another customer, under another lock, at the same time
        stood = _standing(customer, basket, at=at, by=by, now=now)
        if stood is None and _lines_are_known(basket):
            stood = _refuse(customer, basket, at=at, by=by, now=now)
        if stood is None:
            raise
        return stood
    seen_at(customer, at=at, now=occurred_at)
    record(
        "visit recorded",
        visit,
        by=by,
        at=at,
        now=now,
        device_id=device_id,
        lines=len(purchases),
        punches=visit.answer["punches"],
        rewards=visit.answer["rewards"],
        is_practice=customer.is_practice,
        **({"till_clock_off": True} if occurred_at != basket.occurred_at else {}),
    )
    return Recorded(visit)


@transaction.atomic
def settle_refused(kept: RefusedVisit, *, by: User, at: Location, now: datetime) -> None:
    """A person has looked at it and done what was needed. Settling again changes nothing."""
    if RefusedVisit.objects.filter(pk=kept.pk, settled_at=None).update(settled_at=now, settled_by=by):
        record("refused visit settled", kept, by=by, at=at, now=now)


def sane_moment(told: datetime, *, now: datetime) -> datetime:
    """When it happened, as far as the till's clock can be believed; else now. The queue never waits for a clock."""
    return told if now - OLDEST <= told <= now + CLOCK_SLACK else now


def _standing(
    customer: Customer, basket: Basket, *, at: Location, by: User | None, now: datetime
) -> Recorded | Refused | None:
    """What stands already under this key: the first answer, a refusal for another body, or nothing."""
    visit = Visit.objects.filter(key=basket.key).first()
    if visit is None:
        return None
    if visit.body_hash == basket.fingerprint:
        return Recorded(visit, is_again=True)
    return _refuse(customer, basket, at=at, by=by, now=now)


def _lines_are_known(basket: Basket) -> bool:
    """Whether a line stands in another visit already: under a new key the same purchase would count twice."""
    return Purchase.objects.filter(key__in=[line.key for line in basket.lines]).exists()


def _refuse(customer: Customer, basket: Basket, *, at: Location, by: User | None, now: datetime) -> Refused:
    """Keep what came for a person to look at; the same again is kept once."""
    kept, is_new = RefusedVisit.objects.get_or_create(
        key=basket.key,
        body_hash=basket.fingerprint,
        defaults={
            "location": at,
            "customer": customer,
            "by": by,
            "refused_at": now,
            "body": {
                "occurred_at": basket.occurred_at.isoformat(),
                "lines": [
                    {"key": str(line.key), "product_id": str(line.product_id), "quantity": line.quantity}
                    for line in basket.lines
                ],
            },
        },
    )
    if is_new:
        record("visit refused", kept, by=by, at=at, now=now)
    return Refused(kept)


def _purchases(visit: Visit, lines: Iterable[Line]) -> list[Purchase]:
    """One row a line, with name, size, code and price as they are that day."""
    lines = list(lines)
    wanted = {line.product_id for line in lines}
    products = Product.objects.in_bulk(wanted)
    if len(products) != len(wanted):
        raise unknown_products(len(wanted) - len(products))
    currency = visit.location.retailer.currency
    prices = prices_on(wanted, currency=currency, day=visit.day)
    codes = barcodes_of(wanted)
    return [
        Purchase(
            pk=pk,
            visit=visit,
            customer=visit.customer,
            location=visit.location,
            key=line.key,
            product_id=line.product_id,
            gtin=codes.get(line.product_id, ""),
            name=products[line.product_id].name,
            size=products[line.product_id].size,
            msrp_cents=prices.get(line.product_id),
            currency=currency,
            quantity=line.quantity,
            day=visit.day,
            occurred_at=visit.occurred_at,
        )
        for line, pk in zip(lines, new_ids(len(lines)), strict=True)
    ]


def _answer(purchases: list[Purchase], filling: Filling, plans: Mapping[int, Plan]) -> dict[str, Any]:
    """What the till is told, and told again: lines, cards as they stand now, sums."""
    titles = cards_in(filling)
    cards = [
        {
            "program_card_id": str(pk),
            "title": titles[pk].title,
            "brand": titles[pk].brand,
            "number": after.number,
            "need": after.need,
            "punches": after.punches,
            "added": added,
            "rewards": after.rewards,
        }
        for pk, planned in plans.items()
        for after, added in planned.touched()
    ]
    return {
        "lines": [
            {
                "name": row.name,
                "size": row.size,
                "quantity": row.quantity,
                "cards": [card.title for card in filling.get(row.product_id, [])],
            }
            for row in purchases
        ],
        "cards": sorted(cards, key=lambda card: not card["rewards"]),
        "punches": sum(card["added"] for card in cards),
        "rewards": sum(card["rewards"] for card in cards),
    }
