"""A new rule of one card of a brand's program, from a day on; and the filters of the list of programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.kit.money import format_cents
from astro.kit.typed import one_line
from astro.programs.models import Choice, Kind, ValueLimit
from astro.programs.own.forms import Amount, Percent
from astro.programs.rules import RuleOfCard

DAY = {"type": "date"}

GIFTS = {
    "item": ("get", "choice", "value_limit"),
    "money": ("amount",),
    "percent": ("percent",),
    "words": ("words",),
    "back": ("back",),
    "nothing": (),
}
"""The fields that say what a full card gives, by what it gives."""


def _number(label: Any, *, most: int, **more: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(label=label, min_value=1, max_value=most, widget=widget, **more)


class ProgramsFilter(forms.Form):
    """Search, kind and sort of the brands' programs, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *Kind.choices])
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Name")), ("newest", _("Newest first"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        self.only = str(data.get("kind")) if data.get("kind") in Kind.values else ""
        self.order = ("-created_at",) if data.get("sort") == "newest" else ("title",)


class VersionForm(forms.Form):
    """What the card asks and gives from a day on. What kind of thing it gives, and which purchases belong together,
    stays as it is under `standing`: that would be another card."""

    from_on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("Each location begins when its own day does."),
        error_messages={"required": _("Choose the first day."), "invalid": _("Write a day like 2026-12-24.")},
    )
    takes_over = forms.ChoiceField(
        label=_("Open cards"),
        choices=[("no", _("go on as they began")), ("yes", _("move over with their next purchase"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two."), "invalid_choice": _("Choose one of the two.")},
    )
    buy = _number(_("Purchases that fill the card"), most=200)
    get = _number(_("How many free items"), most=20)
    choice = forms.ChoiceField(label=_("Which items may be chosen"), choices=Choice.choices)
    value_limit = forms.ChoiceField(label=_("What the item may be worth"), choices=ValueLimit.choices)
    amount = Amount(label=_("Amount off"), help_text=_("As in 10.00."))
    percent = Percent(label=_("Percent off"))
    words = forms.CharField(label=_("What it is"), max_length=80)
    back = Percent(label=_("Cash back, in percent"))
    most = _number(_("At most so many rewards for a customer"), most=1000, required=False)
    monthly = _number(_("At most so many punches for a customer in a month"), most=1000, required=False)
    months = _number(
        _("Months that a punch counts"), most=120, required=False, help_text=_("Empty: punches do not expire.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Stores read it on the program's page."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why in a few words: stores read it.")},
    )
    use_required_attribute = False

    def __init__(self, data: Any = None, *, standing: RuleOfCard, earliest: date, currency: str) -> None:
        super().__init__(data)
        self.standing, self.earliest = standing, earliest
        kept = {*GIFTS[standing.gives]}
        for names in GIFTS.values():
            for name in names:
                if name not in kept and name in self.fields:
                    del self.fields[name]
        if standing.is_prepaid:
            del self.fields["most"], self.fields["monthly"], self.fields["months"]
        self.initial = {
            "from_on": earliest,
            "buy": standing.buy,
            "get": standing.get,
            "choice": standing.choice,
            "value_limit": standing.value_limit,
            "amount": standing.gift_cents and format_cents(standing.gift_cents, currency),
            "percent": standing.gift_percent,
            "words": standing.gift_words,
            "back": f"{standing.back_points / 100:g}" if standing.back_points else "",
            "most": standing.most,
            "monthly": standing.monthly,
            "months": standing.expiry_months,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        get, most = cleaned.get("get") or 1, cleaned.get("most")
        if most and most < get:
            self.add_error("most", _("One full card gives more than that."))
        return cleaned

    def rule(self) -> RuleOfCard:
        """The rule that was typed."""
        told, was = self.cleaned_data, self.standing
        percent, back = told.get("percent"), told.get("back")
        return RuleOfCard(
            told["buy"],
            told.get("get") or was.get,
            choice=told.get("choice", was.choice),
            value_limit=told.get("value_limit", was.value_limit),
            expiry_months=told.get("months"),
            piles=was.piles,
            most=told.get("most"),
            monthly=told.get("monthly"),
            is_prepaid=was.is_prepaid,
            takes_over=told["takes_over"] == "yes",
            gives=was.gives,
            gift_cents=told.get("amount"),
            gift_percent=max(1, round(percent)) if percent else None,
            gift_words=told.get("words", ""),
            back_points=int(back * 100) if back else None,
        )
