"""`astro bench upload`: a customer list, checked and added by a worker, beside the mere writing of its rows.

The floor is what the run left behind: every row of every table that it wrote, taken out and put back by the driver
alone, in the same tables behind the same wall, as many to a transaction as a slice of the upload has.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.models import Address, Customer, CustomerTag, Pet, SeenAt
from astro.desk.bench.checkouts import Tell
from astro.desk.bench.errors import NoResult
from astro.desk.bench.lookups import RETAILERS, add_customers
from astro.desk.bench.people import person
from astro.desk.bench.population import FIRST_ID, RANGE, Kind, Size, row_id
from astro.desk.bench.seeding import as_owner, open_stores, settle
from astro.importer import actions
from astro.importer.models import Upload, UploadRow, UploadState
from astro.kit.clock import utc_now
from astro.kit.outbox.worker import Pace, work_off
from astro.tenancy import current
from astro.tenancy.models import Location

HEADINGS = "Customer,First Name,Last Name,Mobile,Email,Address,City,State,Zip,Pet Name,Pet Type,Tags"
MEANINGS = ["", "first_name", "last_name", "phone", "email", "street", "city", "region", "postcode"]
MEANINGS += ["pet1_name", "pet1_kind", "tags"]
WRITTEN: tuple[type[models.Model], ...] = (Customer, SeenAt, Address, Pet, CustomerTag, Event, UploadRow)
AT_ONCE = 2_000
THERE = 20_000
"""Customers whom stores have already, most of them the one that uploads."""

MEGABYTE = 1024 * 1024


CONTACT = MEANINGS.index("street")
"""So many columns hold names, phone and e-mail: what most lists have."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`whole`: with address, pet and tags too."""

    rows: int
    whole: bool


def measure(plan: Plan, *, tell: Tell) -> list[dict[str, Any]]:
    """One row: how long each step took, in seconds, what the floor took, and how much memory at most, in MB."""
    now = utc_now()
    open_stores(Size(RETAILERS, 0), now=now)
    add_customers(range(THERE), now=now)  # a database that was never looked at plans as if it were empty
    settle()
    retailer_id = row_id(Kind.RETAILER, 0)
    with tempfile.TemporaryDirectory(prefix="astro-bench-") as folder:
        file = Path(folder) / "list.csv"
        size = write_list(file, plan.rows)
        tell(f"{connection.vendor}: uploading {plan.rows:,} rows, {size / MEGABYTE:.1f} MB ...")
        _work()  # what the clock brings
        before = _peak()
        received, upload = _timed(lambda: _receive(file, retailer_id, now, whole=plan.whole))
        tried, _nothing = _timed(lambda: _work())
        _must_be(upload, UploadState.TRIED, retailer_id, plan.rows)
        began = _cpu()
        added, _nothing = _timed(lambda: _run(upload, retailer_id, now))
        cpu = _cpu() - began
        _must_be(upload, UploadState.DONE, retailer_id, plan.rows)
        peak = _peak()
        tell(f"{connection.vendor}: writing the same rows again by the driver alone ...")
        floor, rows = _floor(Path(folder), retailer_id)
    return [
        {
            "engine": connection.vendor,
            "list": "with address, pet, tags" if plan.whole else "names, phone, e-mail",
            "rows": plan.rows,
            "mb": round(size / MEGABYTE, 1),
            "received_s": round(received, 1),
            "checked_s": round(tried, 1),
            "added_s": round(added, 1),
            "added_cpu_s": round(cpu, 1),
            "rows_written": rows,
            "floor_s": round(floor, 1),
            "ratio_to_floor": round(added / floor, 2),
            "memory_before_mb": round(before),
            "memory_peak_mb": round(peak),
        }
    ]


def write_list(file: Path, count: int) -> int:
    """A list as a store's old system would export it; its size in bytes."""
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(f"{HEADINGS}\r\n")
        phones = _phones()
        for number in range(count):
            one = person(number)
            phone = next(phones)
            kind, tag = ("Dog", "Cat")[number % 2], ("VIP", "Raw food", "")[number % 3]
            street = f"{number % 900 + 1} Main Street,Kalispell,MT,59901"
            names = f"{number},{one.first_name},{one.last_name}"
            out.write(f"{names},{phone},new.{one.email},{street},Biscuit,{kind},{tag}\r\n")
    return file.stat().st_size


