"""A copy of an SQLite file: by the online backup, from one snapshot, so tills go on writing meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]

from astro.desk.operating.copies.archive import AT_ONCE, Summing, sync_folder
from astro.desk.operating.copies.errors import CopyFailed

FILE = "database.sqlite3"
PAGES = 4096
"""Copied at a time: 16 megabytes."""

Tell = Callable[[str], object]
Progress = Callable[[int, int, int], object]


def dump(out: Summing, folder: Path, *, tell: Tell) -> dict[str, Any]:
    """Write the database's file as it stood at one moment. Raises CopyFailed when the copy does not hold together."""
    name, copy = database_file(), folder / FILE
    room, needed = shutil.disk_usage(folder).free, name.stat().st_size * 2
    if room < needed:
        raise CopyFailed(f"There is no room for a backup in {folder.parent}: {needed:,} bytes are needed.")
    with closing(sqlite3.connect(copy)) as target:
        copy_out(name, target, pages=PAGES, progress=_Percent(tell))
    facts = check(copy)
    with copy.open("rb") as stream:
        shutil.copyfileobj(stream, out, AT_ONCE)
    copy.unlink()
    return facts


def copy_out(file: Path, target: sqlite3.Connection, *, pages: int, progress: Progress) -> None:
    """From a snapshot that stays: a copy whose source changes meanwhile would begin again and again."""
    with closing(sqlite3.connect(file, isolation_level=None)) as source:
        source.execute("begin")
        source.execute("select count(*) from sqlite_master").fetchone()
        source.backup(target, pages=pages, progress=progress, sleep=0)
        source.execute("rollback")
    target.execute("pragma journal_mode = delete")


def check(file: Path) -> dict[str, Any]:
    """What the manifest says of a file that nobody else has open. Raises CopyFailed when it is damaged."""
    with closing(sqlite3.connect(file)) as database:
        register(database)  # checks of columns may ask Django's functions, such as REGEXP
        try:
            found = [row for (row,) in database.execute("pragma integrity_check(3)")]
            loose = database.execute("pragma foreign_key_check").fetchone()
            if found != ["ok"] or loose:
                raise CopyFailed(f"The copy of the database is damaged: {found[0] if found != ['ok'] else loose[0]}.")
            return {"counts": _counts(database), "migrations": _migrations(database)}
        except sqlite3.DatabaseError as problem:
            raise CopyFailed(f"The copy of the database cannot be read: {problem}.") from problem


def has_data() -> bool:
    """Whether a store or a person is in there. A file that was only migrated has none."""
    file = database_file()
    if not file.exists() or not file.stat().st_size:
        return False
    with closing(sqlite3.connect(file)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
        wanted = tables & {"tenancy_retailer", "accounts_user"}
        return any(database.execute(f'select exists (select 1 from "{name}")').fetchone()[0] for name in wanted)


def put_in(unpacked: Path, *, keep_as: str, tell: Tell) -> None:
    """Let the unpacked file take the place of the present one, which is kept beside it under another ending."""
    file = database_file()
    connection.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        _close_for_good(file)
        if has_data():
            kept = file.with_name(f"{file.name}{keep_as}")
            file.rename(kept)
            tell(f"What was here before is kept as {kept}.")
    unpacked.replace(file)
    sync_folder(file.parent)


def database_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _close_for_good(file: Path) -> None:
    """Bring what stands in the log into the file; refused while anybody else has it open."""
    with closing(sqlite3.connect(file, timeout=2, isolation_level=None)) as database:
        try:
            mode = database.execute("pragma journal_mode = delete").fetchone()
        except sqlite3.OperationalError:
            mode = None
    if mode != ("delete",):
        raise CopyFailed("Something still has the database open. Stop Astro first, then restore again.")


def _counts(database: sqlite3.Connection) -> dict[str, int]:
    found = database.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and sql not like '%virtual%'"
    )
    names = sorted(name for (name,) in found)
    return {name: database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}


def _migrations(database: sqlite3.Connection) -> list[list[str]]:
    return sorted([app, name] for app, name in database.execute("select app, name from django_migrations"))


class _Percent:
    """Tells every tenth of the way."""

    def __init__(self, tell: Tell) -> None:
        self.tell, self.told = tell, 0

    def __call__(self, status: int, remaining: int, total: int) -> None:
        done = 10 - 10 * remaining // total if total else 10
        if total > PAGES and done > self.told:
            self.told = done
            self.tell(f"  copied {done * 10} %")
