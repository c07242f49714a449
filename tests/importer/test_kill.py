"""kill -9 in the middle of a list, several times: in the end every row is there once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg import sql

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ROOT = Path(__file__).parents[2]
ROWS = 200
KILLS = 2


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database of its own on the engine of this run."""
    settled = {**os.environ, "ASTRO_DATA": str(tmp_path)}
    if connection.vendor == "sqlite":
        yield {**settled, "DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}"}
        return
    name = f"killed_{os.getpid()}"
    with psycopg.connect(os.environ["ASTRO_TEST_SUPERUSER_URL"], autocommit=True) as server:
        server.execute(sql.SQL("create database {} owner astro_owner").format(sql.Identifier(name)))
        yield {**settled, "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def run(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_list_survives_its_workers(env: dict[str, str]) -> None:
    run(env, "astro", "migrate", "--verbosity", "0")
    run(env, "tests.importer.killed_worker", "open", str(ROWS))
    for number in range(KILLS):
        command = [sys.executable, "-m", "tests.importer.killed_worker", "work", str(number)]
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline().startswith("slice")  # it has begun: the next slice is on its way
            worker.send_signal(signal.SIGKILL)
    assert json.loads(run(env, "tests.importer.killed_worker", "count"))["state"] == "running"
    run(env, "tests.importer.killed_worker", "work", str(KILLS))
    assert json.loads(run(env, "tests.importer.killed_worker", "count")) == {
        "state": "done",
        "counts": {"new": ROWS},
        **dict.fromkeys(("customers", "phones", "seen", "rows"), ROWS),
    }
