"""Recording what happened, in the transaction in which it happens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from astro.activity.models import Event
from astro.kit import plain
from astro.kit.asking import asking
from astro.tenancy.current import OtherRetailer
from astro.tenancy.models import Location

_WORD = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")


def record(
    name: str,
    about: Model,
    *,
    by: Any,
    at: Location | None,
    now: datetime,
    device_id: int | None = None,
    **facts: Any,
) -> Event:
    """Write down that something happened to `about`. `by` is a user, or None where the system acted by itself;
    who really sat at the keyboard, and from where, is known from the request (`kit.asking`).

    A fact is a number, a yes or no, a day, a key (UUID), the name of a field or state, or a list of these. Free text is
    refused with ValueError: it could be something a customer told us, and an event cannot be erased.
    """
    return record_many(name, [about], by=by, at=at, now=now, device_id=device_id, **facts)[0]


def record_many(
    name: str,
    about: Sequence[Model],
    *,
    by: Any,
    at: Location | None,
    now: datetime,
    device_id: int | None = None,
    **facts: Any,
) -> list[Event]:
    """The same for many at once that share what is told, in one statement: an event for each."""
    told = {key: _fact(key, value) for key, value in facts.items()}
    who = asking()
    events = [
        Event(
            name=name,
            about_kind=one._meta.label_lower,
            about_id=one.pk,
            by_user_id=by.pk if by else None,
            really_by_id=who.really_by,
            location_id=at.pk if at else None,
            device_id=device_id,
            address=who.address,
            at=now,
            facts=told,
        )
        for one in about
    ]
    for event in events[:1]:
        if event.retailer_id is None or (at is not None and at.retailer_id != event.retailer_id):
            raise OtherRetailer("An event is of one retailer, and so is its location.")
    plain.insert(events)
    return events


def _fact(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_fact(key, one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise ValueError(f"{key}={value!r} may be a customer's own words. Record ids and names of fields only.")
