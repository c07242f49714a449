"""Several clients at once, each a process of its own, that begin together."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from django.conf import settings

from astro.desk.bench.client import SAMPLES, Job, Tally
from astro.desk.bench.errors import TillBroke

SLACK = 120.0
"""Seconds that tills may take beyond their time: the last answer, and getting ready."""


@dataclass(slots=True)
class Total:
    """What all tills of one or more slices came to."""

    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0
    samples: list[str] = field(default_factory=list)
    redemptions: int = 0
    seconds: float = 0.0
    client_cpu_seconds: float = 0.0
    per_second: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.milliseconds)

    @property
    def rate(self) -> float:
        """Acts per second, the mean of the slices."""
        return sum(self.per_second) / len(self.per_second) if self.per_second else 0.0

    def add(self, tallies: Sequence[Tally]) -> None:
        """One slice. A till that ran out of work early counts by its own time."""
        self.per_second.append(sum(len(one.milliseconds) / one.seconds for one in tallies if one.seconds))
        self.seconds += max(one.seconds for one in tallies)
        for one in tallies:
            self.milliseconds += one.milliseconds
            self.errors += one.errors
            self.samples = (self.samples + one.samples)[:SAMPLES]
            self.redemptions += one.redemptions
            self.client_cpu_seconds += one.cpu_seconds


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of them lies; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def work_together(jobs: Sequence[Job], *, seconds: float) -> list[Tally]:
    """Start a till for each job, wait until all are ready, let them work, and hear what came of it."""
    command = [sys.executable, "-m", "astro.desk.bench.client"]
    pipe = subprocess.PIPE
    with contextlib.ExitStack() as stack:
        started = []
        for _ in jobs:
            one = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=os.environ, stdin=pipe, stdout=pipe, text=True, process_group=0
            )
            stack.callback(_stop, one)
            started.append(one)
        for one, job in zip(started, jobs, strict=True):
            _say(one, json.dumps(asdict(job)))
        for one in started:
            if _hear(one) != "ready\n":
                raise TillBroke("A client did not get ready.")
        for one in started:
            _say(one, str(seconds))
        return [Tally(**json.loads(_hear(one))) for one in started]


def _say(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is None:
        raise TillBroke("A client cannot be spoken to.")
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise TillBroke("A client ended early; what it said stands above.")
    return line


def _stop(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
