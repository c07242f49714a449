"""Cells of the grid, as a page sends them and as a person reads them; and who could pay for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404
from django.utils.translation import gettext as _

from astro.catalog.models import Distributor
from astro.kit.errors import DomainError
from astro.kit.ids import MAX_ID
from astro.programs.enrolling.applying import approved_cells, standing_applications
from astro.programs.inclusion import why_not
from astro.programs.models import Carrier, Enrollment, Fulfilment, Program
from astro.tenancy.models import Location

MOST = 400
"""How many cells are joined at once."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A program at a location, and what would become of it: `from_on` is the first day that would count, None where
    nothing happens, and then `why` says so. `must_apply`: the brand has to approve it first."""

    program: Program
    location: Location
    from_on: date | None
    why: str = ""
    must_apply: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One program of the selection with its cells."""

    program: Program
    cells: list[Cell]


def cell_name(program_id: int, location_id: int) -> str:
    return f"{program_id}-{location_id}"


def read_cells(names: Sequence[str], *, locations: Collection[Location]) -> list[tuple[Program, Location]]:
    """What these names stand for, each once, by program and location. Raises Http404 where one is not in reach, and
    `DomainError` for more than `MOST`."""
    pairs = {_pair(name) for name in names}
    if len(pairs) > MOST:
        sentence = _("These are %(count)d at once. Choose %(most)d at most, then come back for the others.")
        raise DomainError(sentence % {"count": len(pairs), "most": MOST})
    places = {row.pk: row for row in locations}
    programs = Program.objects.select_related("brand").in_bulk({program_id for program_id, _place in pairs})
    if not all(program_id in programs and place_id in places for program_id, place_id in pairs):
        raise Http404
    found = [(programs[program_id], places[place_id]) for program_id, place_id in pairs]
    return sorted(found, key=lambda pair: (pair[0].title, pair[0].pk, pair[1].name, pair[1].pk))


def lines_of(pairs: Iterable[tuple[Program, Location]], *, given: Collection[str], now: datetime) -> list[Line]:
    """What would become of each, by program. Four queries at most. `given`: what the store's account has."""
    pairs = list(pairs)
    joined = joined_cells(pairs)
    places = {place.pk: place for _program, place in pairs}.values()
    private = {program.pk for program, _place in pairs if program.is_private}
    applied = standing_applications(private, locations=places)
    approved = approved_cells(private)
    lines: dict[int, Line] = {}
    for program, place in pairs:
        day = place.day(now)
        why = ""
        if (program.pk, place.pk) in joined:
            why = _("enrolled already")
        elif application := applied.get((program.pk, place.pk)):
            why = _("the brand denied it") if application.last_decision else _("the brand has not answered yet")
        elif not program.can_be_joined(day):
            why = _("this program has ended")
        else:
            why = why_not(program, given)
        must_apply = program.is_private and (program.pk, place.pk) not in approved
        cell = Cell(program, place, None if why else max(day, program.starts_on), why, must_apply)
        lines.setdefault(program.pk, Line(program, [])).cells.append(cell)
    return list(lines.values())


def joined_cells(pairs: Iterable[tuple[Program, Location]]) -> set[tuple[int, int]]:
    """Those of the cells that are running now, as ids of program and location."""
    pairs = list(pairs)
    rows = Enrollment.objects.filter(
        program__in={program.pk for program, _place in pairs},
        location__in={place.pk for _program, place in pairs},
        until_on__isnull=True,
    )
    return set(rows.values_list("program_id", "location_id"))


def payers_of_all(cells: Collection[Cell]) -> list[Distributor]:
    """The distributors that agreed to every one of these programs and serve every one of these locations, by name.
    Two queries. Programs that no distributor pays for have no say."""
    paid = [cell for cell in cells if cell.program.fulfilment == Fulfilment.DISTRIBUTOR]
    programs = {cell.program.pk for cell in paid}
    states = {(cell.location.country, cell.location.region) for cell in paid}
    carried: Mapping[Distributor, set[int]] = defaultdict(set)
    rows = Carrier.objects.filter(program__in=programs, distributor__retired_at__isnull=True)
    for row in rows.select_related("distributor").prefetch_related("distributor__served_regions"):
        carried[row.distributor].add(row.program_id)
    fitting = [
        distributor
        for distributor, agreed in carried.items()
        if agreed == programs and states <= {(row.country, row.region) for row in distributor.served_regions.all()}
    ]
    return sorted(fitting, key=lambda row: row.name)


def _pair(name: str) -> tuple[int, int]:
    parts = name.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise Http404
    program_id, place_id = (int(part) for part in parts)
    if max(program_id, place_id) > MAX_ID:
        raise Http404
    return program_id, place_id
