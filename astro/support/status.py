"""How this installation is doing, asked at most every few seconds in each process, so that asking costs nothing.

One request looks; others meanwhile get what was found last. Where the database does not answer, what needs it is not
looked at: nobody can tell.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db import DatabaseError, InterfaceError

from astro.support.models import Notice, PartState
from astro.support.notices import notices_now
from astro.support.parts import DATABASE, Finding, Part, PartCondition, all_parts

KEPT_SECONDS = 10
CHANGES = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PartNow:
    """A part, and how it is doing."""

    part: Part
    finding: Finding

    @property
    def condition(self) -> PartCondition:
        return self.finding.condition


@dataclass(frozen=True)
class Standing:
    """Everything the status page shows. `changes` is None where nobody can tell."""

    at: datetime
    parts: list[PartNow]
    notices: list[Notice]
    changes: list[tuple[str, PartState]] | None

    @property
    def condition(self) -> PartCondition:
        """The worst of what is told; what is not set up is no fault."""
        worst = (PartCondition.DOWN, PartCondition.UNKNOWN, PartCondition.SLOW)
        return next((one for one in worst if one in {now.condition for now in self.parts}), PartCondition.WORKS)


class _Last:
    """What was found last, and when by the clock that nobody sets."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.standing: Standing | None = None
        self.at = 0.0


_last = _Last()


def standing(*, now: datetime) -> Standing:
    """How things stand, as of some seconds ago at most; a little longer while another request is looking."""
    known = _last.standing
    if known is not None and time.monotonic() - _last.at < KEPT_SECONDS:
        return known
    if not _last.lock.acquire(blocking=known is None) and known is not None:
        return known
    try:
        if _last.standing is known:  # nobody looked while this one waited
            _last.standing, _last.at = _look(now), time.monotonic()
        assert _last.standing is not None
        return _last.standing
    finally:
        _last.lock.release()


def forget() -> None:
    """Look anew when somebody asks next."""
    _last.standing = None


def look_at_parts(*, now: datetime) -> list[PartNow]:
    """Every part, looked at now."""
    found: list[PartNow] = []
    is_database_up = True
    for part in all_parts():
        finding = _finding(part, now) if is_database_up or not part.needs_database else Finding(PartCondition.UNKNOWN)
        found.append(PartNow(part, finding))
        if part.key == DATABASE:
            is_database_up = finding.condition == PartCondition.WORKS
    return found


def _look(now: datetime) -> Standing:
    parts = look_at_parts(now=now)
    return Standing(now, parts, notices_now(now=now), _changes(parts))


def _finding(part: Part, now: datetime) -> Finding:
    try:
        return part.look(now)
    except (DatabaseError, InterfaceError):
        return Finding(PartCondition.UNKNOWN)
    except Exception:
        log.exception("Looking at %s failed.", part.key)
        return Finding(PartCondition.UNKNOWN)


def _changes(parts: list[PartNow]) -> list[tuple[str, PartState]] | None:
    """The last changes, the latest first. The first state of a part is none."""
    labels = {now.part.key: str(now.part.label) for now in parts}
    if any(now.part.key == DATABASE and now.condition != PartCondition.WORKS for now in parts):
        return None
    try:
        rows = list(PartState.objects.filter(is_change=True).order_by("-since", "-id")[:CHANGES])
    except (DatabaseError, InterfaceError):
        return None
    return [(labels[row.part], row) for row in rows if row.part in labels]
