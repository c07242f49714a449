"""Which locations the person at the screen decides for, and which day it is for them."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest

from astro.accounts.queries import locations_of
from astro.tenancy.models import Location


def locations_in_reach(request: HttpRequest) -> list[Location]:
    """All of the retailer's for a master administrator, else the one they work at; by name."""
    return list(locations_of(request.membership))  # type: ignore[attr-defined]


def today(request: HttpRequest, locations: list[Location], *, now: datetime) -> date:
    """The day where the person stands: lists are told by it. What is written goes by each location's own day."""
    here = next((row for row in locations if row.pk == request.location_id), None)  # type: ignore[attr-defined]
    place = here or next(iter(locations), None)
    return place.day(now) if place else now.date()
