"""Everything that changes tickets (each in the scope of the ticket), and the operator's notices."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from astro.accounts.models import User
from astro.activity.actions import record
from astro.kit.codes import NUMBERS, make_code
from astro.kit.ids import new_uuid7
from astro.support.errors import NothingToSay, SentBefore
from astro.support.letters import tell_reporter, tell_support
from astro.support.models import Notice, Severity, Ticket, TicketMessage, TicketState
from astro.support.notices import forget
from astro.tenancy.current import platform


@transaction.atomic
def open_ticket(
    key: UUID,
    *,
    subject: str,
    text: str,
    found: str = "",
    by: User | None,
    name: str = "",
    email: str = "",
    store: str = "",
    now: datetime,
) -> Ticket:
    """A new ticket, told to the support contact. The same key again gives the first ticket, and nothing is told twice.

    Without `by` somebody writes who is not signed in: then the platform must be current. Raises `SentBefore`.
    """
    known = Ticket.objects.filter(key=key, opened_by=by).first()
    if known is not None:
        return known
    ticket = Ticket(
        key=key,
        reference=make_code("T", number=secrets.randbelow(NUMBERS)),
        opened_by=by,
        subject=subject,
        found=found,
        name=name,
        email=email,
        store=store,
        opened_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
    except IntegrityError:
        known = Ticket.objects.filter(key=key, opened_by=by).first()
        if known is None:
            raise SentBefore from None
        return known  # the same form came twice at once
    message = TicketMessage(key=key, ticket=ticket, text=text, written_at=now)
    message.save(force_insert=True)
    tell_support(ticket, message, now=now)
    if ticket.retailer_id:
        record("ticket opened", ticket, by=by, at=None, now=now)
    return ticket


@transaction.atomic
def reply(ticket: Ticket, *, key: UUID, text: str, by: Any = None, now: datetime) -> TicketMessage:
    """Its reporter writes again; that opens it again. Sent twice it is said once. Raises `SentBefore`."""
    message, is_new = _say(ticket, key=key, text=text, is_ours=False, now=now)
    if is_new:
        _move(ticket, TicketState.OPEN, now=now)
        tell_support(ticket, message, now=now)
        if ticket.retailer_id:
            record("ticket replied to", ticket, by=by, at=None, now=now)
    return message


@transaction.atomic
def answer(ticket: Ticket, *, text: str, by: Any = None, now: datetime) -> TicketMessage:
    """We answer, and the reporter is told by mail where we know an address."""
    message, _is_new = _say(ticket, key=new_uuid7(now), text=text, is_ours=True, now=now)
    _move(ticket, TicketState.ANSWERED, now=now)
    tell_reporter(ticket, message, now=now)
    if ticket.retailer_id:
        record("ticket answered", ticket, by=by, at=None, now=now)
    return message


@transaction.atomic
def close(ticket: Ticket, *, by: Any = None, now: datetime) -> bool:
    """It is settled, says either side. False where it was closed already."""
    is_moved = _move(ticket, TicketState.CLOSED, now=now)
    if is_moved and ticket.retailer_id:
        record("ticket closed", ticket, by=by, at=None, now=now)
    return is_moved


def give_notice(
    text: str, *, severity: Severity, parts: list[str], from_at: datetime, until_at: datetime | None, now: datetime
) -> Notice:
    """Tell all who work here, from a moment until another one or until it is taken back. Raises `NothingToSay`."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not words or (until_at is not None and until_at <= from_at):
        raise NothingToSay
    notice = Notice(text=words[:500], severity=severity, parts=parts, from_at=from_at, until_at=until_at, made_at=now)
    with platform("the operator tells all"), transaction.atomic():
        notice.save(force_insert=True)
    forget()
    return notice


def end_notice(notice: Notice, *, now: datetime) -> None:
    """Take back one notice; one that is to come never comes. Twice changes nothing."""
    living = Q(until_at__isnull=True) | Q(until_at__gt=now)
    with platform("the operator takes back"), transaction.atomic():
        if not Notice.objects.filter(living, pk=notice.pk, from_at__lte=now).update(until_at=now):
            Notice.objects.filter(pk=notice.pk, from_at__gt=now).delete()
    forget()


def clear_notices(*, now: datetime) -> int:
    """Take back every notice that holds or is to come. Says how many."""
    living = Q(until_at__isnull=True) | Q(until_at__gt=now)
    with platform("the operator takes back"), transaction.atomic():
        ended = Notice.objects.filter(living, from_at__lte=now).update(until_at=now)
        ended += Notice.objects.filter(living, from_at__gt=now).delete()[0]
    forget()
    return ended


def _say(ticket: Ticket, *, key: UUID, text: str, is_ours: bool, now: datetime) -> tuple[TicketMessage, bool]:
    message = TicketMessage(key=key, ticket=ticket, text=text, is_ours=is_ours, written_at=now)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        known = TicketMessage.objects.filter(key=key, ticket=ticket).first()
        if known is None:
            raise SentBefore from None
        return known, False
    return message, True


def _move(ticket: Ticket, state: TicketState, *, now: datetime) -> bool:
    moved: int = Ticket.objects.filter(pk=ticket.pk).exclude(state=state).update(state=state, changed_at=now)
    if moved:
        ticket.state, ticket.changed_at = state, now
    elif state != TicketState.CLOSED:
        Ticket.objects.filter(pk=ticket.pk).update(changed_at=now)
        ticket.changed_at = now
    return bool(moved)
