"""What is typed into a pet owner's account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.customers.details import read_email, read_internal_id, read_name, read_phone
from astro.customers.errors import DetailError
from astro.customers.look_up import LONGEST


class Typed(forms.CharField):
    """Text that `details.py`, `addresses.py` or `pets.py` reads; Django's own complaint about invisible characters
    would come before ours."""

    def run_validators(self, value: Any) -> None:
        """Nothing here: see the forms."""


class CustomerForm(forms.Form):
    """The labels are those of the New Astro Pet Owner Account, as stores know them."""

    first_name = Typed(
        label=_("Pet Owner First Name"),
        error_messages={"required": _("Type the first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    last_name = Typed(
        label=_("Pet Owner Last Name"),
        error_messages={"required": _("Type the last name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    phone = Typed(
        label=_("Pet Owner Mobile Phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = Typed(
        label=_("Pet Owner Email"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    internal_id = Typed(
        label=_("Internal Customer ID"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, country: str, with_internal_id: bool = False, **kwargs: Any) -> None:
        """`country` is where phone numbers without a `+` are from. The Internal Customer ID is only asked for where
        that is switched on (`features.INTERNAL_CUSTOMER_ID`)."""
        super().__init__(*args, **kwargs)
        self.country = country
        if not with_internal_id:
            del self.fields["internal_id"]
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

    def clean_internal_id(self) -> str:
        return self._read("internal_id", read_internal_id)

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
