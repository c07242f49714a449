"""The worker: puts what the clock brings, claims what is due, does it.

A handler and the finishing of its row are one transaction. If finishing changes no row, the lease has run out and
somebody else holds the row: everything the handler did is rolled back.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from astro.kit import metrics
from astro.kit.asking import asked
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.kit.outbox import queue
from astro.kit.outbox.handlers import UnknownKind, handler_of, look_of, scope_of
from astro.kit.outbox.schedules import note_done, put_due_moments

LONGEST_WAIT = timedelta(seconds=30)  # while the database does not answer

log = logging.getLogger(__name__)


class Outrun(Exception):
    """The lease ran out while the row was being done."""


@dataclass(frozen=True)
class Pace:
    """How a worker works: rows per claim, how long they are its own, how long it waits when there is nothing to do."""

    batch: int = 50
    lease: timedelta = timedelta(minutes=2)
    wait: timedelta = timedelta(seconds=1)


def work(
    stop: Event,
    *,
    pace: Pace,
    clock: Callable[[], datetime] = utc_now,
    after_round: Callable[[datetime], object] = lambda now: None,
) -> None:
    """Go on until `stop` is set. While the database is away, ask again ever more rarely.

    `after_round` hears of every round that the database answered.
    """
    wait = pace.wait
    while not stop.is_set():
        close_old_connections()
        try:
            done = work_round(stop, pace=pace, clock=clock)
            after_round(clock())
            wait = pace.wait
        except (OperationalError, InterfaceError) as error:
            log.warning("The database does not answer (%s). Next try in %s s.", type(error).__name__, wait.seconds)
            connection.close()
            done, wait = 0, min(wait * 2, LONGEST_WAIT)
        if not done:
            stop.wait(wait.total_seconds())


def work_off(*, pace: Pace, clock: Callable[[], datetime] = utc_now) -> int:
    """Do everything that is due, then return how many rows were taken up."""
    taken, stop = 0, Event()
    while done := work_round(stop, pace=pace, clock=clock):
        taken += done
    return taken


def work_round(stop: Event, *, pace: Pace, clock: Callable[[], datetime]) -> int:
    """One batch of new rows, then as many of those that were tried before. Returns how many were taken up."""
    put_due_moments(now=clock())
    begun = clock()
    if not queue.is_waiting(now=begun):  # a claim is a write, and on SQLite writers queue up
        return 0
    rows = queue.claim(now=begun, lease=pace.lease, limit=pace.batch)
    taken = 0
    while taken < len(rows) and not stop.is_set() and clock() < begun + pace.lease:
        handle(rows[taken], now=clock())
        taken += 1
    queue.give_back(rows[taken:], now=clock())
    for _retry in range(pace.batch):
        if stop.is_set() or (again := queue.claim_retry(now=clock(), lease=pace.lease)) is None:
            break
        handle(again, now=clock())
        taken += 1
    return taken


def handle(row: OutboxRow, *, now: datetime) -> bool:
    """Do one claimed row; True when it is done. A failure is written to the row, never raised."""
    try:
        _do(row, now)
    except Outrun:
        log.warning("%s %s took longer than its lease; what it did was undone.", row.kind, row.id)
        metrics.jobs.labels(row.kind, "outrun").inc()
        return False
    except Exception as error:
        queue.fail(row, error, now=now)
        log.warning("%s %s failed, attempt %s: %s", row.kind, row.id, row.attempts, queue.error_place(error))
        metrics.jobs.labels(_known(row.kind), "failed").inc()
        return False
    metrics.jobs.labels(row.kind, "done").inc()
    return True


def _do(row: OutboxRow, now: datetime) -> None:
    handler, look = handler_of(row.kind), look_of(row.kind)
    seen = {"seen": look(row.payload, now=now)} if look else {}
    with transaction.atomic():
        with scope_of(row.retailer_id), asked(really_by=row.really_by, address=row.address):
            handler(row.payload, now=now, **seen)
        note_done(row.kind, row.payload, now=now)
        if not queue.finish(row, now=now):
            raise Outrun


def _known(kind: str) -> str:
    """A label is a name of the code: a row of a newer release counts under one name."""
    try:
        handler_of(kind)
    except UnknownKind:
        return "unknown"
    return kind
