"""The form field for a new password. Its part of a page: `kit/components/new_password.html`, with a *Show* button."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from astro.kit.passwords.policy import insist_on_good, normalized

HINT = ngettext_lazy(
    "At least %(least)d character. A few words with spaces between them are easy to remember.",
    "At least %(least)d characters. A few words with spaces between them are easy to remember.",
    "least",
)


class NewPasswordField(forms.CharField):
    """Takes every character, spaces at the ends too, and cleans to NFC. `least` is how short one may be.

    `facts` (what others know of the person) is set by the form in its `__init__`, where it knows them; whoever learns
    them later asks the policy again.
    """

    def __init__(self, *, least: int, **kwargs: Any) -> None:
        self.least = least
        self.facts: Iterable[str] = ()
        kwargs.setdefault("label", _("New password"))
        kwargs.setdefault("help_text", HINT % {"least": least})
        kwargs.setdefault("error_messages", {"required": _("Type a password.")})
        kwargs.setdefault("widget", forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}))
        super().__init__(strip=False, **kwargs)

    def clean(self, value: Any) -> str:
        password = normalized(super().clean(value))
        if password:
            insist_on_good(password, least=self.least, facts=self.facts)
        return password

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: the browser would cut off what is pasted, without a word."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs
