"""From where people are signed in, and who may come from where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from astro.accounts.models import Membership, RestrictionLift, StaffSession
from astro.kit.addresses import is_within, read_address
from astro.tenancy.models import Retailer


@dataclass(frozen=True, slots=True)
class Place:
    """An address from which people are signed in; "" where it is not known, and then neither is `is_allowed`. A list
    allows what it has, none allows all."""

    address: str
    people: tuple[str, ...]
    is_allowed: bool | None
    is_mine: bool


def signed_in_places(
    retailer: Retailer, *, networks: str, mine: str, my_session: str | None, now: datetime
) -> list[Place]:
    """The addresses of the living sessions of this store, mine first, then those that the list would shut out. Of my
    own session I know where I am; of the others, where they were last."""
    found: dict[str, set[str]] = {}
    sessions = StaffSession.objects.filter(retailer=retailer.pk, expire_date__gt=now, user__isnull=False)
    for key, address, name in sessions.values_list("session_key", "address", "user__name"):
        there = mine if key == my_session else str(read_address(address or "") or "")
        found.setdefault(there, set()).add(name)
    places = [
        Place(address, tuple(sorted(people)), allows(networks, address) if address else None, address == mine)
        for address, people in found.items()
    ]
    return sorted(places, key=lambda place: (not place.is_mine, place.is_allowed is not False, place.address))


def allows(networks: str, address: str) -> bool:
    """Whether a list as it is stored lets this address in; no list lets everybody in."""
    return not networks or is_within(read_address(address), networks.splitlines())


def restricted_people(retailer: Retailer) -> QuerySet[Membership]:
    """Who has a list of their own, by name."""
    living = Membership.objects.filter(retailer=retailer.pk, ended_at__isnull=True).exclude(networks="")
    return living.select_related("user").order_by("user__name", "id")


def last_lift() -> RestrictionLift | None:
    """The last time that support took off the current store's own list."""
    lifts: QuerySet[RestrictionLift] = RestrictionLift.objects.filter(membership__isnull=True)
    return lifts.order_by("-at").first()


def shut_out(places: Iterable[Place]) -> list[str]:
    """The names of those whom the list would shut out, each once."""
    return sorted({name for place in places if place.is_allowed is False for name in place.people})
