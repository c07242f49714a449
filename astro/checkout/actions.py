"""Recording a visit: the way from a basket to punches, in one transaction under the customer's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection
from django.db.transaction import TransactionManagementError

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards.actions import punch_cards
from astro.cards.queries import Plan, hand_of, plan
from astro.checkout.audience import for_this_customer
from astro.checkout.basket import Basket, Line, told_answers
from astro.checkout.dealing import Filling, cards_in, units_for_cards, wanted_cards
from astro.checkout.errors import ArrivedTwice, NothingToDo, unknown_products
from astro.checkout.fields.answering import answer_rows, judged_answers, told_in_event
from astro.checkout.fields.judging import Asking, Judged
from astro.checkout.hot_path import Look, Sold, is_known_line, look, shelf, standing_visit
from astro.checkout.models import AskedFor, KeptVisit, Purchase, Source, Visit, Why
from astro.checkout.why_not import why_not
from astro.customers.actions import seen_at
from astro.customers.models import Customer
from astro.customers.queries import living_or_kept
from astro.kit import plain
from astro.kit.ids import new_ids
from astro.kit.metrics import count_visit
from astro.programs.queries import card_in_force
from astro.tenancy.models import Location

CLOCK_SLACK = timedelta(minutes=10)
OLDEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit that stands. `is_again`: it stood already, and this is the first answer once more."""

    visit: Visit
    customer: Customer
    """With the name, and little else: what was read under the lock."""
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The key, or that of a line, was known with another body; what came now is kept for a person to look at."""

    kept: KeptVisit


def record_visit(
    customer: Customer,
    basket: Basket,
    *,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    source: Source = Source.TILL,
    is_dated: bool = False,
    asking: Asking = Asking.NOT,
    as_of: Visit | None = None,
    onto: int | None = None,
    now: datetime,
) -> Recorded | Refused:
    """Write down what was bought and punch the cards, exactly once for the visit's key.

    `is_dated`: the caller has judged when it happened (a list, a form, a till's queue); else a moment that the till's
    clock cannot rightly tell becomes now. `asking`: who was asked for the store's own fields, and so what is refused.
    `as_of`: it puts that visit right, and counts together with it where a card must fill within one.
    `onto`: everything fills this program card and no other, whatever it lists (an exception).

    Only the customer's id is believed: the rest is read under the lock. What is sent for an account that was merged
    lands with the one that was kept. Raises Customer.DoesNotExist for one who is not there or retired, BadVisit when
    a product is not in the catalogue or an answer does not fit, and NothingToDo when nothing was bought and no reward
    waits; then nothing is written. The caller has opened the transaction: a savepoint in it would cost two statements
    and undo nothing, since all that can be refused is refused before the first write.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A visit is recorded inside a transaction, or it could be recorded by half.")
    seen = _look(customer, basket, at=at)
    customer = seen.customer
    if seen.visit_id or seen.known_lines:
        return _standing(customer, basket, at=at, by=by, now=now)
    # A clock that is a little fast says now: nothing is ever dated tomorrow, where nobody could take it back today. One
    # that is far off is not believed: the queue never waits for a clock.
    is_sure = is_dated or is_believed(basket.occurred_at, now=now)
    occurred_at = min(basket.occurred_at, now) if is_sure else now
    day, today = at.day(occurred_at), at.day(now)
    sold = shelf({line.product_id for line in basket.lines}, at=at, day=day)
    missing = {line.product_id for line in basket.lines} - sold.keys()
    if missing:
        raise unknown_products(len(missing))
    if onto is not None:
        card = card_in_force(onto, location=at, day=day)
        sold = {pk: replace(one, cards=[card] if card else []) for pk, one in sold.items()}
    judged: list[Judged] = []
    if basket.answers or seen.has_fields:
        judged = judged_answers(basket.answers, asked_for=AskedFor.VISIT, at=at, asking=asking)
    visit = Visit(
        key=basket.key,
        body_hash=basket.fingerprint,
        source=source,
        customer_id=customer.pk,
        location_id=at.pk,
        by_id=by.pk if by else None,
        device_id=device_id,
        occurred_at=occurred_at,
        recorded_at=now,
        day=day,
        is_practice=customer.is_practice,
        reason=basket.reason,
        reason_text=basket.reason_text,
        declined=list(basket.declined),
        answer={},
    )
    purchases = _purchases(visit, basket.lines, sold, currency=at.retailer.currency)
    wanted = wanted_cards({product_id: one.cards for product_id, one in sold.items()}, basket.declined)
    filling, turned_away = for_this_customer(customer, wanted, day=day)
    units = units_for_cards(
        ((row.pk, row) for row in purchases), filling, visit_id=(as_of or visit).pk, occurred_at=occurred_at, day=day
    )
    hand = hand_of(customer, units)
    plans = plan(customer, units, today=today, hand=hand)
    visit.answer = _answer(purchases, filling, plans, turned_away)
    # What comes late offers nothing: nobody stands at the till with it.
    visit.has_offer = source != Source.LATE and (hand.has_ready or bool(visit.answer["rewards"]))
    if not purchases and not visit.has_offer:
        raise NothingToDo
    if not plain.insert([visit], unless_there=True):
        # The same key came under another lock at the same moment, or while this one waited for its own.
        return _standing(customer, basket, at=at, by=by, now=now)
    try:
        with plain.together():
            plain.insert(purchases)
            plain.insert(answer_rows(visit, judged, asked_for=AskedFor.VISIT, now=now))
            punch_cards(customer, plans, cause_kind="purchase", at=at, by=by, device_id=device_id)
            if seen.last_seen_at is None or at.day(seen.last_seen_at) != day:
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
                **told_in_event(judged),
                **({} if is_sure else {"till_clock_off": True}),
            )
    except IntegrityError as problem:
        if is_known_line(problem):  # it came in another visit at the same moment
            raise ArrivedTwice from problem
        raise
    count_visit(source=str(source), outcome="recorded")
    return Recorded(visit, customer)


