"""The file of a backup: under another name until it is whole, and read back once before it counts."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from astro.desk.operating.copies.errors import CopyFailed

FORMAT = 1
MANIFEST, KEYS = "manifest.json", "keys/"
AT_ONCE = 1024 * 1024
LONGEST_MANIFEST = 10 * AT_ONCE


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `counts` are rows by table, at the moment of the copy; `marks` tell two keys apart
    and nothing more."""

    engine: str
    version: str
    made_at: str
    migrations: list[list[str]]
    counts: dict[str, int]
    file: str
    bytes: int
    sha256: str
    keys: list[str]
    marks: dict[str, str]
    format: int = field(default=FORMAT)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


class Summing:
    """Hands on what is written or read, and adds it up."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.sum, self.bytes = stream, sha256(), 0

    def write(self, some: bytes) -> int:
        self._add(some)
        return self.stream.write(some)

    def read(self, size: int = -1) -> bytes:
        some = self.stream.read(size)
        self._add(some)
        return some

    def _add(self, some: bytes) -> None:
        self.sum.update(some)
        self.bytes += len(some)


@contextmanager
def private_folder(beside: Path) -> Iterator[Path]:
    """A folder that nobody else can look into, on the same disk, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".astro-copy-", dir=beside) as name:
        yield Path(name)


def write_archive(
    target: Path,
    *,
    file: str,
    dump: Callable[[Summing, Path], dict[str, Any]],
    facts: dict[str, Any],
    keys: dict[str, str],
) -> Manifest:
    """Write the archive. `dump` writes the database into a stream (it has a private folder to work in) and returns
    the manifest's facts about it. The target appears when it is whole, synced and was read back, or not at all."""
    with private_folder(target.parent) as folder:
        part = folder / "part"
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:  # noqa: PTH123
            with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=4) as archive:
                member = ZipInfo(file)
                # PostgreSQL's own format is packed already.
                member.compress_type = ZIP_STORED if file.endswith(".dump") else ZIP_DEFLATED
                with archive.open(member, "w", force_zip64=True) as stream:
                    summing = Summing(stream)
                    told = dump(summing, folder)
                for name, key in keys.items():
                    archive.writestr(f"{KEYS}{name}", key)
                manifest = Manifest(
                    **facts, **told, file=file, bytes=summing.bytes, sha256=summing.sum.hexdigest(), keys=sorted(keys)
                )
                archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            out.flush()
            os.fsync(out.fileno())
        with part.open("rb") as stream:
            check_database(stream, read_manifest(stream))
        try:
            os.link(part, target)  # refuses where something stands there, which a renaming would not
        except FileExistsError:
            raise CopyFailed(f"{target} is there already, and was not touched. Name another file.") from None
        except OSError:  # a disk without links
            part.rename(target)
        sync_folder(target.parent)
    return manifest


def read_manifest(stream: BinaryIO) -> Manifest:
    """Raises CopyFailed for anything but a backup that this release understands."""
    try:
        with ZipFile(stream) as archive:
            if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
                raise ValueError
            told = json.loads(archive.read(MANIFEST))
            if told.get("format") != FORMAT:
                raise CopyFailed("This backup was made by a newer Astro. Update Astro, then restore it.")
            return Manifest(**told)
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as problem:
        raise CopyFailed("This file is no backup of Astro, or it was cut. Use another one.") from problem


def check_database(stream: BinaryIO, manifest: Manifest) -> None:
    """Raises CopyFailed unless the database in the archive is byte for byte what was put in."""
    with _open(stream, manifest) as summing:
        while summing.read(AT_ONCE):
            pass


def take_database(stream: BinaryIO, manifest: Manifest, target: Path) -> None:
    """Unpack the database. Raises CopyFailed unless it is byte for byte what was put in."""
    with target.open("wb") as out:
        with _open(stream, manifest) as summing:
            shutil.copyfileobj(summing, out, AT_ONCE)
        out.flush()
        os.fsync(out.fileno())


def take_keys(stream: BinaryIO, manifest: Manifest) -> dict[str, str]:
    """The keys that the archive has, by name."""
    with ZipFile(stream) as archive:
        return {name: archive.read(f"{KEYS}{name}").decode() for name in manifest.keys}


def sync_folder(folder: Path) -> None:
    """A new name lasts when its folder is synced."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _open(stream: BinaryIO, manifest: Manifest) -> Iterator[Summing]:
    try:
        with ZipFile(stream) as archive, archive.open(manifest.file) as member:
            summing = Summing(member)
            yield summing
    except (BadZipFile, KeyError, EOFError) as problem:
        raise CopyFailed("The database in this backup is damaged. Use another one.") from problem
    if (summing.bytes, summing.sum.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise CopyFailed("The database in this backup is not what was put in. Use another one.")
