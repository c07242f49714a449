"""A copy of a PostgreSQL database: by `pg_dump` and `pg_restore`, as the owner, whom no wall stops.

Policies and grants are left out on the way back: `astro migrate` puts them up, for whatever login is used there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from astro.desk.operating.copies.archive import AT_ONCE, Summing
from astro.desk.operating.copies.errors import CopyFailed
from astro.tenancy.engines.postgresql.base import OWNER

FILE = "database.dump"
LEFT_OUT = (" POLICY ", " ACL ", " COMMENT - EXTENSION ", " SCHEMA - public ", " COMMENT - SCHEMA ")
"""Kinds of entries in the table of contents that `astro migrate` makes, or that only a superuser may."""

NOT_LIBPQ = {"pool", "isolation_level", "assume_role", "server_side_binding"}
"""Options of DATABASE_URL that Django takes for itself."""

Tell = Callable[[str], object]

_OURS = """
    select c.relname from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    order by c.relname
"""
_OTHERS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
"""


def dump(out: Summing, folder: Path, *, tell: Tell) -> dict[str, Any]:
    """Write the dump as of one snapshot, by which the rows were counted too. Raises CopyFailed."""
    with _as_owner() as held:
        held.execute("begin isolation level repeatable read read only")
        snapshot = _one(held, "select pg_export_snapshot()")
        counts = {name: _one(held, f'select count(*) from public."{name}"') for (name,) in held.execute(_OURS)}
        found = held.execute("select app, name from django_migrations order by app, name").fetchall()
        tell(f"  {sum(counts.values()):,} rows")
        words = ["--format=custom", f"--role={OWNER}", f"--snapshot={snapshot}", "--lock-wait-timeout=60000"]
        with _running("pg_dump", *words, f"--dbname={_address()}") as process:
            shutil.copyfileobj(process, out, AT_ONCE)
    return {"counts": counts, "migrations": [[app, name] for app, name in found]}


def has_data() -> bool:
    """Whether a store or a person is in there. A database that was only migrated has none."""
    with _as_owner() as database:
        tables = {name for (name,) in database.execute(_OURS)}
        wanted = tables & {"tenancy_retailer", "accounts_user"}
        return any(_one(database, f"select exists (select 1 from public.{name})") for name in wanted)


def put_in(unpacked: Path, *, keep_as: str, tell: Tell) -> None:
    """Let the dump take the place of every table, in one transaction: all of it, or nothing changes."""
    connection.close()
    with _as_owner() as database:
        tables = [name for (name,) in database.execute(_OURS)]
    with _connected() as database:
        if others := _one(database, _OTHERS):
            raise CopyFailed(f"{others} others use this database. Stop Astro first, then restore again.")
    with _running("pg_restore", "--list", str(unpacked)) as listed:
        contents = listed.read().decode()
    kept = [line for line in contents.splitlines() if line[:1].isdigit() and not any(kind in line for kind in LEFT_OUT)]
    wanted = unpacked.with_suffix(".list")
    wanted.write_text("\n".join(kept))
    drops = [f'drop table if exists public."{name}" cascade;' for name in tables]
    before = "\n".join([f"set role {OWNER};", *drops, ""])
    words = ["--file=-", "--no-owner", "--no-privileges", f"--use-list={wanted}", str(unpacked)]
    with _running("pg_restore", *words) as script:
        _play(before, script)
    if tables:
        tell("What was here before was replaced.")


def counted() -> dict[str, int]:
    """Rows by table, as the owner sees them."""
    with _as_owner() as database:
        return {name: _one(database, f'select count(*) from public."{name}"') for (name,) in database.execute(_OURS)}


def _play(before: str, script: IO[bytes]) -> None:
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [_tool("psql"), *words, f"--dbname={_address()}"], stdin=subprocess.PIPE, stderr=errors, env=_environment()
        )
        assert process.stdin is not None
        try:
            process.stdin.write(before.encode())
            shutil.copyfileobj(script, process.stdin, AT_ONCE)
            process.stdin.close()
        except BrokenPipeError:
            pass  # psql has ended; it says why
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            raise CopyFailed(f"The backup was not put in, and nothing was changed: {_said(errors)}")


@contextmanager
def _running(tool: str, *words: str) -> Iterator[IO[bytes]]:
    """What it writes. Raises CopyFailed with what it says when it does not end well."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [_tool(tool), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=_environment()
        )
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
        if code:
            raise CopyFailed(f"{tool} did not come to its end: {_said(errors)}")


def _said(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return " ".join(lines[:3]) or "it said nothing."


def _tool(name: str) -> str:
    """The newest that is there: an older `pg_dump` refuses a newer server."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))
    if found is None:
        raise CopyFailed(f"{name} is not installed. On Debian or Ubuntu: sudo apt install postgresql-client")
    return found


def _address() -> str:
    """The database without the password, which every user of this machine could read among the processes."""
    named = connection.settings_dict
    options = {name: value for name, value in named["OPTIONS"].items() if name not in NOT_LIBPQ}
    given = {"host": named["HOST"], "port": named["PORT"], "user": named["USER"], "dbname": named["NAME"]}
    return make_conninfo(
        **{name: str(value) for name, value in {**options, **given}.items() if value not in ("", None)}
    )


def _environment() -> dict[str, str]:
    password = connection.settings_dict["PASSWORD"]
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}


@contextmanager
def _connected() -> Iterator[psycopg.Connection[Any]]:
    password = connection.settings_dict["PASSWORD"] or None
    try:
        with psycopg.connect(_address(), password=password, autocommit=True) as database:
            yield database
    except psycopg.Error as problem:
        raise CopyFailed(f"PostgreSQL refused: {str(problem).strip().splitlines()[0]}") from problem


@contextmanager
def _as_owner() -> Iterator[psycopg.Connection[Any]]:
    with _connected() as database:
        database.execute(f"set role {OWNER}")
        yield database


def _one(database: psycopg.Connection[Any], sql: str) -> Any:
    row = database.execute(sql).fetchone()
    assert row is not None
    return row[0]
