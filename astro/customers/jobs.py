"""What happens to customers by the clock: likely doubles are looked for, and whose day has come is erased."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from astro.customers.actions import add_practice_customer, erase_due
from astro.customers.doubles import look_for_doubles
from astro.kit.outbox.handlers import daily, handles
from astro.tenancy.everywhere import put_everywhere
from astro.tenancy.features import MERGING, has_now
from astro.tenancy.models import Location


@daily(time(9))
@handles("customers.doubles")
def look_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """At every retailer, in the small hours of North America."""
    put_everywhere("customers.look_for_doubles", once=now.date().isoformat(), now=now)


@handles("customers.look_for_doubles")
def look_here(payload: dict[str, Any], *, now: datetime) -> None:
    if has_now(MERGING):
        look_for_doubles(today=now.date())


@daily(time(10))
@handles("customers.erase")
def erase_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    put_everywhere("customers.erase_due", once=now.date().isoformat(), now=now)


@handles("customers.erase_due")
def erase_here(payload: dict[str, Any], *, now: datetime) -> None:
    """Whose 30 days are over at all of this retailer's locations."""
    days = [location.day(now) for location in Location.objects.all()]
    if days:
        erase_due(today=min(days), now=now)


@handles("customers.greet_location")
def greet_location(payload: dict[str, Any], *, now: datetime) -> None:
    """A location was added: the practice customer is known there too."""
    add_practice_customer(now=now)
