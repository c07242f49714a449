"""Which brands' offers are joined by themselves, where, and which offers that means now. Only reads.

What nobody ever enrolled at a location is due there. So whoever left an offer, or took it back, is never enrolled in it
again by the clock, and an offer that somebody joined by hand is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from astro.catalog.models import Brand, Distributor
from astro.programs.inclusion import why_not
from astro.programs.models import (
    AutoEnrollment,
    Carrier,
    DistributorAccount,
    Enrollment,
    Fulfilment,
    Kind,
    Program,
)
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the offers of a brand are to be joined, and who pays at each location; None for Temporary Holding.
    `numbers`: account numbers that were typed, by the id of the location."""

    brand: Brand
    payers: Mapping[Location, Distributor | None]
    numbers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """An offer to be joined at a location from `from_on`. `why_held`: why it goes into Temporary Holding although
    somebody was chosen to pay; empty where it does not."""

    program: Program
    location: Location
    distributor: Distributor | None
    number: str
    from_on: date
    why_held: str = ""


def standing_choices() -> dict[int, AutoEnrollment]:
    """The last word on each brand that anything was ever said about, by the brand's id. Four queries at most."""
    rows = AutoEnrollment.objects.select_related("brand", "distributor", "decided_by")
    rows = rows.prefetch_related("places__location", "places__distributor")
    return {row.brand_id: row for row in rows.order_by("decided_at", "id")}


def history_of(brand: Brand) -> list[AutoEnrollment]:
    """Everything that was decided about a brand, the newest first. Three queries at most."""
    rows = AutoEnrollment.objects.filter(brand=brand).select_related("distributor", "decided_by")
    return list(rows.prefetch_related("places__location", "places__distributor").order_by("-decided_at", "-id"))


def payers_of(choice: AutoEnrollment, *, locations: Iterable[Location]) -> dict[Location, Distributor | None]:
    """Where a choice holds and who pays there. `locations`: all that the store has."""
    if choice.covers_all:
        return dict.fromkeys(locations, choice.distributor)
    named = {row.location_id: row.distributor for row in choice.places.all()}
    return {place: named[place.pk] for place in locations if place.pk in named}


def offers_open(*, day: date) -> QuerySet[Program]:
    """Every brand's offers that can still be joined by themselves: none that a brand has to approve first."""
    still_open = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    return Program.objects.filter(still_open, kind=Kind.OFFER, retailer__isnull=True, is_private=False)


def distributors_of(brand: Brand, *, locations: Collection[Location]) -> dict[Distributor, set[int]]:
    """Who pays for programs of the brand at these locations, each with the ids of those it serves, by name."""
    carrying = Distributor.objects.filter(carried__program__brand=brand, retired_at__isnull=True).distinct()
    found: dict[Distributor, set[int]] = {}
    for one in carrying.prefetch_related("served_regions").order_by("name"):
        regions = {(row.country, row.region) for row in one.served_regions.all()}
        served = {place.pk for place in locations if (place.country, place.region) in regions}
        if served:
            found[one] = served
    return found


def known_numbers(distributors: Iterable[Distributor], *, locations: Iterable[Location]) -> dict[tuple[int, int], str]:
    """The account numbers that these distributors gave these locations, by ids of distributor and location."""
    rows = DistributorAccount.objects.filter(
        distributor__in=[row.pk for row in distributors], location__in=[row.pk for row in locations]
    )
    return {(payer, place): number for payer, place, number in rows.values_list("distributor", "location", "number")}


def due(wishes: Collection[Wish], *, given: Collection[str], now: datetime) -> list[Due]:
    """What these wishes ask for and nobody ever enrolled, by brand, first day, title and location. Five queries at
    most. `given`: what the store's account has."""
    places = {place.pk: place for wish in wishes for place in wish.payers}
    if not places:
        return []
    by_brand = {wish.brand.pk: wish for wish in wishes}
    first_day = min(place.day(now) for place in places.values())
    rows = offers_open(day=first_day).filter(brand__in=by_brand).select_related("brand")
    offers = [row for row in rows if not why_not(row, given)]
    touched = set(
        Enrollment.objects.filter(program__in=[row.pk for row in offers], location__in=list(places)).values_list(
            "program_id", "location_id"
        )
    )
    payers = {payer for wish in wishes for payer in wish.payers.values() if payer is not None}
    pays = _Pays.of(payers, programs=offers, places=list(places.values()))
    found = []
    for program in offers:
        wish = by_brand[program.brand_id or 0]
        for place, payer in wish.payers.items():
            day = place.day(now)
            if (program.pk, place.pk) in touched or not program.can_be_joined(day):
                continue
            number = pays.number(payer, place, typed=wish.numbers.get(place.pk, ""))
            why_held = pays.why_held(program, place, payer, number)
            if program.fulfilment != Fulfilment.DISTRIBUTOR or why_held:
                payer, number = None, ""
            found.append(Due(program, place, payer, number, max(day, program.starts_on), why_held))
    return sorted(found, key=lambda one: (str(one.program.brand), one.from_on, one.program.title, one.location.name))


@dataclass(frozen=True, slots=True)
class _Pays:
    """What is known of the distributors that were chosen."""

    carried: set[tuple[int, int]]
    served: Mapping[int, set[tuple[str, str]]]
    numbers: Mapping[tuple[int, int], str]

    @classmethod
    def of(cls, payers: Collection[Distributor], *, programs: list[Program], places: list[Location]) -> _Pays:
        if not payers:
            return cls(set(), {}, {})
        ids = [row.pk for row in payers]
        carried = Carrier.objects.filter(distributor__in=ids, program__in=[row.pk for row in programs])
        served = defaultdict(set)
        regions = Distributor.objects.filter(pk__in=ids, retired_at__isnull=True)
        for pk, country, region in regions.values_list("pk", "served_regions__country", "served_regions__region"):
            served[pk].add((country, region))
        numbers = known_numbers(payers, locations=places)
        return cls(set(carried.values_list("distributor_id", "program_id")), served, numbers)

    def number(self, payer: Distributor | None, place: Location, *, typed: str) -> str:
        return typed or (self.numbers.get((payer.pk, place.pk), "") if payer else "")

    def why_held(self, program: Program, place: Location, payer: Distributor | None, number: str) -> str:
        if payer is None or program.fulfilment != Fulfilment.DISTRIBUTOR:
            return ""
        if (payer.pk, program.pk) not in self.carried:
            return _("%(distributor)s does not pay for this offer.") % {"distributor": payer.name}
        if (place.country, place.region) not in self.served.get(payer.pk, set()):
            words = _("%(distributor)s does not deliver to %(location)s.")
            return words % {"distributor": payer.name, "location": place.name}
        if payer.needs_account_number and not number:
            words = _("No account number with %(distributor)s is known.")
            return words % {"distributor": payer.name}
        return ""
