"""The story of a restore: nothing is changed before everything that can be asked was asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from astro.activity.resealing import seal_anew
from astro.desk.operating.copies import postgresql, sqlite
from astro.desk.operating.copies.archive import (
    Manifest,
    private_folder,
    read_manifest,
    sync_folder,
    take_database,
    take_keys,
)
from astro.desk.operating.copies.backups import KEYS, engine_here, mark, marks
from astro.desk.operating.copies.errors import CopyFailed
from astro.desk.operating.nightly import note_recount
from astro.desk.recount import Recount, recount, recount_everyones
from astro.kit.at_work import alone
from astro.kit.clock import utc_now
from astro.tenancy.gaps import gaps
from astro.tenancy.models import Retailer

Tell = Callable[[str], object]


def restore(source: Path, *, replace: bool, other_keys: bool, now: datetime, tell: Tell) -> tuple[Manifest, Recount]:
    """Put a backup in place of what is here, migrate it, see that the walls stand, and add everything up again.

    `replace`: although there is data here. `other_keys`: although opt-outs will not be found with the key that is here,
    and seals have to be begun anew.
    Raises CopyFailed; until the database is put in, nothing has changed.
    """
    with alone(settings.DATA) as is_alone:
        if not is_alone:
            raise CopyFailed("Astro is at work here. Stop the server and the worker first, then restore again.")
        try:
            with source.open("rb") as stream:
                manifest = read_manifest(stream)
                keys = take_keys(stream, manifest)
                _refuse_what_does_not_fit(manifest, keys, replace=replace, other_keys=other_keys)
                _put_in_database(stream, manifest, now=now, tell=tell)
        except OSError as problem:
            raise CopyFailed(f"{source} was not restored: {problem.strerror} ({problem.filename}).") from problem
        _put_in_keys(keys, now=now, tell=tell)
        return manifest, _look_after(manifest, keys, tell=tell)


def _refuse_what_does_not_fit(manifest: Manifest, keys: dict[str, str], *, replace: bool, other_keys: bool) -> None:
    if not keys.keys() <= KEYS.keys() <= manifest.marks.keys():  # a key's name becomes that of a file
        raise CopyFailed("This file is no backup of Astro: it names keys that Astro does not have. Use another one.")
    if manifest.engine != connection.vendor:
        raise CopyFailed(f"This is a backup of {manifest.engine}, and DATABASE_URL names {connection.vendor}.")
    known = set(MigrationLoader(None).disk_migrations)
    unknown = sorted(f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known)
    if unknown:
        raise CopyFailed(f"A newer Astro made this backup (it knows {unknown[-1]}). Update Astro, then restore it.")
    if engine_here().has_data() and not replace:
        raise CopyFailed("There is data here already, and nothing was changed. To replace it: --replace")
    if _mark_afterwards("lasting-key", keys) != manifest.marks["lasting-key"] and not other_keys:
        raise CopyFailed(
            "The lasting key here is another than the one of the backup: nobody's opt-out would be found again. Put "
            f"the right one into {settings.DATA / 'lasting-key'} or ASTRO_LASTING_KEY. Or go on all the same: "
            "--other-keys"
        )


def _mark_afterwards(name: str, keys: dict[str, str]) -> str:
    """Of the key that counts once this backup is here: what the environment sets wins over every file."""
    if name in keys and not _is_set(name):
        return mark(keys[name].strip())
    return marks()[name]


def _is_set(name: str) -> bool:
    return bool(os.environ.get(f"ASTRO_{KEYS[name]}"))


def _put_in_database(stream: BinaryIO, manifest: Manifest, *, now: datetime, tell: Tell) -> None:
    engine = engine_here()
    beside = sqlite.database_file().parent if engine is sqlite else settings.DATA
    beside.mkdir(parents=True, exist_ok=True)
    with private_folder(beside) as folder:
        unpacked = folder / engine.FILE
        tell("Unpacking and checking ...")
        take_database(stream, manifest, unpacked)
        if engine is sqlite:
            _compare(sqlite.check(unpacked)["counts"], manifest)
        tell("Putting it in place ...")
        engine.put_in(unpacked, keep_as=_before(now), tell=tell)
    if engine is postgresql:
        _compare(postgresql.counted(), manifest)


def _compare(counts: dict[str, int], manifest: Manifest) -> None:
    wrong = sorted(name for name in counts.keys() | manifest.counts if counts.get(name) != manifest.counts.get(name))
    if wrong:
        raise CopyFailed(
            f"The backup does not hold the rows that it counted ({', '.join(wrong[:3])}). Use another one."
        )


def _put_in_keys(keys: dict[str, str], *, now: datetime, tell: Tell) -> None:
    for name, key in keys.items():
        file = settings.DATA / name
        if _is_set(name):
            tell(f"ASTRO_{KEYS[name]} is set, so the {name} of the backup was left out.")
            continue
        if file.exists() and file.read_text().strip() != key.strip():
            file.replace(file.with_name(f"{name}{_before(now)}"))
        new = file.with_name(f"{name}.new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(key)
        new.replace(file)
        setattr(settings, KEYS[name], key.strip())  # what follows here reads hashes that were made with it
    sync_folder(settings.DATA)


def _look_after(manifest: Manifest, keys: dict[str, str], *, tell: Tell) -> Recount:
    """What must be true before anybody is let in."""
    tell("Migrating ...")
    connection.close()
    call_command("migrate", verbosity=0, interactive=False)
    if wrong := gaps(connection):
        raise CopyFailed("\n".join(["The data is here, but the walls between retailers do not stand:", *wrong]))
    if _mark_afterwards("secret-key", keys) != manifest.marks["secret-key"]:
        tell("The secret key is another than before: everybody has to sign in again.")
    if _mark_afterwards("lasting-key", keys) != manifest.marks["lasting-key"]:
        _seal_anew(tell=tell)
    tell("Adding everything up again ...")
    done = Recount()
    for _one in recount(Retailer.objects.order_by("pk"), now=utc_now(), into=done):
        pass
    recount_everyones(done)
    note_recount(done, now=utc_now())
    return done


def _seal_anew(*, tell: Tell) -> None:
    """With another lasting key every seal would look changed."""
    stores = sum(seal_anew(one, now=utc_now()) for one in Retailer.objects.order_by("pk"))
    tell(
        "The lasting key is another than before, so opt-outs of before are not found any more. Activity logs whose "
        f"seals were begun anew: {stores:,}. Each says when, and how far its old seals reached."
    )


def _before(now: datetime) -> str:
    return f".before-{now:%Y-%m-%dT%H%M%SZ}"
