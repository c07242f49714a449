"""Who is at a till."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from astro.accounts.models import Device, Membership, Pin
from astro.accounts.pins.digits import TRIES


@dataclass(frozen=True)
class AtTill:
    """Somebody who may take this till over. `membership_id` names them to the till; `is_off`: too many wrong ones."""

    membership_id: int
    name: str
    digits: int
    is_off: bool
    is_here: bool = False


def people_at(device: Device, *, here: int | None = None) -> list[AtTill]:
    """Who works at this till's location and has a PIN, by name; each person once. `here`: the user who is signed in."""
    pins = {pin.user_id: pin for pin in Pin.objects.all()}
    found: dict[int, AtTill] = {}
    for one in _of_location(device).filter(user__in=list(pins)).select_related("user").order_by("user__name", "id"):
        pin = pins[one.user_id]
        found.setdefault(
            one.user_id,
            AtTill(one.pk, one.user.name, pin.digits_count, pin.tries >= TRIES, is_here=one.user_id == here),
        )
    return list(found.values())


def worker_at(device: Device, membership_id: int) -> Membership | None:
    """Somebody who works at this till's location, if that is who this is. Inside the till's retailer."""
    return _of_location(device).filter(pk=membership_id).select_related("user", "retailer").first()


def removed_from_till(device: Device, membership_id: int) -> Membership | None:
    """Somebody who worked at this till's location and works nowhere in this store now. Their PIN went with them, so
    none proves it: the till does, which shows who works there anyway. Inside the till's retailer."""
    works_here = Membership.objects.filter(retailer=device.retailer_id, user=OuterRef("user"), ended_at__isnull=True)
    once = Membership.objects.filter(
        Q(location__isnull=True) | Q(location=device.location_id),
        ~Exists(works_here),
        pk=membership_id,
        retailer=device.retailer_id,
        user__is_active=True,
    )
    return once.select_related("user", "retailer").first()


def _of_location(device: Device) -> QuerySet[Membership]:
    everywhere_or_here = Q(location__isnull=True) | Q(location=device.location_id)
    return Membership.objects.filter(
        everywhere_or_here, retailer=device.retailer_id, ended_at__isnull=True, user__is_active=True
    )
