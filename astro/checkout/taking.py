"""Taking what a till kept: what the catalogue knows becomes a visit, the rest is kept for a person.

The way in for an arrival, and once more for what a person has settled (`arriving.py`, `settling.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin
from astro.checkout.actions import Refused, record_visit
from astro.checkout.arrivals import Goods, Unknown
from astro.checkout.basket import MOST_LINES, Basket, Line, told_answers
from astro.checkout.fields.judging import Asking
from astro.checkout.models import KeptVisit, Visit, Why
from astro.customers.models import Customer
from astro.kit import plain
from astro.kit.gtin import GtinError, to_gtin14
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Delivery:
    """A kept visit on its way in: what every row that is written of it has in common.

    `body` is how the till named the customer, and what else a person may want to know; `occurred_at` is as counted, and
    `is_sure` that nobody needs to look at it.
    """

    key: UUID
    body_hash: str
    body: dict[str, Any]
    occurred_at: datetime
    is_sure: bool
    at: Location
    by: User | None
    device_id: int | None

    def keep(
        self, why: Why, goods: Goods, *, customer: Customer | None, visit: Visit | None, now: datetime, **more: Any
    ) -> None:
        """A row for a person to look at. The same again is kept once."""
        kept = KeptVisit(
            key=self.key,
            why=why,
            location_id=self.at.pk,
            customer_id=customer.pk if customer else None,
            by_id=self.by.pk if self.by else None,
            device_id=self.device_id,
            body={**self.body, **told_goods(goods), "is_sure": self.is_sure, **more},
            body_hash=self.body_hash,
            occurred_at=self.occurred_at,
            kept_at=now,
            visit_id=visit.pk if visit else None,
        )
        if plain.insert([kept], unless_there=True):
            record("visit kept", kept, by=self.by, at=self.at, now=now, device_id=self.device_id, why=str(why))


def take(
    delivery: Delivery, goods: Goods, customer: Customer, *, fingerprint: str, now: datetime
) -> tuple[Visit | None, list[Why]]:
    """Record what the catalogue knows, and keep the rest; the visit, if there is one, and why rows were kept.

    `fingerprint` is that of the visit: sent straight from the till it would have had the same. Raises
    Customer.DoesNotExist for one who was retired meanwhile, and ArrivedTwice.
    """
    named, missing = in_catalogue(goods, key=delivery.key)
    visit: Visit | None = None
    whys: list[Why] = []
    if named:
        said = goods.reason, goods.reason_text, goods.answers, goods.declined
        basket = Basket(delivery.key, delivery.occurred_at, named, fingerprint, *said)
        done = record_visit(
            customer,
            basket,
            at=delivery.at,
            by=delivery.by,
            device_id=delivery.device_id,
            is_dated=True,
            asking=Asking.OF_NOBODY,
            now=now,
        )
        if isinstance(done, Refused):
            _tell_all(done.kept, delivery, goods)
            return None, [Why.OTHER_BASKET]
        visit = done.visit
        if done.is_again:  # it came straight from the till before, where codes that nobody knew were left out
            missing = replace(missing, unknown=goods.unknown)
        elif not delivery.is_sure:
            whys.append(Why.CLOCK)
            delivery.keep(Why.CLOCK, Goods(named), customer=customer, visit=visit, now=now)
    if missing:
        if visit is None:  # then what was answered waits with the items
            missing = replace(missing, answers=goods.answers)
        whys.append(Why.UNKNOWN_ITEMS)
        delivery.keep(Why.UNKNOWN_ITEMS, missing, customer=customer, visit=visit, now=now)
    return visit, whys


def in_catalogue(goods: Goods, *, key: UUID) -> tuple[tuple[Line, ...], Goods]:
    """The lines whose products are known, with codes that the catalogue has learned since; and what is left.

    A code's line always has the same key in the same visit, so that it counts once, whatever comes again.
    """
    ids = {line.product_id for line in goods.lines}
    known = set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    named = [line for line in goods.lines if line.product_id in known]
    left: list[Unknown] = []
    for number, one in enumerate(goods.unknown):
        product = product_of(one.code)
        if product is None or len(named) >= MOST_LINES:
            left.append(one)
        else:
            named.append(Line(uuid5(key, f"code {number}"), product.pk, one.quantity))
    missing = tuple(line for line in goods.lines if line.product_id not in known)
    return tuple(named), Goods(missing, tuple(left), declined=goods.declined)


def product_of(code: str) -> Product | None:
    """The product that carries this code now, if it is a barcode number that one does."""
    try:
        return product_by_gtin(to_gtin14(code))
    except GtinError:
        return None


def told_goods(goods: Goods) -> dict[str, Any]:
    """Goods as they stand in the body of a kept visit; `arrivals.read_goods` reads them back."""
    told: dict[str, Any] = {"lines": _told_lines(goods.lines)}
    if goods.unknown:
        told["unknown"] = [{"code": one.code, "quantity": one.quantity} for one in goods.unknown]
    if goods.reason:
        told |= {"reason": goods.reason, "reason_text": goods.reason_text}
    if goods.declined:
        told["declined"] = [str(pk) for pk in goods.declined]
    if goods.answers:
        told["answers"] = told_answers(goods.answers)
    return told


def _told_lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            "key": str(line.key),
            "product_id": str(line.product_id),
            "quantity": line.quantity,
            **({} if line.paid_cents is None else {"paid_cents": line.paid_cents}),
        }
        for line in lines
    ]


def _tell_all(kept: KeptVisit, delivery: Delivery, goods: Goods) -> None:
    """A visit that was refused for its key holds all that came with it, and not only what the catalogue knew."""
    kept.body = {**delivery.body, **told_goods(goods), "is_sure": delivery.is_sure}
    kept.save(update_fields=["body"])
