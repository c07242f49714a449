"""Joining many cells of the grid together, and undoing that together: all of it or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from astro.accounts.models import User
from astro.catalog.models import Distributor
from astro.programs.actions import lock_locations, take_back
from astro.programs.enrolling.applying import join, standing_applications
from astro.programs.enrolling.cells import joined_cells
from astro.programs.joining import UNDO_FOR, can_be_taken_back, remembered_numbers
from astro.programs.models import Application, Enrollment, Fulfilment, Program
from astro.tenancy.models import Location


@transaction.atomic
def enroll_cells(
    cells: Iterable[tuple[Program, Location]],
    *,
    distributor: Distributor | None,
    account_number: str = "",
    by: User,
    now: datetime,
) -> list[Enrollment | Application]:
    """Each location takes part in its program from its own today on, or from the program's first day. Where the
    brand has to approve it first, it applies. Says what is new: a cell that is enrolled already or has applied, however
    and by whomever, is left as it is, so the same again changes nothing.

    The account number holds at every location; where none is given, each location's own with that distributor does.
    Programs that no distributor pays for are joined without. Refuses as `enroll` does, and then joins none.
    """
    wanted = defaultdict(list)
    places = {}
    for program, place in cells:
        wanted[place.pk].append(program)
        places[place.pk] = place
    lock_locations(places.values())
    joined = joined_cells((program, places[pk]) for pk, programs in wanted.items() for program in programs)
    joined |= standing_applications(
        {program.pk for programs in wanted.values() for program in programs if program.is_private},
        locations=places.values(),
    ).keys()
    known = remembered_numbers(distributor, locations=places.values()) if distributor else {}
    made: list[Enrollment | Application] = []
    for pk, programs in sorted(wanted.items()):
        for program in sorted(programs, key=lambda row: row.pk):
            if (program.pk, pk) in joined:
                continue
            is_paid = program.fulfilment == Fulfilment.DISTRIBUTOR
            made.append(
                join(
                    places[pk],
                    program=program,
                    distributor=distributor if is_paid else None,
                    account_number=(account_number or known.get(pk, "")) if is_paid else "",
                    by=by,
                    now=now,
                )
            )
            joined.add((program.pk, pk))
    return made


@transaction.atomic
def take_back_all(enrollments: Collection[Enrollment], *, by: User, now: datetime) -> list[Enrollment]:
    """Undo these enrollments as if they had never been: all, or none where one of them cannot be undone any more."""
    lock_locations(row.location for row in enrollments)
    return [take_back(row, by=by, now=now) for row in enrollments]


def just_enrolled(locations: Collection[Location], *, by: User, now: datetime) -> list[Enrollment]:
    """What this person enrolled by hand at these locations and can still undo. Two queries at most."""
    mine = Enrollment.objects.filter(
        location__in=[row.pk for row in locations],
        enrolled_by=by,
        came_by__isnull=True,
        enrolled_at__gte=now - UNDO_FOR,
        until_on__isnull=True,
    )
    return can_be_taken_back(mine.select_related("program", "location"), now=now)
