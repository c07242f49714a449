"""Who may pay for a program at a location, and which joining and leaving can still be undone. For this module alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from astro.catalog.models import Distributor
from astro.programs.models import Carrier, DistributorAccount, Enrollment, Program
from astro.tenancy.models import Location

ONE_DAY = timedelta(days=1)
UNDO_FOR = timedelta(minutes=10)


def distributors_for(program: Program, *, locations: Collection[Location]) -> dict[Distributor, set[int]]:
    """Who would pay for this program at these locations, each with the ids of those it serves, by name. Two queries."""
    carrying = Distributor.objects.filter(carried__program=program, retired_at__isnull=True)
    found: dict[Distributor, set[int]] = {}
    for distributor in carrying.prefetch_related("served_regions").order_by("name"):
        regions = {(row.country, row.region) for row in distributor.served_regions.all()}
        served = {place.pk for place in locations if (place.country, place.region) in regions}
        if served:
            found[distributor] = served
    return found


def can_be_taken_back(enrollments: Collection[Enrollment], *, now: datetime) -> list[Enrollment]:
    """Those of the running enrollments that are ten minutes old at most and follow no other one to the day."""
    fresh = [row for row in enrollments if row.until_on is None and now - row.enrolled_at <= UNDO_FOR]
    if not fresh:
        return []
    before = Enrollment.objects.filter(
        location__in={row.location_id for row in fresh}, program__in={row.program_id for row in fresh}
    )
    ends = set(before.filter(until_on__isnull=False).values_list("location_id", "program_id", "until_on"))
    return [row for row in fresh if (row.location_id, row.program_id, row.from_on - ONE_DAY) not in ends]


def can_stay(enrollments: Collection[Enrollment], *, now: datetime) -> list[Enrollment]:
    """Those that were left ten minutes ago at most, and whose location was not enrolled again meanwhile."""
    left = [row for row in enrollments if row.left_at is not None and now - row.left_at <= UNDO_FOR]
    if not left:
        return []
    counting = Enrollment.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
        location__in={row.location_id for row in left},
        program__in={row.program_id for row in left},
    )
    others = list(counting.values_list("id", "location_id", "program_id", "until_on"))
    return [
        row
        for row in left
        if not any(
            pk != row.pk
            and (location, program) == (row.location_id, row.program_id)
            and (until is None or until >= row.from_on)
            for pk, location, program, until in others
        )
    ]


def carries(distributor: Distributor, program: Program) -> bool:
    return Carrier.objects.filter(program=program, distributor=distributor).exists()


def serves(distributor: Distributor, location: Location) -> bool:
    """Whether it delivers to the location's state or province, and still exists."""
    regions = distributor.served_regions.filter(country=location.country, region=location.region)
    return distributor.retired_at is None and regions.exists()


def remembered_numbers(distributor: Distributor, *, locations: Iterable[Location]) -> dict[int, str]:
    """The account numbers that this distributor gave these locations, by location id."""
    accounts = DistributorAccount.objects.filter(
        distributor=distributor, location__in=[location.pk for location in locations]
    )
    return dict(accounts.values_list("location_id", "number"))
