"""What a person does about a kept visit. Each settles its row in the same transaction, and last: two people who settle
one at the same moment meet at that update, and the second one has done nothing.

What is recorded now happened then: as of the moment that the till kept, in the name of whoever rang it up. Items that
are named later are an addition of their own, entered late by whoever names them. Both are visits and undone like all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Product
from astro.checkout.arrivals import Goods, read_goods, read_who
from astro.checkout.basket import Line
from astro.checkout.errors import CountedMeanwhile, NotAll, NothingKept, SettledBefore, StillCounts
from astro.checkout.fields.judging import Asking
from astro.checkout.late import enter_late
from astro.checkout.models import KeptVisit, LateWhy, Settled, Visit, Why
from astro.checkout.taking import Delivery, take
from astro.customers.models import Customer
from astro.kit.asking import asked, asking
from astro.kit.phones import PhoneError, to_e164
from astro.tenancy.models import Location

TO_BE_NAMED = frozenset({Why.UNNAMED, Why.UNKNOWN_CUSTOMER, Why.REMOVED_CUSTOMER})
"""Of which nothing is recorded until somebody says whose it is."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that has to be named: a product that is in no catalogue any more, or a code that was in none."""

    product_id: int | None
    code: str
    quantity: int


def goods_of(kept: KeptVisit) -> Goods:
    """What was bought, as far as it was not recorded at once."""
    return read_goods(kept.body, key=kept.key)[0]


def addition_key(kept: KeptVisit) -> UUID:
    """The key of the visit that holds the items which somebody named later: always the same for this row."""
    return uuid5(kept.key, f"named {kept.pk}")


@transaction.atomic
def name_customer(kept: KeptVisit, customer: Customer, *, by: User, at: Location, now: datetime) -> Visit | None:
    """Record a visit for the customer that it belongs to, as of its moment. Items that nobody knows are kept once more.

    The visit, or None where nothing of it could be recorded yet. Raises SettledBefore, CountedMeanwhile where the visit
    came in by another way, NothingKept for a row without items, and Customer.DoesNotExist.
    """
    row = _open(kept)
    goods = goods_of(row)
    if not goods:
        raise NothingKept
    delivery = Delivery(
        key=row.key,
        body_hash=row.body_hash,
        body=_without_goods(row),
        occurred_at=row.occurred_at or row.kept_at,
        is_sure=row.body.get("is_sure", True) is True,
        at=row.location,
        by=row.by,
        device_id=row.device_id,
    )
    with asked(really_by=row.body.get("really_by") or asking().really_by, address=asking().address):
        visit, whys = take(delivery, goods, customer, fingerprint=row.body_hash, now=now)
    if Why.OTHER_BASKET in whys:
        raise CountedMeanwhile
    _settle(
        row,
        Settled.RECORDED,
        customer_id=visit.customer_id if visit else customer.pk,
        visit_id=visit.pk if visit else None,
        by=by,
        at=at,
        now=now,
    )
    return visit


@transaction.atomic
def name_items(
    kept: KeptVisit,
    chosen: Mapping[int, Product],
    *,
    dropped: frozenset[int] = frozenset(),
    note: str = "",
    by: User,
    device_id: int | None = None,
    at: Location,
    now: datetime,
) -> Visit | None:
    """Record items that the catalogue did not know, as the products that somebody chose, by their place in `items_of`;
    the places in `dropped` are left out. The addition, or None where all was dropped.

    Raises SettledBefore, NotAll where an item is neither chosen nor dropped, and what `enter_late` raises.
    """
    row = _open(kept)
    items = items_of(row)
    if set(chosen) | dropped != set(range(len(items))) or row.customer is None:
        raise NotAll
    key = addition_key(row)
    lines = tuple(
        Line(uuid5(key, f"item {place}"), chosen[place].pk, items[place].quantity) for place in sorted(chosen)
    )
    visit = None
    if lines:
        entered = enter_late(
            row.customer,
            lines,
            key=key,
            occurred_at=row.occurred_at or row.kept_at,
            why=LateWhy.KEPT,
            answers=goods_of(row).answers,
            asking=Asking.IF_THEY_LIKE if row.visit_id else Asking.OF_NOBODY,
            at=row.location,
            by=by,
            device_id=device_id,
            now=now,
        )
        visit = entered.visit
    _settle(
        row,
        Settled.RECORDED if lines else Settled.DROPPED,
        visit_id=row.visit_id or (visit.pk if visit else None),
        by=by,
        at=at,
        now=now,
        note=note,
    )
    return visit


