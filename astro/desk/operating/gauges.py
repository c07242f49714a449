"""What is true of the whole installation, asked of the database whenever `/metrics` is read.

Each gauge is one cheap question. Where one cannot be answered it is missing, and `astro_database_up` is 0: an alert on
a missing number is one the operator gets, a made-up zero is one they do not.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from astro.desk.operating.milestones import BACKUP, SEALS, TILLS, VERIFY, milestone
from astro.kit import mail
from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox.handlers import rhythms
from astro.kit.outbox.health import outbox_age
from astro.kit.outbox.schedules import late_schedules, unseen_schedules
from astro.tenancy.middleware import reading

Family = GaugeMetricFamily

log = logging.getLogger(__name__)


def gauges(*, now: datetime) -> bytes:
    """As Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(Gauges(now))
    return generate_latest(registry)


class Gauges(Collector):
    """Asks every question once."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterable[Family]:
        return []

    def collect(self) -> Iterator[Family]:
        is_up = 1.0
        for question in QUESTIONS:
            try:
                with reading():  # a savepoint where it counts: the next question can still be asked
                    found = list(question(self.now))
            except DatabaseError as problem:
                log.warning("A gauge could not be read: %s (%s)", question.__name__, type(problem).__name__)
                found, is_up = [], 0.0
            yield from found
        yield _one("astro_database_up", "Whether the database answered every question of this page.", is_up)


def outbox(now: datetime) -> Iterator[Family]:
    waiting = OutboxRow.objects.filter(due__isnull=False).count()
    parked = OutboxRow.objects.filter(parked__isnull=False).count()
    age = outbox_age(now=now).total_seconds()
    yield _one("astro_outbox_age_seconds", "How long the oldest due row, or the most belated schedule, waits.", age)
    yield _one("astro_outbox_rows", "Rows that wait, those that are not due yet included.", waiting)
    yield _one("astro_outbox_parked_rows", "Rows that were given up after failing again and again.", parked)
    yield _one("astro_mails_given_up", "Mails to staff or operators that never left.", mail.given_up())


def tills(now: datetime) -> Iterator[Family]:
    last = milestone(TILLS)
    if last is None:
        return
    told = last.facts
    yield _one("astro_tills_unsynced", "Tills that said last that purchases wait on them.", told["tills"])
    yield _one("astro_tills_visits_waiting", "Purchases that wait on tills, as they said last.", told["visits"])
    yield _one("astro_tills_oldest_age_seconds", "Since when the oldest of them waits.", _age(now, told["oldest_at"]))
    yield _one("astro_kept_purchases_open", "Kept purchases that a person must look at.", told["kept"])
    oldest = _age(now, told["kept_oldest_at"])
    yield _one("astro_kept_purchases_oldest_age_seconds", "Since when the oldest of those waits.", oldest)


def verify(now: datetime) -> Iterator[Family]:
    last = milestone(VERIFY)
    if last is not None:
        yield _one("astro_verify_findings", "What the last recount found wrong.", last.facts["findings"])
    age = (now - last.made_at).total_seconds() if last else math.inf
    yield _one("astro_verify_age_seconds", "Since the last recount came through; infinite before the first.", age)


def seals(now: datetime) -> Iterator[Family]:
    last = milestone(SEALS)
    if last is None:
        return
    age = max(_age(now, last.facts["unsealed_since"]), (now - last.made_at).total_seconds())  # an old look says nothing
    yield _one("astro_log_unsealed_seconds", "How long an event of any store may have waited for its seal.", age)


def backup(now: datetime) -> Iterator[Family]:
    last = milestone(BACKUP)
    age = (now - last.made_at).total_seconds() if last else math.inf
    yield _one("astro_backup_age_seconds", "Since the last backup was complete; infinite before the first.", age)


def schedules(now: datetime) -> Iterator[Family]:
    late = {kind: by.total_seconds() for kind, by in late_schedules(now=now).items()}
    late |= dict.fromkeys(unseen_schedules(), math.inf)
    behind = Family(
        "astro_schedule_late_seconds", "How far a schedule is past its moment and its slack.", labels=["kind"]
    )
    for kind in sorted(rhythms()):
        behind.add_metric([kind], late.get(kind, 0.0))
    yield behind
    done = Family("astro_schedule_done_age_seconds", "Since a schedule came through last.", labels=["kind"])
    for kind, at in Schedule.objects.filter(kind__in=rhythms()).values_list("kind", "done_at"):
        if at is not None:
            done.add_metric([kind], (now - at).total_seconds())
    yield done


def size(now: datetime) -> Iterator[Family]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_database_size(current_database())")
            (taken,) = cursor.fetchone()
    else:
        file = Path(connection.settings_dict["NAME"])
        files = [file, file.with_name(f"{file.name}-wal")]
        taken = sum(one.stat().st_size for one in files if one.is_file())
    yield _one("astro_database_bytes", "What the database takes on the disk.", taken)


QUESTIONS: Iterable[Callable[[datetime], Iterator[Family]]] = (outbox, tills, verify, seals, backup, schedules, size)


def _one(name: str, told: str, value: float) -> Family:
    return Family(name, told, value=value)


def _age(now: datetime, since: str | None) -> float:
    return max((now - datetime.fromisoformat(since)).total_seconds(), 0.0) if since else 0.0
