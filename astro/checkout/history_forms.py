"""What is asked of a customer's history, and what is typed onto a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.cards.models import CardNote, State
from astro.cards.notes import LONGEST, NoteTooLong, tidy
from astro.programs.models import ProgramCard

STATES = {
    State.OPEN: _("In progress"),
    State.FULL: _("Ready"),
    State.REDEEMED: _("Redeemed"),
    State.EXPIRED: _("Expired"),
}


class HistoryFilter(forms.Form):
    """Program card and state, from the address. What an address asks wrongly is left out."""

    card = forms.ChoiceField(label=_("Program card"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, data: Mapping[str, Any], *, program_cards: Iterable[ProgramCard]) -> None:
        super().__init__(data)
        named = {str(card.pk): f"{card.program.brand or ''} {card.title}".strip() for card in program_cards}
        self.fields["card"].choices = [("", _("All cards")), *named.items()]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All states")), *STATES.items()]  # type: ignore[attr-defined]
        asked = str(data.get("card", ""))
        self.program_card_id = int(asked) if asked in named else None
        self.chosen_state = str(data.get("state", "")) if data.get("state") in STATES else ""

    @property
    def is_asking(self) -> bool:
        return self.program_card_id is not None or bool(self.chosen_state)


class NoteForm(forms.Form):
    """The note as it is typed. `seen` says which one the writer had before their eyes."""

    text = forms.CharField(
        label=_("Note"),
        help_text=_("For everyone at the till: when the bags of a paper card were bought, for instance."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_text(self) -> str:
        text = tidy(self.cleaned_data["text"])
        if len(text) > LONGEST:
            raise forms.ValidationError(str(NoteTooLong(len(text))))
        return text


def seen_mark(note: CardNote | None) -> str:
    """Which note somebody had before their eyes; the same as long as nobody changes it."""
    return note.changed_at.isoformat() if note else ""
