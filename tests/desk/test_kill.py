"""kill -9, again and again, while eight tills check out: what was acknowledged is stored, and nothing is stored twice.

The real server over real HTTP, in processes of its own. A till sends the same bytes until it is answered, as the page
does; killed are a web worker, the whole server, and on PostgreSQL a backend (which takes all sessions with it) and the
postmaster. The database syncs, unlike that of the other tests.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Event
from time import monotonic

import psycopg
import pytest
from django.db import connection

from astro.kit.ids import new_uuid7

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
VISITS = 40
"""That each till makes."""
KILLS = 12
CSRF = "k" * 32
REWARD = re.compile(r'name="reward-(\d+)" value="(\d+)"')


class Log:
    """What was acknowledged so far, by all tills."""

    def __init__(self):
        self.news = Condition()
        self.visits, self.sealings, self.rewards = {}, set(), set()
        self.acknowledged = self.repeats = 0
        self.trouble = None

    def took(self, *, visit=None, units=0, sealing=None, reward=None):
        with self.news:
            self.acknowledged += 1
            if visit:
                self.visits[visit] = units
            if sealing:
                self.sealings.add(sealing)
            if reward:
                self.rewards.add(reward)
            self.news.notify_all()

    def broke(self, problem):
        with self.news:
            self.trouble = problem
            self.news.notify_all()

    def wait_for(self, count):
        """Until so many were acknowledged. Raises what a till broke on, or AssertionError where nothing moves."""
        with self.news:
            moved = self.news.wait_for(lambda: self.acknowledged >= count or self.trouble, timeout=120)
            if self.trouble:
                raise self.trouble
            assert moved, f"stuck at {self.acknowledged}"


class Till:
    """One till, with a connection that it opens anew after each trouble."""

    def __init__(self, number, *, shop, port, log):
        self.number, self.shop, self.port, self.log = number, shop, port, log
        self.pause = Event()
        self.http = None

    def post(self, address, body):
        """The same bytes until there is an answer; a refusal is one."""
        sent = json.dumps(body)
        headers = {
            "Cookie": f"astro_session={self.shop['sessions'][self.number]}; astro_csrf={CSRF}",
            "X-CSRFToken": CSRF, "HX-Request": "true", "Content-Type": "application/json",
        }  # fmt: skip
        while True:
            try:
                self.http = self.http or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                self.http.request("POST", address, sent, headers)
                answer = self.http.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.close()
            else:
                if answer.status < 500:
                    return answer.status, text
            self.log.repeats += 1
            self.pause.wait(0.05)

    def close(self):
        if self.http:
            self.http.close()
        self.http = None

    def work(self):
        try:
            self.ring_up()
        except Exception as problem:
            self.log.broke(problem)
            raise
        finally:
            self.close()

    def ring_up(self):
        for turn in range(VISITS):
            customer = self.shop["customers"][(self.number + turn) % len(self.shop["customers"])]
            visit, units = str(new_uuid7(datetime.now(UTC))), 1 + (self.number + turn) % 3
            line = {"key": str(new_uuid7(datetime.now(UTC))), "product_id": self.shop["product"], "quantity": units}
            body = {"key": visit, "occurred_at": datetime.now(UTC).isoformat(), "lines": [line]}
            status, text = self.post(f"/checkout/{customer}/visits/", body)
            assert status == 200, text
            self.log.took(visit=visit, units=units)
            if 'id="redemption"' in text:
                self.finish(customer, visit, REWARD.findall(text))

    def finish(self, customer, visit, rewards):
        """Redeem the first reward; another till may have had it meanwhile: then nothing."""
        for reward, product in (*rewards[:1], (None, None)):
            key = str(new_uuid7(datetime.now(UTC)))
            chosen = [{"reward_id": reward, "product_id": product, "is_scanned": False}] if reward else []
            body = {"key": key, "visit": visit, "redemptions": chosen}
            status, text = self.post(f"/checkout/{customer}/finish/", body)
            if status == 200:
                self.log.took(sealing=key, reward=reward)
                return
            assert status == 409, text
        raise AssertionError("A visit could not be finished without redeeming anything.")


class Server:
    """`astro serve` with its children, killed and started again on the same port."""

    def __init__(self, env):
        self.env, self.process = env, None
        self.start()

    def start(self):
        serve = [sys.executable, "-m", "astro", "serve", "--workers", "2", "--port", self.env["PORT"]]
        self.process = subprocess.Popen(
            serve, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill_web_workers(self):
        """The processes that answer; granian starts others."""
        (web,) = [pid for pid in children(self.process.pid) if "granian" in command(pid)]
        for pid in children(web):
            kill(pid)

    def kill_everything(self):
        doomed = [self.process.pid, *descendants(self.process.pid)]
        for pid in doomed:
            kill(pid)
        self.process.wait()
        self.start()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


class Postgres:
    """A private cluster that syncs, from `scripts/postgres --durable`; it stays until its script hears no more."""

    def __init__(self):
        say = 'echo "$DATABASE_URL $ASTRO_TEST_SUPERUSER_URL"; cat'
        self.script = subprocess.Popen(
            [ROOT / "scripts" / "postgres", "--durable", "sh", "-c", say],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.address, self.superuser = self.script.stdout.readline().split()
        with psycopg.connect(self.superuser) as asked:
            for name in ("fsync", "synchronous_commit"):
                assert asked.execute(f"show {name}").fetchone() == ("on",)
            (self.data,) = asked.execute("show data_directory").fetchone()

    @property
    def postmaster(self):
        return int((Path(self.data) / "postmaster.pid").read_text().splitlines()[0])

    def kill_a_backend(self):
        """The server then ends every other session too, and recovers by itself."""
        with psycopg.connect(self.superuser) as asked:
            found = asked.execute(
                "select pid from pg_stat_activity where usename = 'astro' order by query_start desc limit 1"
            ).fetchone()
        if found:
            kill(found[0])

    def kill_postmaster(self):
        kill(self.postmaster)
        self.start()

    def start(self):
        """With the options of before. Tried again until the last session of the killed one has noticed and gone."""
        binary, options = (Path(self.data) / "postmaster.opts").read_text().strip().split(" ", 1)
        start = [str(Path(binary).with_name("pg_ctl")), "start", "--silent", "--wait", "-D", self.data]
        start += ["-l", f"{self.data}/../log", "-o", options.replace(f'"-D" "{self.data}"', "")]
        if os.getuid() == 0:
            start = ["runuser", "-u", "postgres", "--", *start]
        deadline, pause = monotonic() + 60, Event()
        while (done := subprocess.run(start, cwd="/", check=False, capture_output=True, text=True)).returncode:
            assert monotonic() < deadline, done.stdout + done.stderr + (Path(self.data).parent / "log").read_text()
            pause.wait(0.2)

    def stop(self):
        self.script.stdin.close()
        self.script.wait(timeout=60)
        self.script.stdout.close()


def children(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in listed.stdout.split()]


def descendants(pid):
    return [one for child in children(pid) for one in (child, *descendants(child))]


def command(pid):
    return subprocess.run(["ps", "-o", "args=", str(pid)], capture_output=True, text=True, check=False).stdout


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it had ended by itself


def astro(env, *words):
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def database(folder):
    """An address that no other test uses, and the ways in which what stands behind it can be killed."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder}/astro.sqlite3", []
        return
    cluster = Postgres()
    try:
        yield cluster.address, [cluster.kill_a_backend, cluster.kill_postmaster]
    finally:
        cluster.stop()


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_what_was_acknowledged_is_stored_once(tmp_path, port):
    with database(tmp_path) as (address, database_kills):
        env = {
            "PATH": os.environ["PATH"], "ASTRO_SECRET_KEY": "x" * 50, "ASTRO_DATA": str(tmp_path),
            "DATABASE_URL": address, "PORT": str(port),
        }  # fmt: skip
        astro(env, "astro", "migrate", "--verbosity", "0")
        astro(env, "astro", "collectstatic", "--noinput", "--verbosity", "0")
        shop = json.loads(astro(env, "tests.desk.shop_for_killing", "open"))
        log, server = Log(), Server(env)
        try:
            kills = [server.kill_web_workers, *database_kills, server.kill_everything]
            tills = [Till(number, shop=shop, port=port, log=log) for number in range(len(shop["sessions"]))]
            with ThreadPoolExecutor(len(tills)) as pool:
                working = [pool.submit(till.work) for till in tills]
                least = VISITS * len(tills)
                for turn in range(KILLS):
                    log.wait_for((turn + 1) * least // (KILLS + 1))
                    kills[turn % len(kills)]()
                for one in working:
                    one.result(timeout=300)
        finally:
            server.stop()
        stored = json.loads(astro(env, "tests.desk.shop_for_killing", "count"))
        assert stored["visits"] == sorted([key, units] for key, units in log.visits.items())
        assert stored["punches"] == sum(log.visits.values())
        assert stored["sealings"] == sorted(log.sealings)
        assert stored["rewards"] == stored["owed"] == sorted(log.rewards)
        assert len(stored["visits"]) == VISITS * len(tills)
        assert Counter(stored["rewards"]).most_common(1)[0][1] == 1
        assert log.repeats > 0, "No till ever had to ask twice: nothing was killed under it."
        assert json.loads(astro(env, "astro", "verify", "--json"))["findings"] == []
