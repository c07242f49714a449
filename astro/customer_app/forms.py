"""The app's forms: signing in, passwords, switches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.customer_app.models import AppAccount
from astro.kit.passwords.fields import NewPasswordField
from astro.kit.passwords.policy import LONGEST

SHORTEST = 10
"""Characters. Staff need fifteen; behind a customer's password are their own cards, and no money. OWASP ASVS asks for
eight; ten have been asked for since the app began."""


def email_field() -> forms.CharField:
    """As it was typed; whether it is an address at all is not said, because that would be an answer."""
    kept = forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    return forms.CharField(
        label=_("E-mail"), max_length=254, widget=kept, error_messages={"required": _("Type your e-mail address.")}
    )


def password_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SignInForm(forms.Form):
    email = email_field()
    password = password_field(_("Password"))


class ForgotForm(forms.Form):
    email = email_field()


class KnownPasswordForm(forms.Form):
    """The password of an account that there is already."""

    password = password_field(_("Password"))


class NewPasswordForm(forms.Form):
    """A password for an account; not like its e-mail address, nor like a name that is known of its owner."""

    password = NewPasswordField(least=SHORTEST, label=_("Choose a password"))

    def __init__(self, *args: Any, account: AppAccount, names: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].facts = [account.email, *names]  # type: ignore[attr-defined]


class ChangePasswordForm(NewPasswordForm):
    current = password_field(_("Your password now"))
    password = NewPasswordField(least=SHORTEST)
    field_order = ["current", "password"]


class SwitchesForm(forms.Form):
    """What may be sent; a channel without an address on file has no switch."""

    email = forms.BooleanField(required=False)
    text = forms.BooleanField(required=False)
