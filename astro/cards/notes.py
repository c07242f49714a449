"""What a store writes on a card: the dates of a paper card's purchases, for instance."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import ngettext

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards.models import Card, CardNote
from astro.customers.models import Customer
from astro.kit.errors import DomainError
from astro.tenancy.models import Location

LONGEST = CardNote._meta.get_field("text").max_length or 0


class NoteTooLong(DomainError):
    """More than a note holds. What was typed is not cut: the writer decides what may go."""

    def __init__(self, length: int) -> None:
        sentence = ngettext(
            "A note holds up to %(most)s characters. This one is %(over)s too long: shorten it.",
            "A note holds up to %(most)s characters. This one is %(over)s too long: shorten it.",
            length - LONGEST,
        )
        super().__init__(sentence % {"most": LONGEST, "over": length - LONGEST}, field="text")


@transaction.atomic
def set_note(
    card: Card, *, text: str, at: Location, by: User | None, device_id: int | None = None, now: datetime
) -> CardNote:
    """Write the card's note anew; an empty text takes it away. The same text again changes nothing.

    Raises NoteTooLong. The words stay out of the event: they may be about a person.
    """
    text = tidy(text)
    if len(text) > LONGEST:
        raise NoteTooLong(len(text))
    Customer.objects.select_for_update().get(pk=card.customer_id)
    note = CardNote.objects.filter(card=card).first() or CardNote(card=card, text="", changed_at=now)
    if text == note.text:
        return note
    note.text, note.changed_by, note.changed_at = text, by, now
    note.save()
    record("card note changed", card, by=by, at=at, now=now, device_id=device_id)
    return note


def tidy(text: str) -> str:
    """The text as it is kept and counted: one sign for the end of a line, nothing invisible around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
