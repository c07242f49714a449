"""Two tills with the same customer open: each is told of the other, and of what changed at the other.

An open page says so every few seconds, and is told who else is there and the `version` of this customer's cards. One
that went silent counts as open for 45 seconds more, so that a short lapse of the network makes nobody come and go.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, Max, Model, OuterRef, Subquery

from astro.accounts.models import User
from astro.cards.models import CardNote, Punch, PunchState, Redemption
from astro.checkout.models import Correction, CorrectionUndo, Presence, Sealing, UnitVoid, Visit
from astro.customers.models import Customer
from astro.tenancy.models import Location

STAYS = timedelta(seconds=45)
"""How long a page counts as open after it was last heard of."""


@dataclass(frozen=True, slots=True, order=True)
class Other:
    """Another page with this customer open: whose it is, and where. Nobody's name where nobody is known."""

    where: str
    who: str


def say_here(
    customer: Customer, *, page: UUID, at: Location, by: User | None, device_id: int | None, now: datetime
) -> None:
    """This page has the customer open. Said again, it only moves the time."""
    Presence.objects.update_or_create(
        customer=customer,
        page=page,
        defaults={"location": at, "by": by, "device_id": device_id, "seen_at": now},
    )


def say_gone(customer: Customer, *, page: UUID) -> None:
    """This page was closed. Closing one that nobody heard of changes nothing."""
    Presence.objects.filter(customer=customer, page=page).delete()


def forget_pages(*, before: datetime) -> int:
    """Forget the current retailer's pages that were last heard of before then; returns how many."""
    count, _by_table = Presence.objects.filter(seen_at__lt=before).delete()
    return count


def others_here(customer: Customer, *, page: UUID, now: datetime) -> list[Other]:
    """Who else has this customer open, each person at each location once."""
    open_now = Presence.objects.filter(customer=customer, seen_at__gt=now - STAYS).exclude(page=page)
    rows = open_now.select_related("location", "by")
    return sorted({Other(row.location.name, row.by.name if row.by else "") for row in rows})


def version_of(customer: Customer) -> str:
    """A short text that changes with everything that is entered, taken back or redeemed for this customer.

    Counted from the rows that say so, in one question; nothing has to be kept, and no writer has to remember it. What
    only moves a punch from card to card is the effect of one of these.
    """
    marks = [
        _count(Visit),
        _count(Sealing, of="visit__customer"),
        _count(UnitVoid, of="purchase__customer"),
        _count(UnitVoid, of="purchase__customer", is_live=True),
        _count(Punch, state=PunchState.LIVE),
        _count(Redemption),
        _count(Redemption, is_live=True),
        _count(Correction),
        _count(CorrectionUndo, of="correction__customer"),
        _figure(CardNote, Max("changed_at"), of="card__customer"),
    ]
    found = Customer.objects.filter(pk=customer.pk).values_list(*marks).get()
    return hashlib.sha256(repr([str(mark) for mark in found]).encode()).hexdigest()[:16]


def _count(model: type[Model], *, of: str = "customer", **only: Any) -> Subquery:
    return _figure(model, Count("id"), of=of, **only)


def _figure(model: type[Model], figure: Aggregate, *, of: str, **only: Any) -> Subquery:
    """One figure over the rows of this model that belong to the customer of the question around it."""
    rows = model._default_manager.filter(**{of: OuterRef("pk")}, **only)
    return Subquery(rows.order_by().values(of).annotate(figure=figure).values("figure"))
