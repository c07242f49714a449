"""What modules above this one keep of an enrollment: what its distributor still owes.

They name theirs in settings (`ENROLLMENT_PARTS`), so that a change of distributor tells them in its own transaction and
nobody imports upwards. A part is a module with these two functions (`astro/<module>/enrollment_part.py`).
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from astro.accounts.models import User
from astro.programs.models import Enrollment


class Part(Protocol):
    """The location of the enrollment is locked by the caller."""

    def open_lines(self, enrollment: Enrollment) -> tuple[int, int]:
        """How many free goods of this location and program nobody has pulled into a batch yet: those that wait without
        a distributor, and those that have one."""

    def hand_over(self, enrollment: Enrollment, *, takes_all: bool, by: User, now: datetime) -> int:
        """The enrollment's distributor takes over what waited without one, and, where asked, what another one has not
        pulled yet. Says how many."""


def parts() -> list[Part]:
    return [cast(Part, import_module(name)) for name in settings.ENROLLMENT_PARTS]


def open_lines(enrollment: Enrollment) -> tuple[int, int]:
    """How many free goods are still to be pulled into a batch: without a distributor, and with one."""
    counts = [part.open_lines(enrollment) for part in parts()]
    return sum(held for held, _owed in counts), sum(owed for _held, owed in counts)
