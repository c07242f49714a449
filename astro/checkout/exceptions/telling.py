"""What store and support say to each other about an exception: a ticket of Help, under the exception's own key."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.checkout.models import ExceptionState, ExceptionStep, ExceptionTicket
from astro.kit.gtin import display_gtin
from astro.support.actions import answer, close, open_ticket, reply
from astro.support.models import Ticket
from astro.tenancy.models import Location

LONGEST_SUBJECT = 120


def talk_of(ticket: ExceptionTicket) -> Ticket | None:
    """The ticket of Help in which it is talked about."""
    found: Ticket | None = Ticket.objects.filter(key=ticket.key).select_related("opened_by").first()
    return found


def open_talk(ticket: ExceptionTicket, *, at: Location, by: User, now: datetime) -> Ticket:
    """Support is told what the store asks. Whose it is and the note stand on its page, where they can be erased."""
    card = ticket.program_card
    words = {"card": card.title, "program": card.program.title, "item": ticket.description}
    lines = [
        _("The store asks an item onto a card that does not list it. Nothing counts before it is approved."),
        "",
        _("Program: %(program)s") % words,
        _("Card: %(card)s") % words,
        _("Item: %(item)s") % words,
        _("Code: %(code)s") % {"code": display_gtin(ticket.gtin) if ticket.gtin else _("none that reads")},
        _("Quantity: %(quantity)s") % {"quantity": ticket.quantity},
        _("Reason: %(reason)s") % {"reason": ticket.get_reason_display()},
    ]
    page = reverse("backoffice:exception", args=[ticket.retailer_id, ticket.pk])
    lines += ["", _("The whole of it, to be approved or rejected: %(url)s") % {"url": f"{settings.PUBLIC_URL}{page}"}]
    return open_ticket(
        ticket.key,
        subject=(_("Exception: %(item)s") % words)[:LONGEST_SUBJECT],
        text="\n".join(lines),
        by=by,
        name=by.name,
        store=f"{at.retailer.name}, {at.name}"[:160],
        now=now,
    )


def tell_support(ticket: ExceptionTicket, text: str, *, by: User, now: datetime) -> None:
    talk = talk_of(ticket)
    if talk:
        reply(talk, key=uuid5(ticket.key, "withdrawn"), text=text, by=by, now=now)
        close(talk, by=by, now=now)


def tell_store(ticket: ExceptionTicket, step: ExceptionStep, *, item: str = "", by: User, now: datetime) -> None:
    """Whoever asked reads it in Help, and by mail where an address is known."""
    card = ticket.program_card.title
    words = {"item": item or ticket.description, "card": card}
    told = {
        ExceptionState.LISTED: _(
            "Approved: %(item)s. The punches come onto %(card)s by themselves, and from today on the item counts there "
            "whenever it is scanned."
        ),
        ExceptionState.ONCE: _("Approved for this purchase: %(item)s. The punches come onto %(card)s by themselves."),
        ExceptionState.REJECTED: _("Rejected: %(item)s gives no punch on %(card)s."),
        ExceptionState.WAITING: _(
            "The decision about %(item)s was taken back, with the punches that it brought onto %(card)s. It waits "
            "again."
        ),
    }[ExceptionState(step.state)] % words
    if step.sentence:
        told += "\n\n" + step.sentence
    talk = talk_of(ticket)
    if talk:
        answer(talk, text=told, by=by, now=now)
        if step.state != ExceptionState.WAITING:
            close(talk, by=by, now=now)


def tell_lost(ticket: ExceptionTicket, *, now: datetime) -> None:
    """It was approved, but its customer is gone."""
    talk = talk_of(ticket)
    if talk:
        answer(talk, text=_("The customer is not on your list any more, so no punch was given."), now=now)
