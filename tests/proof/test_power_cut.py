"""The power goes while eight tills check out: whatever was acknowledged stands, once, when the machine is up again.

The real server, its database and its data folder on a disk that `power.py` cuts off at a moment drawn by lot. The same
with a database that is told not to sync shows that the rig bites: there acknowledged visits are gone.
"""

from __future__ import annotations

import json
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import psycopg
import pytest
from django.db import connection
from django.db.backends.sqlite3._functions import register

from tests.desk.busy_tills import Log, Till
from tests.proof.power import Disk, NoDisk
from tests.servers import Postgres, Server, astro, environment

pytestmark = pytest.mark.long

VISITS = 20
"""That each till makes."""
CUTS = 2


class OnSQLite:
    """The file on the disk. A careless one does not sync at each commit."""

    def __init__(self, disk, *, careless):
        self.file = disk.path / "astro.sqlite3"
        self.address = f"sqlite:///{self.file}"
        self.settings = {"DJANGO_SETTINGS_MODULE": "tests.proof.careless"} if careless else {}

    def kill(self):
        """It lives in the server's processes."""

    def start(self):
        with closing(sqlite3.connect(self.file)) as opened:
            register(opened)  # some constraints ask functions of Django
            assert opened.execute("pragma integrity_check").fetchall() == [("ok",)]

    def stop(self):
        """Nothing runs."""


class OnPostgres:
    """A cluster on the disk. A careless one answers a commit before it is written, as `synchronous_commit=off` does."""

    settings: dict[str, str] = {}

    def __init__(self, disk, *, careless):
        disk.path.chmod(0o777)
        self.cluster = Postgres(disk.path)
        self.address, self.postmaster = self.cluster.address, self.cluster.postmaster
        with psycopg.connect(self.cluster.superuser, autocommit=True) as asked:
            if careless:
                for change in (
                    "synchronous_commit = off",
                    "wal_writer_delay = '10s'",
                    "wal_writer_flush_after = '1GB'",
                ):
                    asked.execute(f"alter system set {change}")
                asked.execute("select pg_reload_conf()")
            asked.execute("checkpoint")

    def kill(self):
        self.cluster.kill(self.postmaster)

    def start(self):
        self.cluster.start()
        self.postmaster = self.cluster.postmaster

    def stop(self):
        self.cluster.stop()


@pytest.fixture
def disk():
    try:
        disk = Disk()
    except NoDisk as reason:
        pytest.skip(f"The power was not cut: {reason}.")
    yield disk
    disk.stop()


@contextmanager
def installation(disk, *, careless=False):
    """A database on the disk, a store in it, and the environment that names them."""
    database = (OnPostgres if connection.vendor == "postgresql" else OnSQLite)(disk, careless=careless)
    try:
        env = environment(disk.path / "data", database.address, **database.settings)
        del env["ASTRO_SECRET_KEY"]  # made at the first start, and kept in the data folder
        astro(env, "astro", "migrate", "--verbosity", "0")
        astro(env, "astro", "collectstatic", "--noinput", "--verbosity", "0")
        shop = json.loads(astro(env, "tests.desk.shop_for_killing", "open"))
        disk.settle()
        yield database, env, shop
    finally:
        database.stop()


def cut(disk, server, database):
    """Power off, all processes gone, power on: the disk as it was left, and the database recovered from it."""
    disk.cut()
    server.kill()
    database.kill()
    disk.again()
    database.start()


def stored(env):
    return json.loads(astro(env, "tests.desk.shop_for_killing", "count"))


def run_with_cuts(disk, database, env, shop, *, cuts, after_each):
    """Eight tills at work, and the power cut so many times meanwhile."""
    chance, count = random.SystemRandom(), len(shop["sessions"])  # no seed would bring the same moment back
    log, server, pause = Log(), Server(env), Event()
    tills = [Till(number, shop=shop, port=int(env["PORT"]), log=log, visits=VISITS) for number in range(count)]
    try:
        with ThreadPoolExecutor(count) as pool:
            working = [pool.submit(till.work) for till in tills]
            try:
                for turn in range(cuts):
                    log.wait_for((turn + 1) * VISITS * count // (cuts + 1) - chance.randrange(20))
                    pause.wait(chance.random() / 10)
                    flushed = disk.flushes()
                    cut(disk, server, database)
                    after_each(dict(log.visits), flushed)
                    server.start()
                for one in working:
                    one.result(timeout=300)
            finally:
                log.is_over.set()
    finally:
        server.kill()
    return log


def test_what_was_acknowledged_outlives_a_power_cut(disk):
    with installation(disk) as (database, env, shop):

        def every_acknowledged_visit_stands(acknowledged, flushed):
            assert len(acknowledged) > 10
            found = dict(stored(env)["visits"])
            assert acknowledged.items() <= found.items()
            if connection.vendor == "sqlite":  # PostgreSQL writes several tills' commits together
                assert flushed >= len(acknowledged)

        log = run_with_cuts(disk, database, env, shop, cuts=CUTS, after_each=every_acknowledged_visit_stands)
        found = stored(env)
        assert found["visits"] == sorted([key, units] for key, units in log.visits.items())
        assert len(found["visits"]) == VISITS * len(shop["sessions"])
        assert found["punches"] == sum(log.visits.values())
        assert found["sealings"] == sorted(log.sealings)
        assert found["rewards"] == sorted(log.rewards)
        assert log.repeats > 0, "No till ever had to ask twice: the power was not cut under it."
        assert json.loads(astro(env, "astro", "verify", "--json"))["findings"] == []


def test_the_rig_notices_a_database_that_does_not_sync(disk):
    lost = []

    class Enough(Exception):
        """Shown once."""

    def count_what_is_gone(acknowledged, flushed):
        lost.extend(acknowledged.keys() - dict(stored(env)["visits"]).keys())
        if lost:
            raise Enough

    with installation(disk, careless=True) as (database, env, shop):
        try:
            run_with_cuts(disk, database, env, shop, cuts=CUTS, after_each=count_what_is_gone)
        except Enough:
            assert lost
    assert lost, "Nothing was lost without syncing, so this rig proves nothing."
