"""Reads of tickets, and the notices on a page."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from astro.accounts.access import StaffRequest
from astro.accounts.models import User
from astro.kit.codes import read_code
from astro.support.errors import NoSuchTicket
from astro.support.letters import reporter_address
from astro.support.models import Notice, Ticket
from astro.support.notices import notices_now
from astro.tenancy.current import across_retailers

HIDDEN = "hidden_notices"
"""In the session: notices that its person has read and put away."""


def notices_for(request: StaffRequest, *, now: datetime) -> list[Notice]:
    """What stands above this person's pages."""
    hidden = request.session.get(HIDDEN, [])
    return [notice for notice in notices_now(now=now) if notice.pk not in hidden]


def tickets_of(user: User) -> QuerySet[Ticket]:
    """The tickets that this person sent while working for the current retailer."""
    rows: QuerySet[Ticket] = Ticket.objects.filter(opened_by=user)
    return rows


def all_tickets(state: str = "") -> list[Ticket]:
    """Everybody's, for whoever runs this installation; the oldest change first."""
    with across_retailers("the operator answers everybody"), transaction.atomic():
        rows = Ticket.objects.select_related("opened_by").order_by("changed_at", "id")
        return list(rows.filter(state=state) if state else rows)


def can_be_mailed(ticket: Ticket) -> bool:
    """Whether an answer also goes out by mail."""
    return bool(reporter_address(ticket))


def ticket_called(reference: str) -> Ticket:
    """By what people call it, however it was typed. Raises `NoSuchTicket`."""
    with across_retailers("the operator answers everybody"), transaction.atomic():
        ticket = Ticket.objects.filter(reference=read_code(reference) or "").select_related("opened_by").first()
    if ticket is None:
        raise NoSuchTicket
    return ticket
