"""The life of an outbox row: put, claimed, finished, or failed until it is parked.

`due` is also the lease: claiming moves it ahead, so a dead worker's rows fall due again with nobody's help.
`attempts` counts the claims and is the fence: only who names the last claim may finish the row.

Rows never tried before are claimed in batches. The others come one at a time: a row that kills its worker then takes no
neighbours with it, and is parked once it was claimed five times and never came back.

The claim is plain SQL, the same on each engine but for `for update skip locked`, which SQLite neither has nor needs.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Field, QuerySet

from astro.kit.asking import asked, asking
from astro.kit.ids import new_ids
from astro.kit.models import OutboxRow
from astro.kit.outbox.handlers import handler_of

PLATFORM = 0
MOST_FAILURES = 5
FIRST_PAUSE = timedelta(seconds=30)  # then four times as long each time: about 2, 8 and 32 minutes
KEPT = timedelta(days=30)  # how long a finished row with `dedupe` keeps its like away

_PUT_COLUMNS = (
    *("id", "retailer_id", "kind", "payload", "due", "dedupe", "created_at", "attempts", "error"),
    *("really_by", "address"),
)
_PUT_AT_ONCE = 500
_SWEPT_AT_ONCE = 5_000


@dataclass(frozen=True)
class Job:
    """What to put: the kind, a payload of ids, whose it is, from when on, and the key that allows it only once."""

    kind: str
    payload: dict[str, Any]
    retailer_id: int
    due: datetime | None = None
    dedupe: str | None = None


def put(
    kind: str,
    payload: dict[str, Any],
    *,
    retailer_id: int,
    now: datetime,
    due: datetime | None = None,
    dedupe: str | None = None,
) -> bool:
    """Have something done after the commit, not before `due`. False when `dedupe` says that it was put already."""
    return put_all([Job(kind, payload, retailer_id, due, dedupe)], now=now) == 1


def put_all(jobs: Iterable[Job], *, now: datetime) -> int:
    """Put several with one statement; says how many were new. `retailer_id` 0 is the platform. Who asks now
    (`kit.asking`) is remembered: what the worker records names them.

    Raises RuntimeError outside a transaction: the row must be there exactly when its cause is.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Put into the outbox inside the transaction that causes it.")
    waiting = list(jobs)
    for job in waiting:
        handler_of(job.kind)  # a kind nobody handles is found here, not by an operator tomorrow
    made = 0
    for start in range(0, len(waiting), _PUT_AT_ONCE):
        some = waiting[start : start + _PUT_AT_ONCE]
        refused = _insert(some, now)
        # Refused for its key: it was put before. Otherwise another process made the same id: once more with a new one.
        again = [job for job in refused if job.dedupe is None or not _is_put(job)]
        if again and (clashed := _insert(again, now)):
            raise RuntimeError(f"{len(clashed)} outbox rows met a taken id twice.")
        made += len(some) - len(refused) + len(again)
    return made


def is_waiting(*, now: datetime) -> bool:
    """Whether anything is due."""
    return OutboxRow.objects.filter(due__lte=now).exists()


def claim(*, now: datetime, lease: timedelta, limit: int) -> list[OutboxRow]:
    """Take up to `limit` due rows that nobody tried before, oldest first; they are ours until `now + lease`."""
    return _claim("attempts = 0", now, lease, limit)


def claim_retry(*, now: datetime, lease: timedelta) -> OutboxRow | None:
    """Take one due row that was tried before. One that never came back from five tries is parked on the way."""
    while rows := _claim("attempts > 0", now, lease, 1):
        if rows[0].attempts <= MOST_FAILURES:
            return rows[0]
        _park(rows[0], f"Taken {MOST_FAILURES} times and never finished: each time its worker ended.", now)
    return None


def finish(row: OutboxRow, *, now: datetime) -> bool:
    """It is done. False when the lease ran out and somebody else has claimed it since: then undo what you did."""
    if row.dedupe is None:
        return _mine(row).delete()[0] == 1
    return _mine(row).update(due=None, finished_at=now, error="") == 1


