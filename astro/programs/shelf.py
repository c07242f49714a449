"""The lists that an administrator looks at: available, enrolled, by location. A constant number of queries each.

A program is *available* while one of the locations in reach could still join it, and *enrolled* while one has joined.
So with several locations a program may stand in both lists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from astro.catalog.queries import valid_on
from astro.kit.money import format_cents
from astro.programs.enrolling.applying import standing_applications
from astro.programs.inclusion import why_not
from astro.programs.models import Application, Enrollment, Kind, Program, ProgramItem
from astro.programs.queries import rules_in_force
from astro.programs.wording import Money, short
from astro.tenancy.models import Location

SORTS = {
    "title": ("title",),
    "brand": ("brand_name", "title"),
    "newest": ("-starts_on", "title"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A program in a list. `joined`: the locations in reach that are enrolled, `came_by_itself` those of them where a
    standing choice of the store did it. `applied`: what waits or was denied."""

    program: Program
    rules: list[str]
    products: int
    joined: list[str]
    came_by_itself: list[str]
    starts_later: bool
    can_join: bool
    why_not: str
    applied: list[Application]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A program against each location in reach: its enrollment, or the application that waits or was denied, or
    neither."""

    program: Program
    cells: list[tuple[Location, Enrollment | None, Application | None]]
    starts_later: bool
    can_join: bool
    why_not: str
    ticked: frozenset[int] = frozenset()
    """The ids of the locations that somebody ticked before the page was turned."""

    @property
    def open_cells(self) -> int:
        """At how many locations it could still be joined."""
        return sum(not any(taken) for _location, *taken in self.cells) if self.can_join else 0


@dataclass(frozen=True)
class Shelf:
    """The programs in reach of some locations, on a day. `given`: what the store's account has."""

    locations: Sequence[Location]
    day: date
    given: frozenset[str]
    kinds: Collection[str] = tuple(Kind.values)

    @cached_property
    def running(self) -> Counter[int]:
        """In how many of the locations each program is running, by program id."""
        rows = self._enrollments().values("program_id").annotate(count=Count("id"))
        return Counter(dict(rows.values_list("program_id", "count")))

    @property
    def money(self) -> Money:
        """Writes cents in the store's currency."""
        return partial(format_cents, currency=self.locations[0].retailer.currency if self.locations else "USD")

    @property
    def available(self) -> QuerySet[Program]:
        everywhere = [pk for pk, count in self.running.items() if count >= len(self.locations)]
        still_open = Q(ends_on__isnull=True) | Q(ends_on__gte=self.day)
        return self._of_these_kinds(Program.objects.filter(still_open).exclude(pk__in=everywhere))

    @property
    def enrolled(self) -> QuerySet[Program]:
        return self._of_these_kinds(Program.objects.filter(pk__in=list(self.running)))

    @property
    def either(self) -> QuerySet[Program]:
        """Everything that is running somewhere or can be joined."""
        still_open = Q(ends_on__isnull=True) | Q(ends_on__gte=self.day)
        return self._of_these_kinds(Program.objects.filter(still_open | Q(pk__in=list(self.running))))

    def rows(self, programs: Sequence[Program]) -> list[Row]:
        """What the list says about each of these. Five queries at most."""
        ids = [program.pk for program in programs]
        rules = rules_in_force(ids, day=self.day)
        products = _products(ids, day=self.day)
        joined, applied = self._by_program(ids), self._applied(programs)
        return [
            Row(
                program=program,
                rules=list(dict.fromkeys(short(rule, money=self.money) for rule in rules.get(program.pk, []))),
                products=products.get(program.pk, 0),
                joined=[location.name for location in self.locations if location.pk in joined[program.pk]],
                came_by_itself=[
                    location.name
                    for location in self.locations
                    if (row := joined[program.pk].get(location.pk)) and row.came_by_id
                ],
                starts_later=program.starts_on > self.day,
                can_join=self._can_join(program)
                and len(joined[program.pk]) + len(applied[program.pk]) < len(self.locations),
                why_not=why_not(program, self.given),
                applied=list(applied[program.pk].values()),
            )
            for program in programs
        ]

    def grid(self, programs: Sequence[Program], *, ticks: Mapping[int, frozenset[int]]) -> list[GridRow]:
        """Each of these programs at each location. Three queries at most."""
        joined, applied = self._by_program([program.pk for program in programs]), self._applied(programs)
        return [
            GridRow(
                program=program,
                cells=[
                    (location, joined[program.pk].get(location.pk), applied[program.pk].get(location.pk))
                    for location in self.locations
                ],
                starts_later=program.starts_on > self.day,
                can_join=self._can_join(program),
                why_not=why_not(program, self.given),
                ticked=ticks.get(program.pk, frozenset()),
            )
            for program in programs
        ]

    def _of_these_kinds(self, programs: QuerySet[Program]) -> QuerySet[Program]:
        found = programs.filter(kind__in=self.kinds).select_related("brand")
        return found.annotate(brand_name=Coalesce("brand__name", Value("")))

    def _can_join(self, program: Program) -> bool:
        return program.can_be_joined(self.day) and not why_not(program, self.given)

    def _by_program(self, ids: Iterable[int]) -> Mapping[int, dict[int, Enrollment]]:
        found: dict[int, dict[int, Enrollment]] = defaultdict(dict)
        for row in self._enrollments().filter(program__in=list(ids)).select_related("distributor"):
            found[row.program_id][row.location_id] = row
        return found

    def _applied(self, programs: Sequence[Program]) -> Mapping[int, dict[int, Application]]:
        """What keeps a location from joining a private program, by program and location."""
        found: dict[int, dict[int, Application]] = defaultdict(dict)
        private = [program.pk for program in programs if program.is_private]
        for (program_id, place_id), row in standing_applications(private, locations=self.locations).items():
            found[program_id][place_id] = row
        return found

    def _enrollments(self) -> QuerySet[Enrollment]:
        return Enrollment.objects.filter(until_on__isnull=True, location__in=[row.pk for row in self.locations])


def _products(ids: Iterable[int], *, day: date) -> dict[int, int]:
    items = ProgramItem.objects.filter(valid_on(day), fills=True, program_card__program__in=list(ids))
    counted = items.values("program_card__program_id").annotate(count=Count("product_id", distinct=True))
    return dict(counted.values_list("program_card__program_id", "count"))
