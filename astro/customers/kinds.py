"""What converting an account asks of modules above this one: which programs are for breeders or employees, and which
cards of a customer hang on it.

The module is named in settings (`CUSTOMER_KINDS`), so that nobody imports upwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from astro.customers.models import Customer, Kind


@dataclass(frozen=True, slots=True)
class Offered:
    """The kinds that some location of the retailer has a program for, and the brands whose number it asks: id, name."""

    kinds: frozenset[str] = frozenset()
    brands: Sequence[tuple[int, str]] = ()

    def may_become(self, customer: Customer, kind: str) -> bool:
        """Whether the store may say so. Back to a pet owner always goes, and so does changing a number."""
        return kind in (Kind.PET_OWNER, customer.kind) or kind in self.kinds


class Telling(Protocol):
    def offered_on(self, day: date) -> Offered:
        """By the enrollments of that day. One query."""

    def cards_that_stop(self, customer: Customer, kind: str) -> list[str]:
        """The cards in progress that would take no punch of a customer of this kind, each in a few words."""


def telling() -> Telling:
    return cast(Telling, import_module(settings.CUSTOMER_KINDS))
