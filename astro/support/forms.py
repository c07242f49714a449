"""What somebody writes to us: from the pages of a store, or from access help, where nobody is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.kit.typed import one_line
from astro.support.models import LONGEST_TEXT, TicketState

LONGEST_FOUND = 4_000


class OneLine(forms.CharField):
    """A line without what no eye sees. What could not be kept is left out rather than complained about."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class Lines(OneLine):
    """The same, of several lines."""

    def to_python(self, value: Any) -> str:
        lines = str(value or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join("".join(filter(str.isprintable, line)).rstrip() for line in lines).strip()


def _email(label: Any, help_text: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": _("Write a whole e-mail address, like name@example.com, or leave it empty.")},
    )


def _text(label: Any, *, rows: int = 8) -> Lines:
    return Lines(
        label=label,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": _("Write what happened, or what you want to know."),
            "max_length": _("This is too long. 5,000 characters fit."),
        },
    )


class Keyed(forms.Form):
    """`key` makes that a form which is sent twice counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("key", uuid4())


class TicketForm(Keyed):
    """A ticket of somebody who is signed in."""

    subject = OneLine(
        label=_("Subject"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Say in a few words what it is about."),
            "max_length": _("Keep it to 120 characters; the rest goes below."),
        },
    )
    text = _text(_("What happened, or what do you want to know?"))
    email = _email(_("E-mail for the answer"), _("Without one, the answer stands here under My tickets."))


class ReplyForm(Keyed):
    text = _text(_("Write again"), rows=5)


class StrangerForm(Keyed):
    """A ticket of somebody who cannot sign in. `found` is what access help found out, as they saw it."""

    text = _text(_("What happens when you try?"), rows=5)
    name = OneLine(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("Keep it to 120 characters.")},
    )
    store = OneLine(
        label=_("Your store"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"max_length": _("Keep it to 160 characters.")},
    )
    email = _email(_("Your e-mail"), _("Without one we cannot answer you."))
    found = Lines(
        required=False,
        max_length=LONGEST_FOUND,
        widget=forms.HiddenInput,
        error_messages={"max_length": _("What was found is too long to send. Copy it instead.")},
    )


class TicketFilter(forms.Form):
    """Search, state and sort of *My tickets*, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which tickets"), required=False, choices=[("", _("All tickets")), *TicketState.choices]
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in TicketState.values else ""
        self.order = ("changed_at",) if data.get("sort") == "oldest" else ("-changed_at",)
