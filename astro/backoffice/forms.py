"""What support types: searches, reasons, answers, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.billing.models import LONGEST_REASON
from astro.catalog.models import Product
from astro.checkout.exceptions.actions import NewItem
from astro.checkout.exceptions.queries import item_of_code
from astro.checkout.models import ExceptionState
from astro.credits.models import DeclineReason, ReturnState
from astro.credits.returns.states import OPEN
from astro.kit.gtin import GtinError, to_gtin14
from astro.kit.typed import one_line
from astro.support.models import LONGEST_TEXT, Severity, TicketState
from astro.tenancy.models import AccountState

DECIDED = [(value, label) for value, label in ExceptionState.choices if value != ExceptionState.WAITING]
NEW, CODED = "new", "coded"
HELD = "held"
LAPSED = "lapsed"


class StoreFilter(forms.Form):
    """Search, state and sort of the stores, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which accounts"),
        required=False,
        choices=[
            ("", _("All accounts")),
            *AccountState.choices,
            (HELD, _("On hold")),
            (LAPSED, _("Trial over")),
        ],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Name")), ("newest", _("Newest")), ("oldest", _("Oldest"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in (*AccountState.values, HELD, LAPSED) else ""
        sorts = {"newest": ("-created_at",), "oldest": ("created_at",)}
        self.order = sorts.get(str(data.get("sort", "")), ("name",))


class ReasonForm(forms.Form):
    """Why something is changed for a store."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The store reads it on its billing page and in its activity."),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Say why in a few words: the store reads it."),
            "max_length": _("Keep it to 200 characters."),
        },
    )
    use_required_attribute = False

    def clean_reason(self) -> str:
        return one_line(self.cleaned_data["reason"], longest=LONGEST_REASON)


class ApplicationReasonForm(ReasonForm):
    """Why the brand approves or denies an application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Whoever applied reads it in the mail and on the program's page.")


class VersionReasonForm(ReasonForm):
    """Why the brand withdraws a version of its program."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("It is kept with the version.")
        self.fields["reason"].error_messages["required"] = _("Say why in a few words.")


class ReturnAnswerForm(ReasonForm):
    """What the brand says of goods that were brought back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The store reads it in the history of the return.")


class ReturnDeclineForm(ReturnAnswerForm):
    """Why the brand declines; for the first two the store can put it right and resubmit."""

    decline_reason = forms.ChoiceField(
        label=_("Declined because"),
        choices=[("", _("Choose one")), *DeclineReason.choices],
        error_messages={"required": _("Choose why it is declined."), "invalid_choice": _("Choose one of these.")},
    )
    field_order = ("decline_reason", "reason")


class TrialForm(ReasonForm):
    """A trial has a last day, the whole of which it runs (UTC)."""

    trial_until = forms.DateField(
        label=_("Last day of the trial"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("Choose the last day of the trial."),
            "invalid": _("Write a day like 2026-12-24."),
        },
    )
    field_order = ["trial_until", "reason"]

    def clean_trial_until(self) -> datetime:
        day = self.cleaned_data["trial_until"]
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=1)


class NewAdministratorForm(ReasonForm):
    """Somebody who runs a store again that nobody was left to run."""

    name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Write the name of this person.")}
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("An invitation goes there. Make sure first that this person may speak for the store."),
        error_messages={
            "required": _("Write where the invitation goes."),
            "invalid": _("This is not a whole e-mail address. It looks like name@example.com."),
        },
    )
    field_order = ["name", "email", "reason"]


class TicketFilter(forms.Form):
    """Search, state and sort of everybody's tickets, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which tickets"),
        required=False,
        choices=[("", _("Not closed")), *TicketState.choices, ("all", _("All tickets"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Longest waiting first")), ("newest", _("Newest first"))],
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in (*TicketState.values, "all") else ""
        self.order = ("-changed_at",) if data.get("sort") == "newest" else ("changed_at",)


class ApplicationFilter(forms.Form):
    """Search, state and sort of the applications, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which applications"),
        required=False,
        choices=[
            ("", _("Pending")),
            ("approved", _("Approved")),
            ("denied", _("Denied")),
            ("withdrawn", _("Withdrawn")),
            ("all", _("All applications")),
        ],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Longest waiting first")), ("newest", _("Newest first"))],
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in ("approved", "denied", "withdrawn", "all") else ""
        self.order = ("-asked_at",) if data.get("sort") == "newest" else ("asked_at",)


