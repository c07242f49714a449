"""Writes down how the parts are doing, each minute: so the status page tells since when, and what was."""

from __future__ import annotations

from datetime import datetime, timedelta

from astro.support.models import PartState
from astro.support.parts import PartCondition
from astro.support.status import look_at_parts

AWAY = timedelta(minutes=10)
WORKER = "worker"
"""The part that is the one who watches: that it was away can only be told afterwards."""


def watch(*, now: datetime) -> None:
    """A row where a part changed; else only that it was looked at."""
    last = {row.part: row for row in PartState.objects.filter(is_last=True)}
    watcher = last.get(WORKER)
    if watcher is not None and now - watcher.looked_at > AWAY:
        last[WORKER] = _turn(watcher, WORKER, PartCondition.DOWN, since=watcher.looked_at, now=now)
    for found in look_at_parts(now=now):
        before, condition = last.get(found.part.key), found.condition
        if before is not None and before.condition == condition:
            PartState.objects.filter(pk=before.pk).update(looked_at=now)
        else:
            _turn(before, found.part.key, condition, since=now, now=now)


def _turn(
    before: PartState | None, part: str, condition: PartCondition, *, since: datetime, now: datetime
) -> PartState:
    if before is not None:
        PartState.objects.filter(pk=before.pk).update(is_last=False)
    row = PartState(
        part=part, condition=condition, since=since, looked_at=now, is_last=True, is_change=before is not None
    )
    row.save(force_insert=True)
    return row
