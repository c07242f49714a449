"""How a retailer introduces itself to the people who shop there: by its primary location."""

from __future__ import annotations

from dataclasses import dataclass

from astro.tenancy.models import Location, Retailer


@dataclass(frozen=True, slots=True)
class Store:
    """In whose name a message goes. `postal_address` is lines, without the name, and empty until the store has told it;
    `phone` E.164; `email` where answers go. Both may be empty."""

    name: str
    postal_address: tuple[str, ...]
    phone: str
    email: str


def primary_location(retailer: Retailer) -> Location | None:
    """The one marked so, or else the first that was opened. None before there is any."""
    location: Location | None = Location.objects.order_by("-is_primary", "created_at", "id").first()
    return location


def store_of(retailer: Retailer) -> Store:
    """The current retailer as its customers know it."""
    location = primary_location(retailer)
    if location is None:
        return Store(retailer.name, (), "", "")
    town = " ".join(part for part in (location.region, location.postcode) if part)
    city = ", ".join(part for part in (location.city, town) if part)
    lines = (location.street, city) if location.street and location.city else ()
    name = " ".join((location.store_name or retailer.name).split())  # it stands in headers
    return Store(name, lines, location.phone, location.email)
