"""A backup is rehearsed: made while tills check out, put into a new place, added up there, and the walls looked at."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from uuid import uuid4
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection

from astro.desk.operating.copies import restoring, sqlite
from astro.desk.operating.copies.archive import read_manifest
from astro.desk.operating.copies.backups import marks
from astro.desk.operating.copies.errors import CopyFailed
from astro.desk.operating.copies.restoring import restore
from astro.kit.at_work import alone, at_work
from astro.kit.clock import utc_now
from tests.desk.busy_tills import Log, Till
from tests.servers import ROOT, Server, astro, environment

VISITS = 25
"""That each till makes."""


class Place:
    """An installation of its own: a folder and a database, which may be somewhere else altogether."""

    def __init__(self, folder, address):
        folder.mkdir()
        self.folder, self.address = folder, address
        self.env = environment(folder, address)

    def run(self, *words):
        done = subprocess.run(
            [sys.executable, "-m", "astro", *map(str, words)],
            cwd=ROOT, env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def refused(self, *words):
        code, out, told = self.run(*words)
        assert (code, out, "Traceback" in told) == (1, "", False), out + told
        return told

    def stored(self):
        return json.loads(astro(self.env, "tests.desk.shop_for_killing", "count"))

    def log(self):
        return json.loads(astro(self.env, "tests.desk.shop_for_killing", "log"))

    def findings(self):
        return json.loads(astro(self.env, "astro", "verify", "--json"))["findings"]

    def rows_in_sight(self):
        """What the plain login sees of customers when it stands in no retailer, and what the owner sees."""
        if not self.address.startswith("postgres"):
            pytest.fail("There are no policies on SQLite.")
        with psycopg.connect(self.address) as database:
            (seen,) = database.execute("select count(*) from customers_customer").fetchone()
            database.execute("set role astro_owner")
            (there_are,) = database.execute("select count(*) from customers_customer").fetchone()
            return seen, there_are


@pytest.fixture
def new_place(tmp_path):
    """Makes places; the databases of PostgreSQL are dropped afterwards."""
    made = []

    def make(name):
        folder = tmp_path / name
        if connection.vendor != "postgresql":
            return Place(folder, f"sqlite:///{folder}/astro.sqlite3")
        database = f"backup_{uuid4().hex[:12]}"
        with psycopg.connect(os.environ["ASTRO_TEST_SUPERUSER_URL"], autocommit=True) as superuser:
            superuser.execute(f"create database {database} owner astro_owner")
        made.append(database)
        return Place(folder, f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}")

    yield make
    for database in made:
        with psycopg.connect(os.environ["ASTRO_TEST_SUPERUSER_URL"], autocommit=True) as superuser:
            superuser.execute(f"drop database {database} with (force)")


@pytest.fixture
def shop(new_place):
    place = new_place("first")
    assert place.run("migrate", "--verbosity", "0")[0] == 0
    place.shop = json.loads(astro(place.env, "tests.desk.shop_for_killing", "open"))
    return place


def altered(file, **changes):
    """The same archive with another manifest."""
    other = file.with_name(f"altered-{uuid4().hex[:6]}.zip")
    with ZipFile(file) as old, ZipFile(other, "w") as new:
        for name in old.namelist():
            kept = old.read(name)
            if name == "manifest.json":
                kept = json.dumps({**json.loads(kept), **changes}).encode()
            new.writestr(name, kept)
    return other


def damaged(file, at):
    other = file.with_name(f"damaged-{at}.zip")
    kept = bytearray(file.read_bytes())
    kept[at] ^= 0xFF
    other.write_bytes(kept)
    return other


def copies_of(place):
    return [path.name for path in place.folder.parent.rglob(".astro-copy-*")]


def test_a_backup_comes_back_whole_and_nothing_is_overwritten_by_mistake(shop, new_place, tmp_path):
    """One story, since each command is a process of its own."""
    sealed = json.loads(astro(shop.env, "tests.desk.shop_for_killing", "seal"))
    # Made: private, complete, in a place that is there, over nothing that is there.
    code, told, said = shop.run("backup", tmp_path)
    assert (code, copies_of(shop)) == (0, []), said
    [file] = tmp_path.glob("astro-*.zip")
    assert told == f"{file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "read back and whole" in said
    assert "every customer's data and the keys (lasting-key)" in said
    assert "Not in it: secret-key." in said, "the environment sets that one"
    with file.open("rb") as stream:
        manifest = read_manifest(stream)
    assert manifest.counts["tenancy_retailer"] == 1
    assert manifest.counts["customers_customer"] >= len(shop.shop["customers"])
    assert "was not touched" in shop.refused("backup", file)
    assert "There is no folder" in shop.refused("backup", tmp_path / "none" / "file.zip")
    lean = tmp_path / "lean.zip"
    assert shop.run("backup", lean, "--without-keys")[0] == 0
    assert "keys/lasting-key" not in ZipFile(lean).namelist()

    # What does not fit is refused before anything is touched.
    other = new_place("second")
    wrong_counts = {**manifest.counts, "customers_customer": manifest.counts["customers_customer"] + 1}
    newer = [*manifest.migrations, ["customers", "9999_from_the_future"]]
    refusals = {
        damaged(file, file.stat().st_size // 3): "Use another one.",
        altered(file, engine="oracle"): "This is a backup of oracle",
        altered(file, format=2): "made by a newer Astro",
        altered(file, migrations=newer): "A newer Astro made this backup (it knows customers.9999_from_the_future)",
        altered(file, sha256="0" * 64): "not what was put in",
        lean: "The lasting key here is another than the one of the backup",
        tmp_path / "nothing.zip": "No such file",
    }
    for wrong, sentence in refusals.items():
        assert sentence in other.refused("restore", wrong), wrong
    assert other.run("doctor")[1].count("The database is empty.") == 1
    with at_work(other.folder):
        assert "Astro is at work here." in other.refused("restore", file)

    # Put in: the same rows, the same key, added up; the walls stand and the doctor has nothing to say of it.
    code, told, said = other.run("restore", file)
    assert code == 0, told + said
    assert "Everything adds up." in told
    assert other.stored() == shop.stored()
    assert other.log() == shop.log()
    assert (other.folder / "lasting-key").read_text() == (shop.folder / "lasting-key").read_text()
    assert stat.S_IMODE((other.folder / "lasting-key").stat().st_mode) == 0o600
    told = [line for line in other.run("doctor")[1].splitlines() if "before it has written" not in line]  # a test's may
    assert told == ["- The static files are not collected. Run `astro collectstatic --noinput`."]
    if connection.vendor == "postgresql":
        assert other.rows_in_sight() == (0, manifest.counts["customers_customer"])

    # Over data only when that is said; what was there is kept on SQLite, and one transaction on PostgreSQL.
    assert "There is data here already" in other.refused("restore", file)
    assert other.run("restore", file, "--replace")[0] == 0
    assert other.findings() == []
    third = new_place("third")
    code, told, said = third.run("restore", lean, "--other-keys")
    assert code == 0, told + said
    assert "Activity logs whose seals were begun anew: 1." in said
    log = third.log()
    assert log["anew"] == [{"seals": 1, "until": sealed["until"], "last_event_id": sealed["event"]}]
    assert len(log["seals"]) == 1
    assert log["seals"] != shop.log()["seals"], "It was made with the key of before."
    assert third.findings() == []
    assert copies_of(shop) == []
    if connection.vendor == "postgresql":
        bad = altered(file, counts=wrong_counts)
        assert "does not hold the rows that it counted (customers_customer)" in third.refused(
            "restore", bad, "--replace"
        )
    else:
        bad = altered(file, counts=wrong_counts)
        before = sorted(path.name for path in other.folder.iterdir())
        assert "does not hold the rows" in other.refused("restore", bad, "--replace")
        assert sorted(path.name for path in other.folder.iterdir()) == before
        assert len(list(other.folder.glob("astro.sqlite3.before-*"))) == 1


@pytest.mark.long
def test_a_backup_made_while_tills_check_out_has_every_visit_acknowledged_before(shop, new_place, tmp_path):
    assert shop.run("collectstatic", "--noinput", "--verbosity", "0")[0] == 0
    log, server, other = Log(), Server(shop.env), new_place("second")
    try:
        count = len(shop.shop["sessions"])
        tills = [
            Till(number, shop=shop.shop, port=int(shop.env["PORT"]), log=log, visits=VISITS) for number in range(count)
        ]
        with ThreadPoolExecutor(len(tills)) as pool:
            working = [pool.submit(till.work) for till in tills]
            log.wait_for(count * VISITS // 3)
            before = dict(log.visits)
            code, told, said = shop.run("backup", tmp_path)
            after = dict(log.visits)
            assert code == 0, said
            assert not all(one.done() for one in working), "The tills were done before the backup was."
            for one in working:
                one.result(timeout=300)
        assert "Astro is at work here." in shop.refused("restore", told.strip(), "--replace")
    finally:
        server.stop()
    assert len(after) > len(before), "Nobody checked out while the backup was made."
    code, _told, said = other.run("restore", told.strip())
    assert code == 0, said
    there = dict(other.stored()["visits"])
    assert before.items() <= there.items()
    assert there.items() <= log.visits.items()
    assert len(there) < len(log.visits), "The backup is of a moment before the end."
    assert other.findings() == []
    assert shop.findings() == []
    if connection.vendor == "postgresql":
        seen, there_are = other.rows_in_sight()
        assert (seen, there_are) == (0, shop.rows_in_sight()[1])
        assert there_are > 0


@pytest.mark.once
@pytest.mark.parametrize("cut", [0, 1, 100, -1, -30])
def test_a_cut_file_is_no_backup(tmp_path, cut):
    file = tmp_path / "a.zip"
    with ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": 1}))
    file.write_bytes(file.read_bytes()[:cut])
    with file.open("rb") as stream, pytest.raises(CopyFailed, match="This file is no backup of Astro, or it was cut"):
        read_manifest(stream)


@pytest.mark.once
@pytest.mark.parametrize("manifest", ["[]", "{}", "7", "{", '{"format": 1, "more": 2}'])
def test_a_manifest_that_is_none(tmp_path, manifest):
    file = tmp_path / "a.zip"
    with ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", manifest)
    with file.open("rb") as stream, pytest.raises(CopyFailed):
        read_manifest(stream)


@pytest.mark.django_db
@pytest.mark.parametrize("keys", [["../secret-key"], ["/etc/passwd"], ["other-key"]])
def test_a_key_that_astro_does_not_have_is_refused_before_anything_is_changed(tmp_path, monkeypatch, settings, keys):
    """Its name would become that of a file."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    monkeypatch.setattr(restoring, "_put_in_database", lambda *told, **more: pytest.fail("It was put in."))
    told = {"engine": connection.vendor, "version": "1", "made_at": "", "migrations": [], "counts": {}, "file": "d"}
    told |= {"bytes": 0, "sha256": "", "keys": keys, "marks": marks(), "format": 1}
    file = tmp_path / "a.zip"
    with ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps(told))
        for name in keys:
            archive.writestr(f"keys/{name}", "evil")
    with pytest.raises(CopyFailed, match="names keys that Astro does not have"):
        restore(file, replace=True, other_keys=True, now=utc_now(), tell=[].append)


