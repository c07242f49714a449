"""What the status page tells about: the parts of the installation, and how each is doing.

A part is looked at by the module that knows it. `settings.STATUS_PARTS` names modules with a list `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DATABASE = "database"
"""The part without which most others cannot be looked at."""


class PartCondition(models.TextChoices):
    WORKS = "works", _("Works")
    SLOW = "slow", _("Works in part")
    DOWN = "down", _("Does not work")
    OFF = "off", _("Not set up")
    UNKNOWN = "unknown", _("We cannot tell")


@dataclass(frozen=True)
class Finding:
    """How a part is doing, with a sentence for everybody: no secrets, no numbers of customers."""

    condition: PartCondition
    words: str = ""


Look = Callable[[datetime], Finding]


@dataclass(frozen=True)
class Part:
    """`look` may raise `DatabaseError`: then nobody can tell. `needs_database`: not looked at where that is down."""

    key: str
    label: str | Promise
    look: Look
    needs_database: bool = True


def all_parts() -> list[Part]:
    """In the order of the status page."""
    return [part for name in settings.STATUS_PARTS for part in import_module(name).PARTS]
