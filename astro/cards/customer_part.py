"""What this module keeps of a customer (`customers/parts.py`): cards with all that is on them, rewards, redemptions."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.cards import merging
from astro.cards.models import Card, CardNote, Punch, Redemption, RedemptionUndo, State
from astro.cards.queries import ready_rewards
from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section
from astro.kit.ids import id_text


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    return merging.merge(kept, gone, today=today)


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    merging.split(kept, gone, moved, today=today)


def outline(customer: Customer) -> Outline:
    """The cards in progress and those that are full, then what was ever given."""
    cards = Card.objects.filter(customer=customer, state__in=[State.OPEN, State.FULL]).select_related("program_card")
    lines = [
        _("%(title)s: %(punches)d of %(need)d")
        % {"title": card.program_card.title, "punches": card.punches, "need": card.need}
        for card in cards.order_by("program_card__title", "program_card_id", "number")
    ]
    ready = ready_rewards(customer).count()
    given = Redemption.objects.filter(customer=customer, is_live=True).count()
    rewards = [ngettext("%(count)d ready", "%(count)d ready", ready) % {"count": ready}] if ready else []
    if given:
        rewards.append(ngettext("%(count)d given before", "%(count)d given before", given) % {"count": given})
    return [(_("Cards"), lines), (_("Rewards"), rewards)]


def tell(customer: Customer) -> dict[str, Section]:
    cards = Card.objects.filter(customer=customer).select_related("program_card__program").order_by("opened_at", "id")
    punches = Punch.objects.filter(customer=customer).select_related("program_card", "location")
    redemptions = Redemption.objects.filter(customer=customer).select_related("program_card", "location")
    undone = RedemptionUndo.objects.filter(redemption__customer=customer).select_related("redemption", "location")
    notes = CardNote.objects.filter(card__customer=customer).select_related("card__program_card")
    return {
        "cards": [
            {
                "program": card.program_card.program.title,
                "card": card.program_card.title,
                "number": card.number,
                "state": str(card.get_state_display()),
                "punches": card.punches,
                "need": card.need,
                "opened": card.opened_at.isoformat(),
                "filled": card.filled_on.isoformat() if card.filled_on else "",
            }
            for card in cards
        ],
        "punches": [
            {
                "card": punch.program_card.title,
                "day": punch.day.isoformat(),
                "location": punch.location.name,
                "state": str(punch.get_state_display()),
                "purchase": id_text(punch.cause_id),
                "unit": punch.unit,
            }
            for punch in punches.order_by("occurred_at", "id")
        ],
        "rewards given": [
            {
                "card": row.program_card.title,
                "item": f"{row.name} {row.size}".strip(),
                "day": row.day.isoformat(),
                "location": row.location.name,
                "taken back": not row.is_live,
            }
            for row in redemptions.order_by("redeemed_at", "id")
        ],
        "rewards taken back": [
            {
                "item": f"{row.redemption.name} {row.redemption.size}".strip(),
                "moment": row.undone_at.isoformat(),
                "location": row.location.name,
            }
            for row in undone.order_by("undone_at", "id")
        ],
        "notes on cards": [
            {"card": note.card.program_card.title, "note": note.text, "moment": note.changed_at.isoformat()}
            for note in notes.order_by("changed_at", "id")
        ],
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """Cards and what was given stay, under the number; what somebody wrote by hand goes."""
    CardNote.objects.filter(card__customer=customer).delete()