@pytest.mark.once
def test_who_is_at_work_is_known_and_any_number_may_be(tmp_path):
    with at_work(tmp_path), at_work(tmp_path), alone(tmp_path) as is_alone:
        assert not is_alone
    with alone(tmp_path) as is_alone:
        assert is_alone


@pytest.mark.once
def test_the_copy_is_of_one_moment_although_somebody_writes_all_the_time(tmp_path):
    """Two tables that always agree, written by another thread while the copy is made in many steps."""
    file, copy = tmp_path / "busy.sqlite3", tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute("pragma journal_mode = wal")
        for name in ("one", "two"):
            database.execute(f"create table {name} (x blob)")
            database.executemany(f"insert into {name} values (?)", [(b"x" * 3000,)] * 3000)
        database.commit()
    stop, turns = Event(), []

    def write():
        with closing(sqlite3.connect(file)) as database:
            while not stop.is_set():
                for name in ("one", "two"):
                    database.execute(f"insert into {name} values (randomblob(3000))")
                database.commit()
                turns.append(1)

    def slowly(status, remaining, total):
        seen = len(turns)
        while len(turns) < seen + 2 and not writing.done():
            pass

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        with closing(sqlite3.connect(copy)) as target:
            sqlite.copy_out(file, target, pages=500, progress=slowly)
        stop.set()
        writing.result()
    with closing(sqlite3.connect(copy)) as database:
        counts = [database.execute(f"select count(*) from {name}").fetchone() for name in ("one", "two")]
        assert counts[0] == counts[1]
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    assert len(turns) > 20
