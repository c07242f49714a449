"""`astro bench checkout`, inside its own database: the product and the floor in turns, then what else is asked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from astro.cards.models import Punch, Redemption
from astro.checkout.models import Purchase, Visit
from astro.desk.bench import server as servers
from astro.desk.bench.client import Job
from astro.desk.bench.database import address_of, copied
from astro.desk.bench.errors import FloorCheated
from astro.desk.bench.examples import TURNS, buy, can_redeem, ordinary_examples, redeem, rewarded_examples
from astro.desk.bench.floor import Example, script
from astro.desk.bench.history import add_customers
from astro.desk.bench.machine import spent
from astro.desk.bench.pgbench import backend_seconds, run_pgbench
from astro.desk.bench.population import Size, ordinary_visit, rewarded_visit
from astro.desk.bench.seeding import open_stores, settle
from astro.desk.bench.server import HOST, Server
from astro.desk.bench.spending import Spending, spend
from astro.desk.bench.tills import Total, percentile, work_together
from astro.desk.recount import Recount, recount
from astro.kit.clock import utc_now
from astro.kit.ids import new_id
from astro.tenancy.engines.postgresql.base import READER
from astro.tenancy.models import Retailer

REDEEM_EVERY = 13
SIDE_CLIENTS = 8
"""Tills of the measurements beside the table: repeats, and all on one customer."""

PER_REWARD = REDEEM_EVERY - 3
"""Turns for each reward that is kept for a slice: pgbench draws lots, so a few rewards more than every 13th."""

WARM_SHARE = 0.5
WARM_SECONDS = 1.5
WARM_TILLS = 16
"""So many that every process of the server has answered before it counts."""

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Plan:
    clients: tuple[int, ...]
    slices: int
    seconds: float
    size: Size
    verify: bool = False


@dataclass(slots=True)
class Allotment:
    """Deals out turns, so that no two slices meet the same state of the same customer."""

    portion: int
    redeems: bool
    next_turn: int
    next_reward: int

    @classmethod
    def of(cls, size: Size, *, portions: float, redeems: bool) -> Allotment:
        """What is left after the examples, in equal portions of one slice each."""
        turns, rewards = min(TURNS, size.visits // 2), min(TURNS, size.rewarded // 2)
        most = (size.visits - turns) / portions
        if redeems:
            most = min(most, (size.rewarded - rewards) / portions * PER_REWARD)
        return cls(int(most), redeems, turns, rewards)

    def take(self, *, clients: int, share: float = 1.0) -> tuple[int, int, int, int]:
        """First turn, turns of each client, first reward, rewards of each client."""
        each = max(1, int(self.portion * share) // clients)
        rewards = each // PER_REWARD if self.redeems else 0
        taken = (self.next_turn, each, self.next_reward, rewards)
        self.next_turn += each * clients
        self.next_reward += rewards * clients
        return taken


@dataclass(slots=True)
class Measured:
    """What the slices of one number of clients came to."""

    clients: int
    product: Total = field(default_factory=Total)
    floor_rates: list[float] = field(default_factory=list)
    floor_count: int = 0
    floor_seconds: float = 0.0
    app_seconds: float = 0.0
    database_seconds: float = 0.0
    beside: dict[str, float | None] = field(default_factory=dict)


@dataclass(slots=True)
class Bench:
    plan: Plan
    tell: Tell
    folder: Path
    server: Server
    scripts: list[tuple[Path, int]]
    floor_database: str
    turns: Allotment
    floor_turns: Allotment
    measured: list[Measured] = field(default_factory=list)

    def run(self) -> None:
        for clients in self.plan.clients:
            found = Measured(clients)
            self.tell(f"{clients} clients: {self.plan.slices} slices of {self.plan.seconds:g} s, product and floor ...")
            self._tills(max(clients, WARM_TILLS), seconds=WARM_SECONDS, share=WARM_SHARE)
            for _ in range(self.plan.slices):
                self._product_slice(found)
                self._floor_slice(found)
            self.measured.append(found)

    def beside(self) -> None:
        """Repeats of a visit that stands, and all tills on one customer, each against new visits of many."""
        table = next((one for one in self.measured if one.clients == SIDE_CLIENTS), self.measured[-1])
        clients = table.clients
        self.tell(f"{clients} clients: repeats of visits that stand, and all on one customer ...")
        repeats, together = Total(), Total()
        first, each, *_ = self.turns.take(clients=clients)
        repeats.add(self._work("again", clients, [(first + each * till, each) for till in range(clients)]))
        customers = int(self.plan.seconds * 8) + 1
        turns = (0, min(customers, self.plan.size.ordinary))
        together.add(self._work("together", clients, [turns] * clients))
        new = table.product.rate
        table.beside = {
            "retries_per_s": round(repeats.rate, 1),
            "retry_ratio": round(repeats.rate / new, 2) if new else None,
            "one_customer_per_s": round(together.rate, 1),
            "one_customer_ratio": round(together.rate / new, 2) if new else None,
        }
        for total in (repeats, together):
            table.product.errors += total.errors
            table.product.samples += total.samples

    @property
    def _database(self) -> str:
        return str(connection.settings_dict["NAME"])

    def _product_slice(self, found: Measured) -> None:
        app, database = self.server.cpu(), backend_seconds(self._database)
        tallies = self._tills(found.clients, seconds=self.plan.seconds)
        found.app_seconds += spent(app, self.server.cpu())
        found.database_seconds += spent(database, backend_seconds(self._database))
        found.product.add(tallies)

    def _tills(self, clients: int, *, seconds: float, share: float = 1.0) -> Any:
        first, each, reward, rewards = self.turns.take(clients=clients, share=share)
        jobs = [
            self._job(
                "spread",
                till=till,
                turns=(first + each * till, each),
                rewards=(reward + rewards * till, rewards),
                redeem_every=REDEEM_EVERY if self.turns.redeems else 0,
            )
            for till in range(clients)
        ]
        return work_together(jobs, seconds=seconds)

    def _work(self, mode: str, clients: int, turns: Sequence[tuple[int, int]]) -> Any:
        jobs = [self._job(mode, till=till, turns=turns[till]) for till in range(clients)]
        return work_together(jobs, seconds=self.plan.seconds)

    def _job(self, mode: str, **rest: Any) -> Job:
        size = self.plan.size
        return Job(HOST, self.server.port, size.retailers, size.customers, mode, **rest)

    def _floor_slice(self, found: Measured) -> None:
        first, each, reward, rewards = self.floor_turns.take(clients=found.clients)
        start = new_id()
        values = {"first1": first, "share1": each, "ids1": start, "t1": -1}
        values |= {"first2": reward, "share2": rewards, "ids2": start + 50_000_000, "t2": -1}
        before = _rows(self.floor_database)
        ran = run_pgbench(
            self.scripts,
            database=self.floor_database,
            clients=found.clients,
            seconds=self.plan.seconds,
            values=values,
        )
        check_floor(ran.counts, before, _rows(self.floor_database), clients=found.clients)
        found.floor_rates.append(ran.per_second)
        found.floor_count += ran.count
        found.floor_seconds += ran.cpu_seconds


def measure(plan: Plan, *, tell: Tell) -> list[dict[str, Any]]:
    """Fill the database, measure, and tell what came out: one row for each number of clients."""
    fill(plan.size, tell=tell)
    redeems = can_redeem()
    if not redeems:
        tell("There is no /finish/ here yet: measuring without redemptions.")
    with tempfile.TemporaryDirectory(prefix="astro-bench-") as name:
        folder = Path(name)
        ordinary = ordinary_examples(plan.size)
        rewarded = rewarded_examples(plan.size) if redeems else []
        scripts = save_scripts(folder, plan.size, ordinary, rewarded)
        slices = len(plan.clients) * plan.slices
        turns = Allotment.of(plan.size, portions=slices + len(plan.clients) * WARM_SHARE + 1, redeems=redeems)
        floor_turns = Allotment.of(plan.size, portions=slices, redeems=redeems)
        with copied() as floor, servers.running(log=folder / "server.log") as server:
            bench = Bench(plan, tell, folder, server, scripts, floor, turns, floor_turns)
            bench.run()
            bench.beside()
    findings = _verified(tell) if plan.verify else None
    return [row(found, ordinary, rewarded, findings) for found in bench.measured]


def _verified(tell: Tell) -> int:
    """How many rows disagree after all this, as `astro verify` counts them."""
    tell("Adding everything up again ...")
    done = Recount()
    for _ in recount(Retailer.objects.order_by("pk"), now=utc_now(), into=done):
        pass
    for retailer, finding in done.findings[:10]:
        tell(f"{retailer.name}: {finding}")
    return len(done.findings)


def profile(size: Size, *, count: int, tell: Tell) -> Spending:
    """Where the time of a checkout goes, every 13th with a redemption: in this process, behind the wall, without a
    server around it."""
    fill(size, tell=tell)
    tell(f"{count} checkouts without a server, three times ...")
    return spend(_acts(size), count=count)


def _acts(size: Size) -> Iterator[Callable[[], None]]:
    redeems = can_redeem()
    for turn in range(size.visits):
        if redeems and turn % REDEEM_EVERY == REDEEM_EVERY - 1:
            yield partial(redeem, rewarded_visit(turn // REDEEM_EVERY, size=size))
        else:
            yield partial(buy, ordinary_visit(turn, size=size))


def fill(size: Size, *, tell: Tell) -> None:
    tell(f"Making {size.retailers} retailers, {size.customers} customers and {size.customers * 2} cards ...")
    now = utc_now()
    open_stores(size, now=now)
    add_customers(size, now=now)
    settle()


def save_scripts(
    folder: Path, size: Size, ordinary: Sequence[Example], rewarded: Sequence[Example]
) -> list[tuple[Path, int]]:
    """The floor's scripts and how often each is drawn."""
    kinds = [(ordinary, ordinary_visit, REDEEM_EVERY - 1), (rewarded, rewarded_visit, 1)]
    saved = []
    for number, (examples, visit, weight) in enumerate(kinds, start=1):
        if examples:
            file = folder / f"floor{number}.sql"
            text = script(examples, number=number, sums=lambda turn, let, visit=visit: visit(turn, size=size, let=let))  # type: ignore[misc]
            file.write_text(text)
            saved.append((file, weight))
    return saved