@transaction.atomic
def look_at(kept: KeptVisit, *, by: User, at: Location, now: datetime, note: str = "") -> None:
    """Somebody has looked, and it is right as it stands, or was put right elsewhere. Nothing is recorded from it."""
    _settle(_open(kept), Settled.LOOKED_AT, by=by, at=at, now=now, note=note)


@transaction.atomic
def drop(kept: KeptVisit, *, note: str, by: User, at: Location, now: datetime) -> None:
    """It does not count, for the reason in `note`. The row stays, with what was bought."""
    _settle(_open(kept), Settled.DROPPED, by=by, at=at, now=now, note=note)


@transaction.atomic
def open_again(kept: KeptVisit, *, by: User, at: Location, now: datetime) -> None:
    """It was settled too soon. What was recorded from it is not undone here: that visit has its own undo, and naming
    once more would find it standing. Raises StillCounts for such a one."""
    rows = KeptVisit.objects.filter(pk=kept.pk, settled_how__in=[Settled.LOOKED_AT, Settled.DROPPED])
    told = {"settled_at": None, "settled_by": None, "settled_how": "", "settled_note": ""}
    if not rows.filter(settled_at__isnull=False).update(**told):
        raise StillCounts
    record("kept visit opened again", kept, by=by, at=at, now=now, why=str(kept.why))


def items_of(kept: KeptVisit) -> list[Item]:
    """What has to be named: first lines whose product is gone, then codes, each in the order of the till."""
    goods = goods_of(kept)
    lines = [Item(product_id=line.product_id, code="", quantity=line.quantity) for line in goods.lines]
    return [*lines, *(Item(product_id=None, code=one.code, quantity=one.quantity) for one in goods.unknown)]


def _open(kept: KeptVisit) -> KeptVisit:
    row: KeptVisit = KeptVisit.objects.get(pk=kept.pk)
    if row.settled_at is not None:
        raise SettledBefore
    return row


def _settle(
    row: KeptVisit, how: Settled, *, by: User, at: Location, now: datetime, note: str = "", **found: int | None
) -> None:
    """The row is done with, whoever it turned out to be about. A phone number was there to find them by, no longer."""
    told = {"settled_at": now, "settled_by": by, "settled_how": how, "settled_note": note, **found}
    if not KeptVisit.objects.filter(pk=row.pk, settled_at=None).update(**told):
        raise SettledBefore
    if found.get("customer_id"):
        KeptVisit.objects.filter(key=row.key, customer=None).update(customer_id=found["customer_id"])
    forget_phone(row)
    record("kept visit settled", row, by=by, at=at, now=now, why=str(row.why), how=str(how))


def forget_phone(kept: KeptVisit) -> None:
    """Takes a phone number out of the body, with the raw text that it may stand in."""
    if "phone" in kept.body.get("customer", {}):
        kept.body = {name: value for name, value in kept.body.items() if name not in ("customer", "raw")}
        kept.save(update_fields=["body"])


def forget_kept(customer: Customer) -> None:
    """The words by which tills named this customer, and what was typed beside: they are erased. Also in purchases that
    nobody has settled, which only their phone number leads to. What was bought stays."""
    rows = list(KeptVisit.objects.filter(customer=customer))
    if customer.phone:
        nobodys = KeptVisit.objects.filter(customer=None, settled_at=None).exclude(why=Why.UNNAMED)
        rows += [row for row in nobodys.select_related("location") if phone_of(row) == customer.phone]
    for row in rows:
        row.body = {name: value for name, value in row.body.items() if name not in _WORDS}
        row.settled_note = ""
        row.save(update_fields=["body", "settled_note"])


_WORDS = frozenset({"customer", "raw", "reason_text", "answers"})


def phone_of(kept: KeptVisit) -> str:
    """The phone number by which the till named the customer, as it is stored; empty where it did not."""
    who = read_who(kept.body.get("customer"))
    try:
        return to_e164(who.words, kept.location.country) if who.way == "phone" else ""
    except PhoneError:
        return ""


def _without_goods(kept: KeptVisit) -> dict[str, Any]:
    """What the body says beside the goods; without the phone number, which has done its service."""
    return {
        name: value
        for name, value in kept.body.items()
        if name in ("customer", "occurred_at", "clock_off_seconds", "rung_up_by", "really_by")
        and not (name == "customer" and "phone" in value)
    }
