"""What is asked of a store that signs up. Few fields: everything else has its page afterwards."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.accounts.models import as_login
from astro.accounts.passwords import NewPasswordField
from astro.kit.passwords.policy import normalized
from astro.tenancy.address_form import AddressForm, OneLine

ONE, SEVERAL = "one", "several"
PERSON = ("name", "email", "password")
SITE = ("street", "city", "region", "postcode", "country", "phone")


class SignUpForm(AddressForm):
    """Who is signed in already is not asked who they are (`is_known`). `bait` is filled in by programs alone."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    bait = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    store_name = OneLine(
        label=gettext_lazy("Store name"),
        max_length=120,
        help_text=gettext_lazy("As your customers know it."),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
        error_messages={"required": gettext_lazy("Type the name of your store.")},
    )
    locations = forms.ChoiceField(
        label=gettext_lazy("How many locations?"),
        choices=[(ONE, gettext_lazy("One location")), (SEVERAL, gettext_lazy("Several locations"))],
        initial=ONE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Several? Tell us of the first one here; adding the others is your first step inside."),
        error_messages={"required": gettext_lazy("Choose one or several.")},
    )
    name = OneLine(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Type your name.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=254,
        help_text=gettext_lazy("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Type your e-mail."),
            "invalid": gettext_lazy("This is not a whole e-mail address. It looks like name@example.com."),
        },
    )
    password = NewPasswordField(label=gettext_lazy("Password"))

    field_order = ("store_name", "locations", "street", "city", "region", "postcode", "phone", "time_zone", *PERSON)

    def __init__(self, data: Any = None, *, is_known: bool) -> None:
        super().__init__(data, initial={"key": uuid4()})
        self.is_known = is_known
        if is_known:
            for field in PERSON:
                del self.fields[field]
        else:
            typed = data or {}
            facts = [str(typed.get(field, "")) for field in ("name", "email", "store_name")]
            self.fields["password"].facts = facts  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return as_login(self.cleaned_data["email"])

    def clean_bait(self) -> str:
        if self.cleaned_data["bait"]:
            raise forms.ValidationError(_("A program filled in a box that nobody sees. Empty it, then try again."))
        return ""

    @property
    def told(self) -> dict[str, Any]:
        """Everything but the password, as it can be kept."""
        typed = self.cleaned_data
        return {
            **{field: typed[field] for field in SITE},
            "store_name": typed["store_name"],
            "name": typed.get("name", ""),
            "time_zone": str(typed["time_zone"]),
            "has_several": typed["locations"] == SEVERAL,
        }


class ConfirmForm(forms.Form):
    """Whoever opens the link proves that they are the one who filled in the form."""

    password = forms.CharField(
        label=gettext_lazy("The password that you chose"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Type the password that you chose when you signed up.")},
    )

    use_required_attribute = False

    def clean_password(self) -> str:
        return normalized(self.cleaned_data["password"])
