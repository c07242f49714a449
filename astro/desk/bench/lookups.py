"""`astro bench lookup`, inside its own database: the look-up box over HTTP, and its statements by the driver alone."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction

from astro.customers.models import Customer, SeenAt
from astro.desk.bench import server as servers
from astro.desk.bench.checkouts import WARM_SECONDS, WARM_TILLS, Tell
from astro.desk.bench.client import Job
from astro.desk.bench.database import address_of
from astro.desk.bench.errors import Unreadable
from astro.desk.bench.history import CUSTOMER, NEVER_ASKED, customer_row
from astro.desk.bench.inside import ask
from astro.desk.bench.people import person
from astro.desk.bench.population import SESSION_FROM, Kind, Size, row_id, stride
from astro.desk.bench.requests import elapsed_ms, look_up_request
from astro.desk.bench.rows import moment, unindexed, write
from astro.desk.bench.seeding import as_owner, open_stores, settle
from astro.desk.bench.server import HOST
from astro.desk.bench.tills import Total, percentile, work_together
from astro.desk.bench.wire import taken_down
from astro.kit.clock import utc_now
from astro.kit.folding import fold

RETAILERS = 100
OTHERS_EACH = 11
"""Of so many customers one belongs to another retailer than the first."""

TEXTS = 100
"""Different texts of each kind; nobody types the same all day."""

DAYS = 90

Statement = tuple[str, Any]
Run = Callable[[Sequence[Statement]], object]


@dataclass(frozen=True, slots=True)
class Plan:
    customers: tuple[int, ...]
    slices: int
    seconds: float


@dataclass(slots=True)
class Measured:
    """One kind of question at one number of customers."""

    question: str
    texts: list[str]
    floor: list[list[Statement]]
    product: Total = field(default_factory=Total)
    floor_ms: list[float] = field(default_factory=list)


def measure(plan: Plan, *, tell: Tell) -> list[dict[str, Any]]:
    """One row for each number of customers and kind of question."""
    now = utc_now()
    open_stores(Size(RETAILERS, 0), now=now)
    rows, there = [], 0
    with tempfile.TemporaryDirectory(prefix="astro-bench-") as folder:
        for customers in plan.customers:
            tell(f"{connection.vendor}: making {customers:,} customers of one retailer, and others ...")
            wanted = customers * OTHERS_EACH // (OTHERS_EACH - 1)
            add_customers(range(there, wanted), now=now)
            settle()
            there = wanted
            asked = [Measured(name, texts, _statements(texts)) for name, texts in questions(customers).items()]
            tell(f"{connection.vendor}: looking up among {customers:,} ...")
            with servers.running(log=Path(folder) / "server.log") as server:
                warm = tuple(text for found in asked for text in found.texts)
                jobs = [Job(HOST, server.port, RETAILERS, 0, "look_up", texts=warm, session=SESSION_FROM)] * WARM_TILLS
                work_together(jobs, seconds=WARM_SECONDS)
                for found in asked:
                    job = Job(
                        HOST, server.port, RETAILERS, 0, "look_up", texts=tuple(found.texts), session=SESSION_FROM
                    )
                    for _ in range(plan.slices):
                        found.product.add(work_together([job], seconds=plan.seconds))
                        found.floor_ms += _floor_slice(found.floor, seconds=plan.seconds)
            rows += [_row(found, customers) for found in [*asked, _all(asked)]]
    return rows


def add_customers(numbers: range, *, now: Any) -> None:
    """People of these numbers: ten of eleven at the first retailer, the others all over."""
    seen = [moment(now - timedelta(days=days)) for days in range(DAYS)]
    with as_owner(), transaction.atomic(), unindexed([Customer, SeenAt]):
        rows = (customer_row(n, retailer=row_id(Kind.RETAILER, shop_of(n))) for n in numbers)
        write(Customer, CUSTOMER, rows, created_at=now - timedelta(days=DAYS), **NEVER_ASKED)
        write(
            SeenAt,
            ["id", "retailer_id", "customer_id", "location_id", "last_seen_at"],
            (
                (
                    row_id(Kind.SEEN, n),
                    row_id(Kind.RETAILER, shop_of(n)),
                    row_id(Kind.CUSTOMER, n),
                    row_id(Kind.LOCATION, shop_of(n)),
                    seen[n % DAYS],
                )
                for n in numbers
            ),
            first_seen_at=now - timedelta(days=DAYS),
        )


def shop_of(n: int) -> int:
    return 1 + n // OTHERS_EACH % (RETAILERS - 1) if n % OTHERS_EACH == OTHERS_EACH - 1 else 0


def questions(customers: int) -> dict[str, list[str]]:
    """What a cashier types, of people who are there."""
    step = stride(customers)
    people = [person(n) for n in (place * step % customers for place in range(TEXTS)) if shop_of(n) == 0]
    lasts = [fold(one.last_name) for one in people]
    return {
        "two letters": [fold(one.first_name)[:2] for one in people],
        "three letters or more": [last[: 3 + place % 4] for place, last in enumerate(lasts)],
        "four digits": [one.phone[-4:] for one in people],
        "piece of an e-mail": [one.email[: one.email.index("@")][2:] for one in people],
    }


def _statements(texts: Sequence[str]) -> list[list[Statement]]:
    """What the application sends for each text, taken down once."""
    requests = [look_up_request(text, session=SESSION_FROM, host=HOST) for text in texts]
    _answered(requests[0])  # what a process learns once, it has learnt
    if connection.vendor == "postgresql":
        said = [taken_down(lambda request=request: _answered(request)) for request in requests]  # type: ignore[misc]
        return [[(statement, ()) for statement in one.statements] for one in said]
    found = []
    for request in requests:
        heard: list[Statement] = []

        def listen(execute: Any, sql: str, params: Any, many: bool, context: Any, heard: Any = heard) -> Any:
            heard.append(_for_the_driver(sql, params or ()))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(listen):
            _answered(request)
        found.append(heard)
    return found


def _for_the_driver(sql: str, params: Any) -> Statement:
    """As Django hands it to SQLite's driver: its marks instead of `%s` and `%(name)s`."""
    if isinstance(params, Mapping):
        return sql % {name: f":{name}" for name in params}, dict(params)
    return sql % tuple("?" * len(params)), tuple(params)