def row(
    found: Measured, ordinary: Sequence[Example], rewarded: Sequence[Example], findings: int | None
) -> dict[str, Any]:
    product, count = found.product, found.product.count
    floor = mean(found.floor_rates)

    mine, theirs = found.app_seconds + found.database_seconds, found.floor_seconds

    def each(seconds: float) -> float | None:
        return round(seconds * 1000 / count, 3) if count else None

    def waited(share: float) -> float | None:
        found_ms = percentile(product.milliseconds, share)
        return None if found_ms is None else round(found_ms, 2)

    return {
        "clients": found.clients,
        "checkouts_per_s": round(product.rate, 1),
        "floor_per_s": round(floor, 1),
        "ratio_to_floor": round(floor / product.rate, 2) if product.rate else None,
        "p50_ms": waited(0.5),
        "p99_ms": waited(0.99),
        "errors": product.errors,
        "error_samples": product.samples,
        "statements_per_checkout": max(len(example.said.counted) for example in ordinary),
        "statements_per_redeeming_checkout": max((len(one.said.counted) for one in rewarded), default=None),
        "app_cpu_ms": each(found.app_seconds),
        "db_cpu_ms": each(found.database_seconds) if found.database_seconds else None,
        "floor_cpu_ms": round(theirs * 1000 / found.floor_count, 3) if found.floor_count else None,
        "cpu_ratio": round(mine / count / (theirs / found.floor_count), 2) if count and theirs else None,
        "client_cpu_ms": each(product.client_cpu_seconds),
        "checkouts": count,
        "redemptions": product.redemptions,
        "disagreements": findings,
        **found.beside,
    }


def _rows(database: str) -> dict[str, int]:
    """What stands in the floor's database, counted as the role that may read across retailers."""
    models = {"visits": Visit, "purchases": Purchase, "punches": Punch, "redemptions": Redemption}
    with psycopg.connect(dbname=database, **address_of(connection)) as floor:
        floor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(READER)))
        return {name: _count(floor, model._meta.db_table) for name, model in models.items()}


def _count(floor: psycopg.Connection, table: str) -> int:
    row = floor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return row[0] if row else 0


def check_floor(counts: tuple[int, ...], before: dict[str, int], after: dict[str, int], *, clients: int) -> None:
    """Raises FloorCheated unless every transaction wrote its rows.

    Where the time ends between a client's COMMIT and its answer, pgbench does not count it, and its rows are there.
    """
    written = {name: after[name] - before[name] for name in before}
    visits, total = written["visits"], sum(counts)
    redeemed = counts[1] if len(counts) > 1 else 0
    wanted = {**written, "purchases": visits * 3, "punches": visits * 3}
    late = (visits - total, written["redemptions"] - redeemed)
    if written != wanted or not all(0 <= count <= clients for count in late):
        raise FloorCheated(f"pgbench ran {total} checkouts, {redeemed} with a redemption, and wrote {written}.")
