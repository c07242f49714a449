"""`astro verify` each night by itself: through the outbox, some seconds at a time, so that mail goes out in between.

A slice reads in no transaction (on SQLite an open one would keep the tills waiting) and then puts the next slice, with
what was found so far. The last one notes the result. A slice that fails is tried again as every row is; a recount that
never comes to its end shows by the age of the last one.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from astro.activity.verifying import TABLES as LOG_TABLES
from astro.desk.operating.milestones import VERIFY, note_milestone
from astro.desk.recount import Recount, recount_everyones, recount_further
from astro.kit.models import OutboxRow
from astro.kit.outbox.queue import PLATFORM, put
from astro.tenancy.models import Retailer

FURTHER = "desk.recount_further"
SLICE = 5.0
"""Seconds of reading; at least one batch of customers."""

PAUSE = timedelta(seconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slice:
    """How far the recount is: what the next slice is handed, or that there is none."""

    payload: dict[str, Any]
    is_last: bool


def begin_recount(*, now: datetime) -> None:
    """Unless the one of last night is still at work."""
    if OutboxRow.objects.filter(kind=FURTHER, due__isnull=False).exists():
        log.warning("Last night's recount is still at work, so tonight's does not begin.")
        return
    payload = {"retailer": 0, "after": 0, "checked": {}, "findings": 0, "retailers": []}
    put(FURTHER, payload, retailer_id=PLATFORM, now=now)


def read_slice(payload: dict[str, Any], *, now: datetime) -> Slice:
    """Goes on for `SLICE` seconds from where the payload stands."""
    done = Recount(checked=Counter(payload["checked"]))
    retailer_id, after = payload["retailer"], payload["after"]
    until, is_last = monotonic() + SLICE, False
    while True:
        one = Retailer.objects.filter(pk__gte=retailer_id).order_by("pk").first()
        if one is None:
            recount_everyones(done)
            is_last = True
            break
        last = recount_further(one, after=after if one.pk == retailer_id else 0, now=now, into=done)
        if last is None:
            done.checked["retailers"] += 1
        retailer_id, after = (one.pk + 1, 0) if last is None else (one.pk, last)
        if monotonic() >= until:
            break
    found = {
        "retailer": retailer_id,
        "after": after,
        "checked": dict(done.checked),
        "findings": payload["findings"] + done.count,
        "retailers": sorted({*payload["retailers"], *(one.pk for one, _finding in done.findings)}),
        "touched": sorted({*payload.get("touched", ()), *_touched(done)}),
    }
    return Slice(found, is_last)


def write_slice(seen: Slice, *, now: datetime) -> None:
    """Has the next slice done, or notes what came of it all."""
    if seen.is_last:
        told = seen.payload
        _note(told["findings"], told["checked"], told["retailers"], told["touched"], now=now)
    else:
        put(FURTHER, seen.payload, retailer_id=PLATFORM, due=now + PAUSE, now=now)


def note_recount(done: Recount, *, now: datetime) -> None:
    """What a recount of everything came to, whoever asked for it."""
    retailers = sorted({one.pk for one, _finding in done.findings})
    _note(done.count, dict(done.checked), retailers, sorted(_touched(done)), now=now)


def _touched(done: Recount) -> set[int]:
    """The stores whose log of events somebody has changed."""
    return {one.pk for one, finding in done.findings if finding.table in LOG_TABLES}


def _note(findings: int, checked: dict[str, int], retailers: list[int], touched: list[int], *, now: datetime) -> None:
    if findings:
        log.error("The recount found %s disagreements. `astro verify` names them.", findings)
    told = {"findings": findings, "checked": checked, "retailers": retailers, "touched": touched}
    note_milestone(VERIFY, told, now=now)