def _phones() -> Iterator[str]:
    """Numbers that there can be, and that nobody has."""
    taken = {person(number).phone for number in range(THERE)}
    for number in range(10**6):
        exchange, line = 220 + number // 10_000, number % 10_000
        if f"+1406{exchange}{line:04}" not in taken:
            yield f"(406) {exchange}-{line:04}"


def _receive(file: Path, retailer_id: int, now: datetime, *, whole: bool) -> Upload:
    with current.within(retailer_id), transaction.atomic(), file.open("rb") as data:
        at = Location.objects.select_related("retailer").get(pk=row_id(Kind.LOCATION, 0))
        by = User.objects.get(pk=row_id(Kind.USER, 0))
        upload = actions.receive(data, name=file.name, at=at, by=by, now=now)
        meanings = [meaning if whole or place < CONTACT else "" for place, meaning in enumerate(MEANINGS)]
        return actions.match_columns(upload, meanings, {}, by=by, now=now)


def _run(upload: Upload, retailer_id: int, now: datetime) -> None:
    with current.within(retailer_id), transaction.atomic():
        actions.run_upload(upload, by=upload.by, now=now)
    _work()


def _work() -> None:
    work_off(pace=Pace())


def _must_be(upload: Upload, state: UploadState, retailer_id: int, rows: int) -> None:
    with current.within(retailer_id), transaction.atomic():
        found = Upload.objects.get(pk=upload.pk)
    if found.state != state or found.counts != {"new": rows}:
        raise NoResult(f"The upload came to {found.state} with {found.counts}, not to {rows:,} new ones.")


def _timed(do: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = do()
    return time.perf_counter() - began, result


def _floor(folder: Path, retailer_id: int) -> tuple[float, int]:
    """Seconds to write the same rows once more, and how many there are."""
    kept = {model: _take_down(model, folder / model._meta.db_table, retailer_id) for model in WRITTEN}
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        mine = [retailer_id, FIRST_ID + (len(Kind) + 1) * RANGE]
        for model in reversed(WRITTEN):
            cursor.execute(f"delete from {model._meta.db_table} where retailer_id = %s and id > %s", mine)
    settle()
    seconds, count = 0.0, 0
    for model, (columns, file) in kept.items():
        head = f"insert into {model._meta.db_table} ({', '.join(columns)})"
        for rows in _batches(file):
            statement, params = _statement(model, rows)
            began = time.perf_counter()
            with current.within(retailer_id), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"{head} {statement}", params)
            seconds += time.perf_counter() - began
            count += len(rows)
    return seconds, count


def _statement(model: type[models.Model], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The fastest that each engine takes without COPY, which refuses row-level security: a list for each column."""
    fields = model._meta.concrete_fields
    if connection.vendor == "postgresql":
        lists = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
        return f"select * from unnest({lists})", [list(column) for column in zip(*rows, strict=True)]
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    return f"values {places}", [value for row in rows for value in row]


def _take_down(model: type[models.Model], file: Path, retailer_id: int) -> tuple[list[str], Path]:
    """The table's rows as text, in a file: the floor needs no conversions, and no memory."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    told = ", ".join(f"{column}::text" if connection.vendor == "postgresql" else column for column in columns)
    last = FIRST_ID + (len(Kind) + 1) * RANGE  # behind those who were there before
    with file.open("w", encoding="utf-8") as out:
        while True:
            with current.within(retailer_id), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"select {told} from {model._meta.db_table} where retailer_id = %s and id > %s "
                    f"order by {model._meta.db_table}.id limit {AT_ONCE}",
                    [retailer_id, last],
                )
                rows = cursor.fetchall()
            if not rows:
                return columns, file
            out.writelines(f"{json.dumps(row)}\n" for row in rows)
            last = int(rows[-1][columns.index("id")])


def _batches(file: Path) -> Iterator[Sequence[Sequence[Any]]]:
    batch: list[Any] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            batch.append(json.loads(line))
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def _peak() -> float:
    """The most memory that this process ever held, in MB (Linux; elsewhere the unit differs)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else MEGABYTE)


def _cpu() -> float:
    return time.process_time()
