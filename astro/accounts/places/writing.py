"""Adding and changing locations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.kit.errors import DomainError
from astro.kit.outbox import queue
from astro.tenancy.current import scope
from astro.tenancy.models import Location, Logo, OpenHours, Retailer
from astro.tenancy.stores import primary_location

GREET = "customers.greet_location"
"""The outbox row that has the practice customer known at a new location."""

TOLD = (
    "name",
    "store_name",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "phone",
    "website",
    "email",
    "time_zone",
)
"""What people type of a location, by the names of its columns."""


class LocationNameTaken(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Another location of your store has this name. Choose another one."), field="name")


@transaction.atomic
def add_location(told: Mapping[str, Any], *, by: User, now: datetime) -> Location:
    """One more of the current retailer; the first one is the primary. Raises `LocationNameTaken`."""
    _lock()
    is_first = not Location.objects.exists()
    location = Location(**{name: told[name] for name in TOLD if name in told}, is_primary=is_first, created_at=now)
    _save(location, force_insert=True)
    record("location added", location, by=by, at=location, now=now)
    queue.put(GREET, {}, retailer_id=location.retailer_id, now=now)
    return location


@transaction.atomic
def change_location(location: Location, told: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """`told` has the columns of `TOLD` that may change. What is the same is not written. Raises `LocationNameTaken`."""
    changed = [name for name in TOLD if name in told and getattr(location, name) != told[name]]
    if not changed:
        return
    for name in changed:
        setattr(location, name, told[name])
    _save(location, update_fields=changed)
    record("location changed", location, by=by, at=location, now=now, fields=changed)


@transaction.atomic
def make_primary(location: Location, *, by: User, now: datetime) -> None:
    """From now on this location speaks in the store's letters and texts."""
    _lock()
    before = primary_location(location.retailer)
    if before is not None and before.pk == location.pk and before.is_primary:
        return
    Location.objects.filter(is_primary=True).update(is_primary=False)
    Location.objects.filter(pk=location.pk).update(is_primary=True)
    location.is_primary = True
    record("location changed", location, by=by, at=location, now=now, fields=["is_primary"])


@transaction.atomic
def write_hours(location: Location, hours: Mapping[int, tuple[time, time]], *, by: User, now: datetime) -> None:
    """When it is open, by weekday (0 is Monday); a day that is not there is closed."""
    _lock_location(location)
    before = {row.weekday: (row.opens_at, row.closes_at) for row in OpenHours.objects.filter(location=location)}
    if before == dict(hours):
        return
    OpenHours.objects.filter(location=location).delete()
    OpenHours.objects.bulk_create(
        OpenHours(location=location, weekday=day, opens_at=opens, closes_at=closes)
        for day, (opens, closes) in sorted(hours.items())
    )
    record("location changed", location, by=by, at=location, now=now, fields=["hours"])


@transaction.atomic
def write_logo(location: Location, *, image: bytes, small: bytes, by: User, now: datetime) -> Logo:
    """In place of the one before, if there was any. Both are pictures that we drew."""
    _lock_location(location)
    Logo.objects.filter(location=location).delete()
    logo = Logo(location=location, image=image, small=small, drawn_at=now)
    logo.save(force_insert=True)
    record("location changed", location, by=by, at=location, now=now, fields=["logo"])
    return logo


@transaction.atomic
def remove_logo(location: Location, *, by: User, now: datetime) -> None:
    """Twice changes nothing."""
    if Logo.objects.filter(location=location).delete()[0]:
        record("location changed", location, by=by, at=location, now=now, fields=["logo"])


def _save(location: Location, **how: Any) -> None:
    try:
        with transaction.atomic():
            location.save(**how)
    except IntegrityError:
        if Location.objects.filter(name=location.name).exclude(pk=location.pk).exists():
            raise LocationNameTaken from None
        raise


def _lock() -> None:
    """Two that would be first, or primary, at once go one after the other."""
    Retailer.objects.select_for_update(no_key=True).get(pk=scope() or 0)


def _lock_location(location: Location) -> None:
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
