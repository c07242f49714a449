"""The form for one's PIN."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from astro.accounts.pins.digits import LONGEST, weakness

_DIGITS = {"autocomplete": "off", "inputmode": "numeric", "maxlength": str(LONGEST)}


class PinForm(forms.Form):
    digits = forms.CharField(
        label=_("New PIN"),
        max_length=40,
        help_text=_("Four to eight digits. No year, no 1234."),
        error_messages={"required": _("Type the PIN that you want.")},
        widget=forms.PasswordInput(attrs=_DIGITS),
    )
    again = forms.CharField(
        label=_("The same again"),
        max_length=40,
        error_messages={"required": _("Type the PIN a second time.")},
        widget=forms.PasswordInput(attrs=_DIGITS),
    )

    def clean_digits(self) -> str:
        digits: str = self.cleaned_data["digits"]
        weak = weakness(digits)
        if weak:
            raise ValidationError(weak, code="weak")
        return digits

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("digits") and cleaned.get("again") and cleaned["digits"] != cleaned["again"]:
            self.add_error("again", _("These are not the same digits. Type both once more."))
        return cleaned
