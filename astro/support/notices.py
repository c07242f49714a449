"""The operator's notices, kept in this process for some seconds: they stand on every page, and cost no query there."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from astro.support.models import Notice

KEPT_SECONDS = 20
MOST = 10


@dataclass
class _Kept:
    """What was read last, and when, by the clock that nobody sets. None: not yet."""

    notices: list[Notice] = field(default_factory=list)
    at: float | None = None


_kept = _Kept()


def notices_now(*, now: datetime) -> list[Notice]:
    """Those that hold now, the latest first. While the database does not answer, those that were known last."""
    if _kept.at is None or time.monotonic() - _kept.at > KEPT_SECONDS:
        _read(now)
    return [notice for notice in _kept.notices if notice.holds_at(now)]


def remember(notices: list[Notice]) -> None:
    """Take these for what holds, for the next seconds."""
    _kept.notices, _kept.at = notices, time.monotonic()


def forget() -> None:
    """Read them again when somebody asks next. Other processes do after some seconds."""
    _kept.at = None


def _read(now: datetime) -> None:
    """Those to come too, so that each begins in time."""
    rows = Notice.objects.filter(Q(until_at__isnull=True) | Q(until_at__gt=now)).order_by("-from_at", "-id")
    try:
        remember(list(rows[:MOST]))
    except (DatabaseError, InterfaceError):
        _kept.at = time.monotonic()
