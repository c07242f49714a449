"""The real server and a PostgreSQL that syncs, each in processes of its own that a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg

ROOT = Path(__file__).parents[1]
KEY = "tests-only-" + "w3Kd8Rp1" * 6
READY = 60
"""Seconds that a start may take on a machine that has much else to do."""


class Server:
    """`astro serve` with its children, killed and started again on the same port."""

    def __init__(self, env, workers=2):
        self.env, self.workers, self.process = env, workers, None
        self.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.env['PORT']}"

    def start(self):
        serve = [sys.executable, "-m", "astro", "serve", "--workers", str(self.workers), "--port", self.env["PORT"]]
        self.process = subprocess.Popen(
            serve, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self):
        """Until it takes connections. Raises AssertionError where it ended instead."""
        deadline, pause = monotonic() + READY, Event()
        while True:
            try:
                socket.create_connection(("127.0.0.1", int(self.env["PORT"])), timeout=5).close()
            except OSError:
                assert self.process.poll() is None, f"The server ended by itself: {self.process.returncode}"
                assert monotonic() < deadline, "The server does not answer."
                pause.wait(0.05)
            else:
                return

    def kill_web_workers(self):
        """The processes that answer; granian starts others."""
        (web,) = [pid for pid in children(self.process.pid) if "granian" in command(pid)]
        for pid in children(web):
            kill(pid)

    def kill(self):
        """All of it, at once, without a word."""
        doomed = [self.process.pid, *descendants(self.process.pid)]
        for pid in doomed:
            kill(pid)
        self.process.wait()
        wait_for_end(doomed)

    def kill_everything(self):
        self.kill()
        self.start()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


class Postgres:
    """A private cluster that syncs, from `scripts/postgres --durable`; it stays until its script hears no more."""

    def __init__(self, folder=None):
        say = 'echo "$DATABASE_URL $ASTRO_TEST_SUPERUSER_URL"; cat'
        env = {**os.environ, "TMPDIR": str(folder)} if folder else None
        self.script = subprocess.Popen(
            [ROOT / "scripts" / "postgres", "--durable", "sh", "-c", say],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
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

    def kill(self, postmaster):
        """With every process of it."""
        doomed = [postmaster, *descendants(postmaster)]
        for pid in doomed:
            kill(pid)
        wait_for_end(doomed)

    def start(self):
        """With the options of before. Tried again until the last session of the killed one has noticed and gone."""
        binary, options = (Path(self.data) / "postmaster.opts").read_text().strip().split(" ", 1)
        start = [str(Path(binary).with_name("pg_ctl")), "start", "--silent", "--wait", "-D", self.data]
        start += ["-l", f"{self.data}/../log", "-o", options.replace(f'"-D" "{self.data}"', "")]
        if os.getuid() == 0:
            start = ["runuser", "-u", "postgres", "--", *start]
        deadline, pause = monotonic() + READY, Event()
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


def wait_for_end(pids):
    """A killed process keeps its files open until it is gone."""
    deadline, pause = monotonic() + READY, Event()
    while left := [pid for pid in pids if command(pid).strip() and "<defunct>" not in command(pid)]:
        assert monotonic() < deadline, f"{left} do not end."
        pause.wait(0.05)


def astro(env, *words):
    """What a command says. Raises AssertionError where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder, address, **more):
    """An installation of its own: its data in the folder, its database at the address."""
    return {
        "PATH": os.environ["PATH"], "ASTRO_SECRET_KEY": KEY, "ASTRO_DATA": str(folder),
        "DATABASE_URL": address, "PORT": str(free_port()), **more,
    }  # fmt: skip
