"""`astro tickets`: what people ask whoever runs this installation, and the answers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.support.actions import answer, close
from astro.support.letters import reporter_address
from astro.support.models import Ticket, TicketState
from astro.support.queries import all_tickets, ticket_called
from astro.tenancy.current import PLATFORM, within

MOMENT = "%Y-%m-%d %H:%M UTC"


class Command(BaseCommand):
    help = "Lists the tickets that are not closed, shows one, answers it, closes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", metavar="list|show|answer|close")
        listing = what.add_parser("list", help="the tickets, the longest waiting first")
        listing.add_argument("--state", choices=[*TicketState.values, "all"], help="only these; all without closed")
        what.add_parser("show", help="one ticket, whole").add_argument("reference")
        answering = what.add_parser("answer", help="answer it; its reporter is mailed where we know an address")
        answering.add_argument("reference")
        answering.add_argument("text", nargs="+")
        what.add_parser("close", help="it is settled").add_argument("reference")

    def handle(self, *args: Any, what: str | None, **options: Any) -> None:
        try:
            if what in (None, "list"):
                self._list(options.get("state"))
            else:
                ticket = ticket_called(options["reference"])
                with within(ticket.retailer_id or PLATFORM), transaction.atomic():
                    getattr(self, f"_{what}")(ticket, **options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, state: str | None) -> None:
        found = all_tickets("" if state in (None, "all") else state)
        if state is None:
            found = [ticket for ticket in found if ticket.state != TicketState.CLOSED]
        for ticket in found:
            who = ", ".join(filter(None, [ticket.name, ticket.store])) or "somebody who did not say"
            self.stdout.write(
                f"{ticket.shown_reference}  {ticket.state:<8}  {ticket.changed_at:{MOMENT}}  {ticket.subject} ({who})"
            )
        if not found:
            self.stdout.write("No tickets.")

    def _show(self, ticket: Ticket, **options: Any) -> None:
        self.stdout.write(f"{ticket.shown_reference}: {ticket.subject} ({ticket.get_state_display()})")
        self.stdout.write(f"From: {ticket.name or '-'}, {ticket.store or '-'}, {reporter_address(ticket) or '-'}")
        for message in ticket.messages.order_by("written_at", "id"):
            who = "We" if message.is_ours else "They"
            self.stdout.write(f"\n{who}, {message.written_at:{MOMENT}}:\n{message.text}")
        if ticket.found:
            self.stdout.write(f"\nWhat access help found:\n{ticket.found}")

    def _answer(self, ticket: Ticket, *, text: list[str], **options: Any) -> None:
        words = " ".join(text).strip()
        if not words:
            raise CommandError("Write the answer behind the ticket's name, in quotation marks.")
        answer(ticket, text=words, now=utc_now())
        if not reporter_address(ticket):
            told = "They gave no e-mail address, so " + (
                "they read it in Astro." if ticket.opened_by_id else "it stays."
            )
        elif not settings.MAIL_ROUTE:
            told = "No mail server is set up (ASTRO_EMAIL_URL), so it was kept and not mailed."
        else:
            told = f"It is mailed to {reporter_address(ticket)}."
        self.stdout.write(f"{ticket.shown_reference} is answered. {told}")

    def _close(self, ticket: Ticket, **options: Any) -> None:
        changed = close(ticket, now=utc_now())
        self.stdout.write(f"{ticket.shown_reference} is closed{'' if changed else ' already'}.")
