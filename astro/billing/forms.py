"""Where bills go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.kit.phones import PhoneError, national, to_e164


class BillingContactForm(forms.Form):
    """Who is written to about a bill, where that is somebody else than the primary billing contact."""

    name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Write the name of who reads the bills.")}
    )
    email = forms.EmailField(
        label=_("E-mail for bills"),
        max_length=254,
        error_messages={
            "required": _("Write an e-mail address: bills go there."),
            "invalid": _("This is not a whole e-mail address. It looks like name@example.com."),
        },
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, initial: dict[str, str], country: str) -> None:
        super().__init__(data, initial={**initial, "phone": national(initial.get("phone", ""))})
        self.country = country
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        if not typed:
            return ""
        try:
            return to_e164(typed, self.country)
        except PhoneError as error:
            raise forms.ValidationError(str(error)) from None
