"""The story of a backup."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import DatabaseError, connection

from astro.desk.operating.copies import postgresql, sqlite
from astro.desk.operating.copies.archive import Manifest, write_archive
from astro.desk.operating.copies.errors import CopyFailed
from astro.desk.operating.milestones import BACKUP, note_milestone

KEYS = {"secret-key": "SECRET_KEY", "lasting-key": "LASTING_KEY"}
"""Files in the data folder, and the settings they end up in."""

Tell = Callable[[str], object]


def make_backup(where: Path, *, with_keys: bool, now: datetime, tell: Tell) -> tuple[Path, Manifest]:
    """One file with everything, complete or not there. `where` is a folder, or the file's name. Raises CopyFailed."""
    target = where / f"astro-{now:%Y-%m-%dT%H%M%SZ}.zip" if where.is_dir() else where
    if target.exists():
        raise CopyFailed(f"{target} is there already, and was not touched. Name another file.")
    if not target.parent.is_dir():
        raise CopyFailed(f"There is no folder {target.parent}. Make it, or name another.")
    engine = engine_here()
    facts = {"engine": connection.vendor, "version": version(), "made_at": now.isoformat(), "marks": marks()}
    keys = keys_here() if with_keys else {}
    try:
        manifest = write_archive(
            target,
            file=engine.FILE,
            dump=lambda out, folder: engine.dump(out, folder, tell=tell),
            facts=facts,
            keys=keys,
        )
    except OSError as problem:
        raise CopyFailed(f"{target} cannot be written ({problem.strerror}). Name another folder.") from problem
    told = {"rows": manifest.rows, "bytes": target.stat().st_size, "has_keys": bool(keys)}
    try:
        note_milestone(BACKUP, told, now=now)
    except DatabaseError:
        tell("The backup is whole, but when it was made could not be noted. Run `astro migrate`.")
    return target, manifest


def engine_here() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def keys_here() -> dict[str, str]:
    """The keys that are files of this installation; what the environment sets is the operator's to keep."""
    files = {name: settings.DATA / name for name in KEYS}
    return {
        name: file.read_text()
        for name, file in files.items()
        if file.is_file() and mark(file.read_text().strip()) == marks()[name]
    }


def marks() -> dict[str, str]:
    return {name: mark(getattr(settings, setting)) for name, setting in KEYS.items()}


def mark(key: str) -> str:
    """Tells one key from another, and nothing else: a key is long and random."""
    return sha256(f"astro key {key}".encode()).hexdigest()[:16]


def version() -> str:
    told = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(told["project"]["version"])
