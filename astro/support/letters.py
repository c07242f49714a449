"""Mail about tickets: to the support contact of this installation, and to whoever asked."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.accounts.queries import support_address_of
from astro.kit.mail import send_plain
from astro.support.models import Ticket, TicketMessage


def reporter_address(ticket: Ticket) -> str:
    """Where an answer goes: what was given with the ticket, else the person's own e-mail, else that of the support
    contact they have in their store; empty where there is none. The one place that decides it."""
    address = ticket.email
    if not address and ticket.opened_by is not None:
        address = support_address_of(ticket.opened_by, retailer_id=ticket.retailer_id)
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def tell_support(ticket: Ticket, message: TicketMessage, *, now: datetime) -> None:
    """Nobody is told where the installation names no support contact; the ticket is kept and shown all the same."""
    if not settings.SUPPORT_EMAIL:
        return
    address = reporter_address(ticket)
    where = address or _("They gave no e-mail address. Answer with: astro tickets answer %(reference)s") % {
        "reference": ticket.reference
    }
    parts = [
        _("From: %(name)s") % {"name": ticket.name or _("somebody who did not say")},
        _("Store: %(store)s") % {"store": ticket.store or _("not said")},
        _("Answer to: %(where)s") % {"where": where},
        "",
        message.text,
    ]
    if ticket.found and message.key == ticket.key:
        parts += ["", _("What access help found:"), ticket.found]
    send_plain(settings.SUPPORT_EMAIL, _subject(ticket), _letter(parts), reply_to=address or None, now=now)


def tell_reporter(ticket: Ticket, message: TicketMessage, *, now: datetime) -> bool:
    """False where nobody knows an address: then the answer is read in Astro, or not at all."""
    address = reporter_address(ticket)
    if not address:
        return False
    parts = [message.text, "", _("You asked: %(subject)s") % {"subject": ticket.subject}]
    if ticket.opened_by_id:
        page = reverse("support:ticket", args=[ticket.pk])
        parts.append(_("Read it in Astro, or write again: %(url)s") % {"url": f"{settings.PUBLIC_URL}{page}"})
    elif settings.SUPPORT_EMAIL:
        parts.append(_("To write again, answer this mail."))
    send_plain(address, _subject(ticket), _letter(parts), reply_to=settings.SUPPORT_EMAIL or None, now=now)
    return True


def _subject(ticket: Ticket) -> str:
    return _("Astro ticket %(reference)s: %(subject)s") % {
        "reference": ticket.shown_reference,
        "subject": " ".join(ticket.subject.split()),
    }


def _letter(parts: list[str]) -> str:
    return "\n".join(parts) + "\n"
