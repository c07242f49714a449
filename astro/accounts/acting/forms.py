"""Why somebody acts as another, and for how long support may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.accounts.acting.actions import LONGEST_REASON

HOURS = {"1": timedelta(hours=1), "4": timedelta(hours=4), "24": timedelta(days=1)}


class ActingForm(forms.Form):
    """The reason. The store reads it in its list, and in the record of everything that was done meanwhile."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=LONGEST_REASON,
        help_text=_("A few words. They stand in your store's list of who acted as whom."),
        error_messages={"required": _("Say in a few words why. The store reads it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *args: Any, by_support: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_support:
            field = self.fields["reason"]
            field.help_text = _("For example the ticket, and what you want to look at. The store reads it.")
            field.widget.attrs.pop("autofocus")


class ConsentForm(forms.Form):
    """For how long support may act as the store's people."""

    hours = forms.ChoiceField(
        label=_("For how long?"),
        choices=[("1", _("1 hour")), ("4", _("4 hours")), ("24", _("1 day"))],
        initial="1",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose for how long."),
            "invalid_choice": _("Choose one of the three."),
        },
    )

    @property
    def lasts(self) -> timedelta:
        return HOURS[self.cleaned_data["hours"]]