class ExceptionFilter(forms.Form):
    """Search, state and sort of everybody's exceptions, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which exceptions"),
        required=False,
        choices=[("", _("Waiting for approval")), *DECIDED, ("all", _("All exceptions"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Longest waiting first")), ("newest", _("Newest first"))],
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in (*dict(DECIDED), "all") else ""
        self.order = ("-asked_at",) if data.get("sort") == "newest" else ("asked_at",)


class ReturnFilter(forms.Form):
    """Search, state and sort of the returns, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which returns"),
        required=False,
        choices=[("", _("Waiting for an answer")), *ReturnState.choices, ("all", _("All returns"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Longest waiting first")), ("newest", _("Newest first"))],
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        state = str(data.get("state", ""))
        self.only = state if state in (*ReturnState.values, "all") else ""
        self.states = [] if self.only == "all" else [self.only] if self.only else [str(one) for one in OPEN]
        self.order = ("-submitted_at",) if data.get("sort") == "newest" else ("submitted_at",)


class ExceptionAnswerForm(ReasonForm):
    """Why support rejects an exception, or takes back what it decided."""

    prefix = "answer"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Whoever asked reads it, in the mail and on the exception's page.")


class ExceptionApprovalForm(forms.Form):
    """Which item it is, and whether it goes on the product list. A new one is called as the store calls it at first."""

    item = forms.ChoiceField(
        label=_("Which item is it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an item, or add it as a new one.")},
    )
    name = forms.CharField(
        label=_("Name of the new item"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    size = forms.CharField(
        label=_("Its size"),
        help_text=_("As the other items of the card write it: a reward of the same size goes by it."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Its code"), required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    is_listed = forms.BooleanField(
        label=_("Add it to the product list from this day on, for every store"),
        help_text=_("Only then can it be the reward, where that is the item bought most often."),
        required=False,
    )
    reason = forms.CharField(
        label=_("What the store is told besides"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Keep it to 200 characters.")},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, likely: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coded: Product | None = None
        others = [(CODED, _("Another one: that of the code below")), (NEW, _("A new item, as it is called below"))]
        self.fields["item"].choices = [*likely.items(), *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("item") == NEW and not one_line(told.get("name")):
            self.add_error("name", _("Type what the new item is called."))
        if told.get("item") == CODED and "code" not in self.errors:
            self.coded = _item_of(told["code"])
            if self.coded is None:
                self.add_error("code", _("No item has this code. Check it, or add the item as a new one."))
        return told

    @property
    def chosen(self) -> Product | NewItem:
        """Which item it is, once the form is valid: one that is known, or one to be added to the catalogue."""
        told = self.cleaned_data
        if told["item"] == NEW:
            return NewItem(**{name: one_line(told[name], longest=160) for name in ("name", "size", "code")})
        return self.coded or Product.objects.get(pk=int(told["item"]))


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _("Write the answer."),
            "max_length": _("This is too long. 5,000 characters fit."),
        },
    )
    use_required_attribute = False


class NoticeForm(forms.Form):
    """What everybody who works here is to read."""

    text = forms.CharField(
        label=_("What everybody is to read"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write what everybody is to read."),
            "max_length": _("Keep it to 500 characters."),
        },
    )
    severity = forms.ChoiceField(label=_("How bad it is"), choices=Severity.choices, initial=Severity.WARNING)
    hours = forms.IntegerField(
        label=_("For how many hours"),
        required=False,
        min_value=1,
        max_value=24 * 30,
        help_text=_("Empty: until it is taken back."),
        error_messages={
            "invalid": _("Write a whole number."),
            "min_value": _("Write 1 or more."),
            "max_value": _("Write 720 or less, which is 30 days."),
        },
    )
    use_required_attribute = False


def _item_of(code: str) -> Product | None:
    try:
        return item_of_code(to_gtin14(code))
    except GtinError:
        return None
