"""What every module that keeps something of a customer can do with it: move it, move it back, show, tell and forget it.

Modules above this one name theirs in settings (`CUSTOMER_PARTS`), so that merging, splitting, exporting and erasing
call them all, in that order, within one transaction, and nobody imports upwards. A part is a module with these five
functions (`astro/<module>/customer_part.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings

from astro.customers.models import Customer
from astro.kit.ids import id_text

Moved = dict[str, Any]
"""What was moved, as JSON: enough to move it back, and nothing that was not moved."""

Section = list[dict[str, Any]]
"""Rows of one kind as a person reads them, oldest first; the values are JSON."""

Outline = list[tuple[str, list[str]]]
"""Headings, each with lines in few words, for somebody who compares two accounts."""


class Part(Protocol):
    """Both customers of a merge are locked by the caller, in the order of their ids."""

    def merge(self, kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
        """Everything of `gone` becomes `kept`'s."""

    def split(self, kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
        """What `moved` names goes back to `gone`; what came after the merge stays with `kept`."""

    def outline(self, customer: Customer) -> Outline:
        """The account in short."""

    def tell(self, customer: Customer) -> dict[str, Section]:
        """Everything that is kept of this person, by the name of the section."""

    def erase(self, customer: Customer, *, now: datetime) -> None:
        """Forget who it was; facts that others rely on stay, under the customer's number (`pseudonym`). Called in the
        opposite order, so that this module, which knows the addresses, comes last."""


ERASED = "Erased"


def pseudonym(customer: Customer) -> tuple[str, str]:
    """First and last name of somebody who was erased: a word and the number."""
    return ERASED, id_text(customer.pk)


def parts() -> dict[str, Part]:
    """All parts by the name of their module, in the order of the settings."""
    return {name: cast(Part, import_module(name)) for name in settings.CUSTOMER_PARTS}