def fail(row: OutboxRow, error: Exception, *, now: datetime) -> bool:
    """It failed: try again later, or park it after the fifth time. False when it is not ours any more."""
    told = error_text(error)
    if row.attempts >= MOST_FAILURES:
        return _park(row, told, now)
    pause = FIRST_PAUSE * 4 ** (row.attempts - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads a crowd
    return _mine(row).update(due=now + pause, error=told) == 1


def give_back(rows: Sequence[OutboxRow], *, now: datetime) -> int:
    """Rows of a batch that were not begun: as if they had never been claimed."""
    return OutboxRow.objects.filter(id__in=[row.id for row in rows], attempts=1, due__isnull=False).update(
        due=now, attempts=0
    )


@transaction.atomic
def requeue(row_id: int, *, now: datetime) -> None:
    """An operator has mended the cause: a parked row starts anew, under a new id. Raises `OutboxRow.DoesNotExist`."""
    row = OutboxRow.objects.select_for_update().get(id=row_id, parked__isnull=False)
    row.delete()
    with asked(really_by=row.really_by, address=row.address):
        put(row.kind, row.payload, retailer_id=row.retailer_id, dedupe=row.dedupe, now=now)


def sweep(*, now: datetime) -> int:
    """Forget finished rows whose key has kept their like away long enough. Says how many."""
    old = OutboxRow.objects.filter(finished_at__lt=now - KEPT).order_by("finished_at").values_list("id", flat=True)
    return OutboxRow.objects.filter(id__in=list(old[:_SWEPT_AT_ONCE])).delete()[0]


def error_text(error: Exception) -> str:
    """What an operator may read about a failure: its class, its place, its first line; nobody's address or number.

    What the database says about a bad value quotes the value, so of those only class and place are kept. Characters
    that no database keeps (NUL, half of a pair) are left out: a failure must never fail to be written down.
    """
    first_line = "" if isinstance(error, DatabaseError) else str(error).strip().partition("\n")[0]
    plain = re.sub(r"\S+@\S+", "[address]", first_line)
    plain = re.sub(r"\+?\d[\d\s().-]{5,}\d", "[number]", plain)
    plain = "".join(filter(str.isprintable, plain))
    return f"{error_place(error)}{': ' if plain else ''}{plain}"[:500]


def error_place(error: Exception) -> str:
    """The class of a failure and its last place in our code: what the log may tell."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("astro.") or not place:
            place = f" in {module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _insert(jobs: Sequence[Job], now: datetime) -> list[Job]:
    """Insert what can be, and return what could not: the database skips a row whose key or id is taken."""
    fields = [_column(name) for name in _PUT_COLUMNS]
    ids = new_ids(len(jobs))
    values: list[Any] = []
    who = asking()
    for row_id, job in zip(ids, jobs, strict=True):
        told = (job.kind, job.payload, job.due or now, job.dedupe, now, 0, "")
        row = (row_id, job.retailer_id, *told, who.really_by, who.address)
        values += [field.get_db_prep_value(value, connection) for field, value in zip(fields, row, strict=True)]
    lines = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(jobs))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {OutboxRow._meta.db_table} ({', '.join(_PUT_COLUMNS)}) values {lines} "
            "on conflict do nothing returning id",
            values,
        )
        made = {row_id for (row_id,) in cursor.fetchall()}
    return [job for row_id, job in zip(ids, jobs, strict=True) if row_id not in made]


def _is_put(job: Job) -> bool:
    return OutboxRow.objects.filter(retailer_id=job.retailer_id, dedupe=job.dedupe).exists()


def _claim(which: str, now: datetime, lease: timedelta, limit: int) -> list[OutboxRow]:
    moment = _column("due").get_db_prep_value
    locked = "" if connection.vendor == "sqlite" else "for update skip locked"
    sql = f"""
        with picked as (
            select id from {OutboxRow._meta.db_table}
            where due <= %s and parked is null and {which} order by due, id limit %s {locked}
        )
        update {OutboxRow._meta.db_table} set due = %s, attempts = attempts + 1
        where id in (select id from picked) returning *
    """
    with transaction.atomic():
        params = (moment(now, connection), limit, moment(now + lease, connection))
        return sorted(OutboxRow.objects.raw(sql, params), key=lambda row: row.id)


def _mine(row: OutboxRow) -> QuerySet[OutboxRow]:
    return OutboxRow.objects.filter(id=row.id, attempts=row.attempts, due__isnull=False)


def _column(name: str) -> Field:
    field = OutboxRow._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _park(row: OutboxRow, told: str, now: datetime) -> bool:
    return _mine(row).update(due=None, parked=now, error=told) == 1
