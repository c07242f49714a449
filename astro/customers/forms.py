"""What is asked of a customer list, and what is typed into a pet owner's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.customers.details import read_email, read_name, read_phone
from astro.customers.errors import DetailError
from astro.customers.look_up import LONGEST

ALL = "all"
SORTS = {
    "name": ("sort_name",),
    "newest": ("-created_at",),
    "oldest": ("created_at",),
    "last_visit": ("-last_visit",),
}


class ListFilter(forms.Form):
    """Search, location and sort of the list, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), required=False)

    def __init__(self, data: Mapping[str, Any], *, here: str) -> None:
        """`here` is the name of the location whose list is shown unless all are asked for; "" for none."""
        super().__init__(data)
        self.text = " ".join(str(data.get("q", "")).replace("\x00", " ").split())
        places = [("", here), (ALL, _("All locations"))] if here else [(ALL, _("All locations"))]
        first = (("", _("Best match first")), ("name", _("A to Z"))) if self.text else (("", _("A to Z")),)
        rest = (
            ("newest", _("Most recently added")),
            ("oldest", _("Least recently added")),
            ("last_visit", _("Last visit")),
        )
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["sort"].choices = [*first, *rest]  # type: ignore[attr-defined]
        self.only_here = bool(here) and data.get("place") != ALL
        self.sorted_by = str(data.get("sort", "")) if data.get("sort") in SORTS else ""

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sorted_by or "name"]


class _Typed(forms.CharField):
    """Text that `details.py` reads; Django's own complaint about invisible characters would come before ours."""

    def run_validators(self, value: Any) -> None:
        """Nothing here: see `CustomerForm`."""


class CustomerForm(forms.Form):
    """The labels are those of the New Astro Pet Owner Account, as stores know them."""

    first_name = _Typed(
        label=_("Pet Owner First Name"),
        error_messages={"required": _("Type the first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    last_name = _Typed(
        label=_("Pet Owner Last Name"),
        error_messages={"required": _("Type the last name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    phone = _Typed(
        label=_("Pet Owner Mobile Phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = _Typed(
        label=_("Pet Owner Email"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        """`country` is where phone numbers without a `+` are from."""
        super().__init__(*args, **kwargs)
        self.country = country
        if not self.is_bound:
            first_empty = next((field for name, field in self.fields.items() if not self.initial.get(name)), None)
            if first_empty is not None:
                first_empty.widget.attrs["autofocus"] = True

    def clean_first_name(self) -> str:
        return self._read("first_name", lambda text: read_name(text, "first_name"))

    def clean_last_name(self) -> str:
        return self._read("last_name", lambda text: read_name(text, "last_name"))

    def clean_phone(self) -> str:
        return self._read("phone", lambda text: read_phone(text, self.country))

    def clean_email(self) -> str:
        return self._read("email", read_email)

    def _read(self, name: str, read: Callable[[str], str]) -> str:
        try:
            return read(self.cleaned_data[name])
        except DetailError as error:
            raise forms.ValidationError(str(error)) from None


def typed_into(text: str) -> dict[str, str]:
    """The fields that a search which found nobody fills: digits are a phone, what has an @ an e-mail, words names."""
    words = text[:LONGEST].replace("\x00", " ").split()
    emails = [word for word in words if "@" in word]
    numbers = [word for word in words if "@" not in word and any(map(str.isdigit, word))]
    names = [word for word in words if "@" not in word and any(map(str.isalpha, word)) and word not in numbers]
    if "".join(names).islower():
        names = [word[:1].upper() + word[1:] for word in names]
    return {
        "first_name": names[0] if names else "",
        "last_name": " ".join(names[1:]),
        "phone": " ".join(numbers),
        "email": emails[0] if emails else "",
    }
