"""A database of the benchmark's own, and a process in which Astro works with it. What was there before is not touched.

The settings are read when a process starts, so measuring happens in a child: `astro bench … --inside`, with its own
DATABASE_URL and data folder. Its standard output is what came out, as JSON.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from astro.desk.bench.errors import Stopped
from astro.tenancy.engines.postgresql.base import OWNER

PRIVATE = settings.BASE_DIR / "scripts" / "postgres"
PATIENCE = 60.0
NEUTRAL = "postgres"
"""A database of every server, to stand in while another one is copied."""


def measured_inside(words: Sequence[str], *, engine: str) -> Any:
    """Run `astro bench <words> --inside` on an empty database of this engine, and hand back what it told.

    PostgreSQL is the server of DATABASE_URL, if that is one, else a private one that is thrown away.
    """
    command = [sys.executable, "-m", "astro", "bench", *words, "--inside"]
    with tempfile.TemporaryDirectory(prefix="astro-bench-") as folder:
        if engine == "sqlite":
            return _run(command, {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}, folder)
        given = os.environ.get("DATABASE_URL", "")
        if urlsplit(given).scheme in ("postgres", "postgresql"):
            with beside(given) as address:
                return _run(command, {"DATABASE_URL": address}, folder)
        return _run([str(PRIVATE), *command], {}, folder)


@contextmanager
def beside(address: str) -> Iterator[str]:
    """The address of a new database on the same server, which is dropped afterwards."""
    name = f"astro_bench_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def address_of(one: Any) -> dict[str, Any]:
    """Where and as whom a connection of Django's goes, in the driver's words; the database's name is left out."""
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {name: one.settings_dict[key] for name, key in parts.items() if one.settings_dict[key]}


@contextmanager
def copied() -> Iterator[str]:
    """In the child: the name of a copy of this database as it stands, beside it; dropped afterwards."""
    named = connection.settings_dict
    name = f"{named['NAME']}_floor"
    connection.close()  # a database is copied only while nobody is in it
    with psycopg.connect(dbname=NEUTRAL, autocommit=True, **address_of(connection)) as server:
        server.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(named["NAME"])))
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def prepare() -> None:
    """In the child: tables and static files, as `./run` makes them."""
    for words in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        subprocess.run([sys.executable, "-m", "astro", *words], cwd=settings.BASE_DIR, check=True)


def _run(command: Sequence[str], environment: Mapping[str, str], folder: str) -> Any:
    env = {
        **os.environ,
        "ASTRO_DATA": folder,
        "ASTRO_SECRET_KEY": secrets.token_urlsafe(64),
        "ASTRO_DEBUG": "no",
        "ASTRO_HTTPS": "no",
        "ASTRO_HOSTS": "127.0.0.1",
        "ASTRO_LOG_LEVEL": "ERROR",
        **environment,
    }
    with _terminating_gently():
        # In a group of its own, so that each signal reaches everybody in it once, through us.
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=env, stdout=subprocess.PIPE, text=True, process_group=0
        )
        try:
            told, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE)
            raise
    if process.returncode:
        raise Stopped(f"The benchmark stopped (exit code {process.returncode}).")
    return json.loads(told)


@contextmanager
def _terminating_gently() -> Iterator[None]:
    """SIGTERM ends us as Ctrl-C does: with everything cleaned up."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
