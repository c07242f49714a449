"""Running pgbench, and reading what it says."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection

from astro.desk.bench.errors import FloorBroke, NoPgbench, Unreadable
from astro.desk.bench.machine import cpu_seconds

BESIDE_THE_SERVER = Path("/usr/lib/postgresql")
"""Debian keeps it there, a folder for each version."""

LOOK_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Ran:
    """How many transactions of each script, how many a second, and the processor time of pgbench and its backends."""

    counts: tuple[int, ...]
    per_second: float
    cpu_seconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(self.counts)


def find_pgbench() -> str:
    """On the path, or the newest that Debian has. Raises NoPgbench."""
    found = sorted(BESIDE_THE_SERVER.glob("*/bin/pgbench"), key=lambda file: float(file.parts[4]))
    program = shutil.which("pgbench") or (str(found[-1]) if found else None)
    if program is None:
        raise NoPgbench
    return program


def run_pgbench(
    scripts: Sequence[tuple[Path, int]], *, database: str, clients: int, seconds: float, values: Mapping[str, int]
) -> Ran:
    """The scripts, each drawn as often as its weight says, for so many (whole) seconds. Raises FloorBroke."""
    named = connection.settings_dict
    command = [find_pgbench(), "-n", "-M", "simple", "-c", str(clients), "-j", str(min(clients, os.cpu_count() or 1))]
    command += ["-T", str(max(1, round(seconds)))]
    for file, weight in scripts:
        command += ["-f", f"{file}@{weight}"]
    for name, value in values.items():
        command += ["-D", f"{name}={value}"]
    env = {**os.environ, **_address({**named, "NAME": database})}
    before, backends = _children_seconds(), dict[int, float]()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while True:
            try:
                told, complaint = process.communicate(timeout=LOOK_EVERY)
                break
            except subprocess.TimeoutExpired:
                backends |= backend_seconds(database)  # they are gone when it ends
    if process.returncode:
        raise FloorBroke(
            "pgbench gave up. Where a key is there twice, it was so fast that it ran out of customers: choose fewer "
            f"--seconds, fewer --slices or a larger --scale.\n{complaint.strip()[-1500:]}"
        )
    used = _children_seconds() - before + sum(backends.values())
    return replace(read(told, scripts=len(scripts)), cpu_seconds=used)


def backend_seconds(database: str) -> dict[int, float]:
    """Processor time of the server processes that work for this database, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
            " and backend_type = 'client backend'",
            [database],
        )
        return cpu_seconds(pid for (pid,) in cursor.fetchall())


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _address(named: Mapping[str, Any]) -> dict[str, str]:
    parts = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {name: str(named[key]) for name, key in parts.items() if named[key]}


def read(told: str, *, scripts: int) -> Ran:
    rate = re.search(r"^tps = ([\d.]+)", told, re.MULTILINE)
    total = re.search(r"^number of transactions actually processed: (\d+)", told, re.MULTILINE)
    each = re.findall(r"^ - (\d+) transactions", told, re.MULTILINE)
    if not rate or not total or (scripts > 1 and len(each) != scripts):
        raise Unreadable(f"pgbench said something new:\n{told}")
    counts = tuple(map(int, each)) if scripts > 1 else (int(total[1]),)
    return Ran(counts, float(rate[1]))
