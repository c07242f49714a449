"""What somebody ticked in the grid, kept in their session while they turn its pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from astro.kit.ids import MAX_ID
from astro.programs.enrolling.cells import MOST

TICKS = "grid_ticks"


def keep_ticks(request: HttpRequest, names: Iterable[str]) -> None:
    """Keep these cells, and no others, until pages are turned again or they are enrolled. One more than can be enrolled
    at once is kept, so that the refusal is not lost."""
    kept = [name for name in dict.fromkeys(names) if _read(name)][: MOST + 1]
    if kept or TICKS in request.session:
        request.session[TICKS] = kept


def kept_ticks(request: HttpRequest) -> dict[int, frozenset[int]]:
    """The locations ticked of each program, by ids; nothing on a first page that nobody turned to."""
    if not request.GET.get("cursor"):
        return {}
    found = defaultdict(set)
    for name in request.session.get(TICKS, []):
        if pair := _read(name):
            found[pair[0]].add(pair[1])
    return {program: frozenset(places) for program, places in found.items()}


def ticked_elsewhere(ticks: Mapping[int, frozenset[int]], *, shown: Iterable[int]) -> list[str]:
    """The names of the cells that are ticked on other pages than the one that shows these programs."""
    here = set(shown)
    return [
        f"{program}-{place}" for program, places in ticks.items() if program not in here for place in sorted(places)
    ]


def _read(name: str) -> tuple[int, int] | None:
    program, _dash, place = name.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (program, place)):
        return None
    pair = int(program), int(place)
    return pair if max(pair) <= MAX_ID else None
