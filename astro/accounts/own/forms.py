"""What somebody types about themselves: their name, their password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.accounts.passwords import NewPasswordField, facts_of
from astro.kit.passwords.policy import LONGEST, normalized


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("First and last name, as people in the store and your receipts show it."),
        error_messages={"required": _("Type your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class PasswordForm(forms.Form):
    """The password now, and the one from here on. Whether the first is right is asked where tries are counted."""

    current = forms.CharField(
        label=_("Your password now"),
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Type your password as it is now.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = NewPasswordField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].facts = facts_of(user)  # type: ignore[attr-defined]
        if user.has_given_password:
            self.fields["current"].label = _("The password you were given")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("password") and normalized(told.get("current", "")) == told["password"]:
            self.add_error("password", _("This is the password you have now. Choose another one."))
        return told
