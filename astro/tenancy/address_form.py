"""The part of a form that asks where a store is: shared by signing up and by *My Location Information*.

State or province is one list, and says the country; the time zone is the usual one there unless somebody chooses. What
is typed stands in the headers of letters, so it is one line without what nobody can see.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.kit.phones import PhoneError, to_e164
from astro.tenancy.models import Country
from astro.tenancy.regions import REGIONS, ZONES, read_postcode


class OneLine(forms.CharField):
    """Without line breaks and what nobody can see, whatever was pasted."""

    def to_python(self, value: Any) -> str:
        seen = "".join(one for one in str(value or "") if one.isprintable() or one.isspace())
        told: str = super().to_python(" ".join(seen.split())) or ""
        return told


def region_choices() -> list[Any]:
    """Grouped by country, with a first line that is no choice."""
    groups = [
        (str(country.label), [(one.code, one.name) for one in REGIONS.values() if one.country == country.value])
        for country in Country
    ]
    return [("", _("Choose one")), *groups]


def _line(label: Any, sentence: Any, *, longest: int, complete: str, help_text: Any = "") -> OneLine:
    return OneLine(
        label=label,
        max_length=longest,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": complete}),
        error_messages={"required": sentence},
    )


class AddressForm(forms.Form):
    """After `is_valid`, `cleaned_data` also has `country`; `phone` is E.164 or empty, `time_zone` always chosen."""

    street = _line(
        _("Street and number"),
        _("Type the street and number. The law asks for it in each letter to a customer."),
        longest=200,
        complete="street-address",
        help_text=_("Or your post office box."),
    )
    city = _line(_("City"), _("Type the city."), longest=100, complete="address-level2")
    region = forms.ChoiceField(
        label=_("State or province"),
        choices=region_choices,
        help_text=_("It decides which distributors serve you."),
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={
            "required": _("Choose your state or province."),
            "invalid_choice": _("Choose a state or province from the list."),
        },
    )
    postcode = _line(_("Postcode"), _("Type the postcode."), longest=12, complete="postal-code")
    phone = OneLine(
        label=_("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        error_messages={"invalid_choice": _("Choose a time zone from the list.")},
    )

    use_required_attribute = False

    def __init__(self, *args: Any, zone: str = "", **kwargs: Any) -> None:
        """`zone` is the one on file, which stays a choice even where the list does not have it."""
        super().__init__(*args, **kwargs)
        usual = [] if zone else [("", _("The usual one there"))]
        other = [(zone, zone.replace("_", " "))] if zone and zone not in ZONES else []
        self.fields["time_zone"].choices = [*usual, *other, *ZONES.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        region = REGIONS.get(told.get("region", ""))
        if region is None:
            return told
        told["country"] = region.country
        told["time_zone"] = ZoneInfo(told.get("time_zone") or region.time_zone)
        self._clean_postcode(told)
        self._clean_phone(told)
        return told

    def _clean_postcode(self, told: dict[str, Any]) -> None:
        if not told.get("postcode"):
            return
        read = read_postcode(told["postcode"], told["country"])
        if read is None:
            sentence = {
                "US": _("A ZIP code has 5 digits, like 59901. Check it, and the state."),
                "CA": _("A postal code looks like K1A 0B1. Check it, and the province."),
            }[told["country"]]
            self.add_error("postcode", sentence)
        else:
            told["postcode"] = read

    def _clean_phone(self, told: dict[str, Any]) -> None:
        if not told.get("phone"):
            return
        try:
            told["phone"] = to_e164(told["phone"], told["country"])
        except PhoneError as error:
            self.add_error("phone", str(error))