def is_believed(told: datetime, *, now: datetime) -> bool:
    """Whether a till's clock can be right that says so."""
    return now - OLDEST <= told <= now + CLOCK_SLACK


def _look(customer: Customer, basket: Basket, *, at: Location) -> Look:
    try:
        return look(customer, basket, at=at)
    except Customer.DoesNotExist:
        kept = living_or_kept(customer.pk)
        if kept is None:
            raise
        return look(kept, basket, at=at)


def _standing(
    customer: Customer, basket: Basket, *, at: Location, by: User | None, now: datetime
) -> Recorded | Refused:
    """What stands already under this key or its lines: the first answer once more, or a refusal for another body."""
    visit = standing_visit(basket.key)
    if visit and visit.body_hash == basket.fingerprint:
        count_visit(source=str(visit.source), outcome="again")
        return Recorded(visit, customer, is_again=True)
    return _refuse(customer, basket, at=at, by=by, now=now)


def _refuse(customer: Customer, basket: Basket, *, at: Location, by: User | None, now: datetime) -> Refused:
    """Keep what came for a person to look at; the same again is kept once."""
    kept, is_new = KeptVisit.objects.get_or_create(
        key=basket.key,
        body_hash=basket.fingerprint,
        why=Why.OTHER_BASKET,
        defaults={
            "location": at,
            "customer": customer,
            "by": by,
            "kept_at": now,
            "body": {
                "occurred_at": basket.occurred_at.isoformat(),
                "lines": [
                    {"key": str(line.key), "product_id": str(line.product_id), "quantity": line.quantity}
                    for line in basket.lines
                ],
                **({"answers": told_answers(basket.answers)} if basket.answers else {}),
            },
        },
    )
    if is_new:
        record("visit refused", kept, by=by, at=at, now=now)
        count_visit(source=str(Source.TILL), outcome="refused")
    return Refused(kept)


def _purchases(visit: Visit, lines: Sequence[Line], sold: Mapping[int, Sold], *, currency: str) -> list[Purchase]:
    """One row a line, with name, size, code and price as they are that day."""
    return [
        Purchase(
            pk=pk,
            visit_id=visit.pk,
            customer_id=visit.customer_id,
            location_id=visit.location_id,
            key=line.key,
            product_id=line.product_id,
            gtin=sold[line.product_id].gtin,
            name=sold[line.product_id].name,
            size=sold[line.product_id].size,
            msrp_cents=sold[line.product_id].msrp_cents,
            currency=currency,
            quantity=line.quantity,
            paid_cents=line.paid_cents,
            day=visit.day,
            occurred_at=visit.occurred_at,
        )
        for line, pk in zip(lines, new_ids(len(lines)), strict=True)
    ]


def _answer(
    purchases: list[Purchase], filling: Filling, plans: Mapping[int, Plan], turned_away: Mapping[int, str]
) -> dict[str, Any]:
    """What the till is told, and told again: lines, cards as they stand now, sums. `turned_away`: the cards that are
    for others, and why."""
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
            "rewards": planned.waiting(after),
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
        "why_not": [*turned_away.values(), *why_not(plans, titles)],
        "punches": sum(card["added"] for card in cards),
        "rewards": sum(card["rewards"] for card in cards),
    }
