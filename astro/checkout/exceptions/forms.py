"""What is typed when an item is asked onto a card."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.checkout.exceptions.actions import LONGEST_DESCRIPTION, LONGEST_NOTE
from astro.checkout.models import MOST_EXCEPTED, ExceptionReason
from astro.kit.ids import new_uuid7
from astro.kit.money import AmountError, parse_cents
from astro.kit.typed import one_line

REASONS = [
    (ExceptionReason.NEW.value, _("New item or new code: it belongs on this card, and its list does not have it yet")),
    (ExceptionReason.UNREADABLE.value, _("Its code cannot be read, or the item was repackaged")),
    (ExceptionReason.CHANGED.value, _("The program changed: it counted on this card before")),
    (ExceptionReason.AUTHORIZED.value, _("The brand authorized it: say who, and when, in the note")),
]


class ExceptionForm(forms.Form):
    """An item for one card. `key` makes that it is asked once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("UPC"),
        help_text=_("Scan it, or type its digits."),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"max_length": _("That is too long for a code.")},
    )
    description = forms.CharField(
        label=_("What the item is"),
        help_text=_("Brand, name and size. Not needed for an item that Astro knows."),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Keep it to 160 letters.")},
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MOST_EXCEPTED,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    paid = forms.CharField(
        label=_("What was paid"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "0.00"}),
    )
    reason = forms.ChoiceField(
        label=_("Why it belongs on this card"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four reasons."), "invalid_choice": _("Choose one of these.")},
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For support, who decides."),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("A note holds up to 200 characters.")},
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, asks_paid: bool, now: datetime) -> None:
        super().__init__(data, initial={"key": new_uuid7(now)})
        if not asks_paid:
            del self.fields["paid"]
        sentence = _("Type a quantity from 1 to 99.")
        quantity = self.fields["quantity"]
        quantity.error_messages |= dict.fromkeys(["required", "invalid"], sentence)
        for limit in quantity.validators:
            limit.message = sentence  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[forms.BoundField]:
        return [one for one in self if not one.is_hidden]

    def clean_code(self) -> str:
        return one_line(self.cleaned_data["code"])

    def clean_description(self) -> str:
        return one_line(self.cleaned_data["description"], longest=LONGEST_DESCRIPTION)

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"], longest=LONGEST_NOTE)

    def clean_paid(self) -> int | None:
        typed = self.cleaned_data["paid"]
        if not typed:
            return None
        try:
            return parse_cents(typed)
        except AmountError as problem:
            raise forms.ValidationError(str(problem)) from problem
