"""A customer's own list of changes: what was, what became, by whom. Erased with them; the events name fields only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from astro.accounts.models import User
from astro.activity.actions import record_many
from astro.customers.models import Change, Customer
from astro.tenancy.models import Location

Was = str
Became = str


def note_changes(
    customer: Customer,
    changed: Mapping[str, tuple[Was, Became]],
    *,
    by: User | None,
    at: Location | None,
    now: datetime,
) -> None:
    """Write down what changed, by field, as a person reads it; and the event, which names the fields."""
    note_changes_of_many([customer], changed, by=by, at=at, now=now)


def note_changes_of_many(
    customers: Sequence[Customer],
    changed: Mapping[str, tuple[Was, Became]],
    *,
    by: User | None,
    at: Location | None,
    now: datetime,
) -> None:
    """The same where all of them were changed alike, in two statements."""
    write_changes(customers, changed, by=by, at=at, now=now)
    record_many("customer changed", customers, by=by, at=at, now=now, fields=list(changed))


def write_changes(
    customers: Sequence[Customer],
    changed: Mapping[str, tuple[Was, Became]],
    *,
    by: User | None,
    at: Location | None,
    now: datetime,
) -> None:
    """The list alone, for a change that has an event of its own."""
    rows = [
        Change(customer=customer, field=field, old=was, new=became, location=at, by=by, at=now)
        for customer in customers
        for field, (was, became) in changed.items()
    ]
    Change.objects.bulk_create(rows)
