"""Signing in, and naming a till."""

from __future__ import annotations

from typing import Any

from allauth.account.app_settings import LoginMethod
from allauth.account.forms import LoginForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from astro.accounts.adapter import TOO_MANY
from astro.accounts.models import Membership, as_login
from astro.accounts.queries import locations_of
from astro.tenancy.models import Location


class SignInForm(LoginForm):
    """allauth's form with one box for both kinds of name."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("E-mail or user name"),
            max_length=254,
            error_messages={"required": _("Type your e-mail or user name.")},
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
            ),
        )
        self.fields["password"] = forms.CharField(
            label=_("Password"),
            max_length=1000,
            error_messages={"required": _("Type your password.")},
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )
        self.order_fields(["login", "password"])

    def user_credentials(self) -> dict[str, str]:
        """One way to look for the person, so that every try costs one hash, and time tells nothing."""
        login = as_login(self.cleaned_data["login"])
        method = LoginMethod.EMAIL if "@" in login else LoginMethod.USERNAME
        return {method.value: login, "password": self.cleaned_data["password"]}

    @property
    def seconds_to_wait(self) -> int | None:
        """After too many wrong passwords, else None."""
        errors = self.non_field_errors().as_data()
        return next((error.params["seconds"] for error in errors if error.code == TOO_MANY), None)


class DeviceForm(forms.Form):
    """Make this browser a till. Only locations within reach can be chosen."""

    name = forms.CharField(
        label=_("Name of this till"),
        max_length=60,
        help_text=_("What people call it, for example Front counter."),
        error_messages={"required": _("Give this till a name.")},
    )
    location = forms.ModelChoiceField(queryset=Location.objects.none(), label=_("Location"), empty_label=None)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = locations_of(membership)
        self.fields["location"].queryset = places  # type: ignore[attr-defined]
        self.only_location = places[0] if len(places) == 1 else None
        if self.only_location is not None:
            self.initial["location"] = self.only_location.pk
            self.fields["location"].widget = forms.HiddenInput()
