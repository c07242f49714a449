"""Where the time of a checkout goes inside the application: a profile, added up by part."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

Row = tuple[str, float, float]
"""A function, its own milliseconds, and those with everything that it called; under the profiler, which slows calls."""

Function = tuple[str, int, str]
"""File, line, name: what `pstats` knows a function by."""

DRIVER, ORM, TEMPLATES, MIDDLEWARE, OURS, DJANGO, BENCH = (
    "SQL driver (waiting for the database included)",
    "ORM",
    "templates",
    "middleware and session",
    "our code",
    "the rest of Django",
    "the benchmark itself",
)
_PARTS = (
    (DRIVER, ("/psycopg", "django/db/backends/utils.py", "django/db/backends/postgresql/")),
    (BENCH, ("astro/desk/bench/",)),
    (ORM, ("django/db/", "astro/tenancy/walls.py", "astro/kit/append_only.py", "astro/tenancy/facts.py")),
    (TEMPLATES, ("django/template/", "django/templatetags/", "astro/kit/templatetags/", "django/utils/html.py")),
    (
        MIDDLEWARE,
        (
            *("django/middleware/", "django/contrib/sessions/", "django/contrib/messages/", "whitenoise/", "allauth/"),
            *("django_htmx/", "/middleware.py", "astro/accounts/sessions.py", "astro/kit/security.py"),
            *("astro/kit/bodies.py", "astro/tenancy/local_time.py", "django/core/signing.py"),
        ),
    ),
    (OURS, ("/astro/",)),
    (DJANGO, ("django/",)),
)


@dataclass(frozen=True, slots=True)
class Spending:
    """Of one checkout, in milliseconds: CPU without a profiler, waiting in the driver, and shares of the profile."""

    cpu_ms: float
    wall_ms: float
    database_ms: float
    parts: dict[str, float]
    top: list[Row]
    ours: list[Row]


def spend(acts: Iterator[Callable[[], object]], *, count: int) -> Spending:
    """Run so many acts plainly, for the sums, and so many under a profiler, for the shares."""
    for _ in range(min(count, 20)):
        next(acts)()
    waited = [0.0]

    def clock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            waited[0] += time.perf_counter() - began

    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        next(acts)()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with connection.execute_wrapper(clock):
        for _ in range(count):
            next(acts)()
    profile = cProfile.Profile()
    for _ in range(count):
        act = next(acts)
        profile.enable()
        act()
        profile.disable()
    stats: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    each = 1000 / count
    return Spending(cpu * each, wall * each, waited[0] * each, shares(stats), _top(stats, each), _inside(stats, each))


def shares(stats: dict[Function, Any]) -> dict[str, float]:
    """Each part's share of the time, from 0 to 1. What belongs to no part (built-in functions, the standard library)
    counts for whoever called it."""
    known: dict[Function, dict[str, float]] = {}
    found: dict[str, float] = defaultdict(float)
    for function, (_, _, own, _, _) in stats.items():
        for part, share in _belongs(function, stats, known, ()).items():
            found[part] += own * share
    total = sum(found.values()) or 1.0
    return {part: seconds / total for part, seconds in sorted(found.items(), key=lambda item: -item[1])}


def part_of(file: str) -> str | None:
    """The part that a file belongs to, or None where its callers' does."""
    return next((part for part, places in _PARTS if any(place in file for place in places)), None)


def _belongs(
    function: Function, stats: dict[Function, Any], known: dict[Function, dict[str, float]], above: tuple[Function, ...]
) -> dict[str, float]:
    part = part_of(function[0])
    if part:
        return {part: 1.0}
    if function in known:
        return known[function]
    callers = {one: numbers[3] for one, numbers in stats[function][4].items() if one not in above and one in stats}
    total = sum(callers.values())
    if not total or len(above) > 12:
        return {OURS: 1.0} if not callers else {part_of(next(iter(callers))[0]) or DJANGO: 1.0}
    found: dict[str, float] = defaultdict(float)
    for caller, seconds in callers.items():
        for name, share in _belongs(caller, stats, known, (*above, function)).items():
            found[name] += share * seconds / total
    known[function] = dict(found)
    return known[function]


def _inside(stats: dict[Function, Any], each: float, most: int = 40) -> list[Row]:
    """Our functions, by their time with everything that they called."""
    rows = sorted((item for item in stats.items() if part_of(item[0][0]) == OURS), key=lambda item: -item[1][3])[:most]
    return [(_named(function), own * each, whole * each) for function, (_, _, own, whole, _) in rows]


def _top(stats: dict[Function, Any], each: float, most: int = 30) -> list[Row]:
    """Functions with the most time of their own."""
    rows = sorted(stats.items(), key=lambda item: -item[1][2])[:most]
    return [(_named(function), own * each, whole * each) for function, (_, _, own, whole, _) in rows]


def _named(function: Function) -> str:
    file, line, name = function
    short = file.partition("site-packages/")[2] or file.rpartition("/astro/")[2] or file
    return f"{name} ({short}:{line})" if line else name
