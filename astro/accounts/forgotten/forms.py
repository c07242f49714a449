"""What is typed by somebody who forgot their password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.accounts.passwords import NewPasswordField, facts_of


class ForgottenForm(forms.Form):
    """Whether it is an e-mail address at all is not said either: a user name gets the same answer."""

    login = forms.CharField(
        label=_("E-mail that you sign in with"),
        max_length=254,
        error_messages={"required": _("Type the e-mail that you sign in with.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ChosenPasswordForm(forms.Form):
    """A new password for the person whom a link belongs to."""

    password = NewPasswordField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].facts = facts_of(user)  # type: ignore[attr-defined]