def _floor_slice(texts: Sequence[Sequence[Statement]], *, seconds: float) -> list[float]:
    """The statements of one text after the other, by the driver alone; milliseconds of each text."""
    milliseconds = []
    with _driver() as run:
        run(texts[0])
        began, place = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            since = time.perf_counter()
            run(texts[place % len(texts)])
            milliseconds.append(elapsed_ms(since))
            place += 1
    return milliseconds


@contextmanager
def _driver() -> Iterator[Run]:
    """A connection without Django, to the same database under the same role."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        how: Any = {"autocommit": True, "cursor_factory": psycopg.ClientCursor}
        opened: Any = psycopg.connect(dbname=name, **address_of(connection), **how)
    else:
        opened = sqlite3.connect(name, isolation_level=None)

    def run(statements: Sequence[Statement]) -> None:
        for sql, params in statements:
            cursor = opened.execute(sql, params) if params else opened.execute(sql)
            if cursor.description:
                cursor.fetchall()

    try:
        yield run
    finally:
        opened.close()


def _all(asked: Sequence[Measured]) -> Measured:
    together = Measured("all", [], [])
    for one in asked:
        together.floor_ms += one.floor_ms
        together.product.milliseconds += one.product.milliseconds
        together.product.errors += one.product.errors
        together.product.samples += one.product.samples
        together.product.seconds += one.product.seconds
    together.product.per_second = [together.product.count / together.product.seconds]
    return together


def _row(found: Measured, customers: int) -> dict[str, Any]:
    product = found.product

    def at(values: Sequence[float], share: float) -> float | None:
        value = percentile(values, share)
        return None if value is None else round(value, 2)

    p50, floor = at(product.milliseconds, 0.5), at(found.floor_ms, 0.5)
    return {
        "engine": connection.vendor,
        "customers": customers,
        "question": found.question,
        "look_ups_per_s": round(product.rate, 1),
        "p50_ms": p50,
        "p99_ms": at(product.milliseconds, 0.99),
        "floor_p50_ms": floor,
        "floor_p99_ms": at(found.floor_ms, 0.99),
        "ratio_to_floor": round(p50 / floor, 2) if p50 and floor else None,
        "errors": product.errors,
        "error_samples": product.samples,
    }


def _answered(request: bytes) -> None:
    answer = ask(request)
    if answer.status != 200:
        raise Unreadable(f"The application answered {answer.status}: {answer.body[:500]!r}")
