"""Who works where, and which till a browser is."""

from __future__ import annotations

import secrets

from django.db.models import Case, QuerySet, When

from astro.accounts.models import Device, Membership, Role, User
from astro.accounts.tills import TillCookie, hash_of
from astro.tenancy.current import within
from astro.tenancy.models import Location


def living_memberships(user: User) -> list[Membership]:
    """Where this person works now: the widest first, then the oldest. The first is chosen where nobody chooses."""
    widest_first = Case(When(role=Role.MASTER, then=0), When(role=Role.ADMINISTRATOR, then=1), default=2)
    return list(
        user.memberships.filter(ended_at__isnull=True)
        .select_related("retailer")
        .order_by(widest_first, "began_at", "id")
    )


def work_places(user: User) -> list[Membership]:
    """The same, with the names of the locations, each read inside its own retailer's wall."""
    memberships = living_memberships(user)
    for membership in memberships:
        with within(membership.retailer_id):
            membership.location  # noqa: B018 - fetched and kept on the membership
    return memberships


def locations_of(membership: Membership) -> QuerySet[Location]:
    """The locations within reach. Inside the membership's retailer."""
    places: QuerySet[Location] = Location.objects.all()
    return places if membership.location_id is None else places.filter(pk=membership.location_id)


def living_devices(membership: Membership) -> QuerySet[Device]:
    """The tills of the locations within reach, by location and name."""
    tills: QuerySet[Device] = Device.objects.filter(retired_at__isnull=True).select_related("location", "enrolled_by")
    if membership.location_id is not None:
        tills = tills.filter(location=membership.location_id)
    return tills.order_by("location__name", "name")


def device_of(cookie: TillCookie | None) -> Device | None:
    """The living till of the current retailer that this cookie proves to be, else None."""
    if cookie is None:
        return None
    tills: QuerySet[Device] = Device.objects.filter(pk=cookie.device_id, retailer=cookie.retailer_id)
    device = tills.filter(retired_at__isnull=True).first()
    if device is None or not secrets.compare_digest(device.secret_hash, hash_of(cookie.secret)):
        return None
    return device
