"""What is typed about goods that were brought back, and what the list of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from astro.catalog.models import Distributor, Product
from astro.checkout.returns.bought import OfferedPurchase
from astro.credits.models import ReturnReason, ReturnState, ReturnStep, ReturnTerms
from astro.credits.returns.actions import LONGEST_LOT, LONGEST_NOTE, MOST_UNITS, Brought
from astro.credits.returns.states import GROUPS, OPEN
from astro.kit.ids import new_uuid7
from astro.kit.typed import one_line
from astro.tenancy.models import Location

HOLDING = "none"
QUIET = {"autocomplete": "off"}

SORTS = {"": ("-submitted_at",), "oldest": ("submitted_at",), "item": ("product_name", "-submitted_at")}


class PayerForm(forms.Form):
    """Who credits it, and under which account number."""

    distributor = forms.ChoiceField(
        label=_("Distributor"),
        help_text=_("Who delivered it to you."),
        error_messages={
            "required": _("Choose who delivered it, or Temporary Holding."),
            "invalid_choice": _("Choose one of these."),
        },
    )
    account_number = forms.CharField(
        label=_("Account number"),
        help_text=_("As on their invoices."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, payers: Sequence[Distributor], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.payers = {str(row.pk): row for row in payers}
        named = [(key, row.name) for key, row in self.payers.items()]
        self.fields["distributor"].choices = [  # type: ignore[attr-defined]
            *named,
            (HOLDING, _("Temporary Holding: no distributor yet")),
        ]

    @property
    def payer(self) -> Distributor | None:
        """Once the form is valid."""
        return self.payers.get(self.cleaned_data["distributor"])


class ReturnForm(PayerForm):
    """One item that a customer brought back. `key` makes that it counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=MOST_UNITS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    purchase = forms.ChoiceField(
        label=_("Recorded purchase"), required=False, error_messages={"invalid_choice": _("Choose one of these.")}
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("", _("Choose the reason")),
            *((label, [(one.value, one.label) for one in of]) for label, of in GROUPS),
        ],
        error_messages={"required": _("Choose why it was brought back."), "invalid_choice": _("Choose one of these.")},
    )
    reason_text = forms.CharField(
        label=_("What was wrong"),
        help_text=_("Needed where the reason is Other."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
    )
    lot_code = forms.CharField(
        label=_("Lot Code"),
        help_text=_("As printed on the package."),
        max_length=LONGEST_LOT,
        widget=forms.TextInput(attrs=QUIET),
        error_messages={"required": _("Type the lot code as it is printed on the package, or scan the label.")},
    )
    best_by_on = forms.DateField(
        label=_("Best By Date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the best-by date that is printed on the package."),
            "invalid": _("Write the day as year-month-day, like 2026-11-20."),
        },
    )
    note = forms.CharField(
        label=_("Note"), max_length=LONGEST_NOTE, required=False, widget=forms.TextInput(attrs=QUIET)
    )

    field_order = ("key", "purchase", "quantity", "reason", "reason_text", "lot_code", "best_by_on", "note")

    def __init__(
        self,
        data: Any = None,
        *,
        product: Product,
        terms: ReturnTerms,
        offered: Sequence[OfferedPurchase],
        payers: Sequence[Distributor],
        initial: Mapping[str, Any],
        now: Any,
    ) -> None:
        super().__init__(data, payers=payers, initial={"key": new_uuid7(now), "quantity": 1, **initial})
        self.product, self.terms = product, terms
        self.offered = {str(one.purchase.pk): one for one in offered}
        bought = [(key, _told(one)) for key, one in self.offered.items()]
        self.fields["purchase"].choices = [("", _t("Not recorded")), *bought]  # type: ignore[attr-defined]
        sentence = _t("Type how many were brought back: 1 to %(most)s.") % {"most": MOST_UNITS}
        self.fields["quantity"].error_messages |= dict.fromkeys(["required", "invalid"], sentence)
        for limit in self.fields["quantity"].validators:
            limit.message = sentence  # type: ignore[attr-defined]
        if terms.bought_within_days is not None:
            self.fields["purchase"].help_text = ngettext(
                "%(brand)s asks for a purchase of the last %(days)s day.",
                "%(brand)s asks for a purchase of the last %(days)s days.",
                terms.bought_within_days,
            ) % {"brand": terms.brand.name, "days": terms.bought_within_days}

    @property
    def brought(self) -> Brought:
        """What to submit, once the form is valid."""
        told = self.cleaned_data
        chosen = self.offered.get(told["purchase"])
        return Brought(
            key=told["key"],
            product=self.product,
            quantity=told["quantity"],
            reason=ReturnReason(told["reason"]),
            reason_text=told["reason_text"],
            lot_code=told["lot_code"],
            best_by_on=told["best_by_on"],
            note=told["note"],
            bought=chosen.bought if chosen else None,
            distributor=self.payer,
            account_number=told["account_number"],
        )


class ResubmitForm(PayerForm):
    """What the store put right after a decline."""

    note = forms.CharField(
        label=_("What you put right"), max_length=LONGEST_NOTE, required=False, widget=forms.TextInput(attrs=QUIET)
    )

    def __init__(self, data: Any = None, *, of: ReturnStep | None, payers: Sequence[Distributor]) -> None:
        standing = {}
        if of is not None:
            standing = {"distributor": str(of.distributor_id or HOLDING), "account_number": of.account_number}
        super().__init__(data, payers=payers, initial=standing)


class ReturnFilter(forms.Form):
    """Search, filters and sort of the list, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Every state")), ("open", _("Waiting for an answer")), *ReturnState.choices],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Newest first")), ("oldest", _("Oldest first")), ("item", _("By item"))],
    )

    def __init__(self, data: Mapping[str, Any], *, places: Sequence[Location]) -> None:
        super().__init__(data)
        self.places = {str(place.pk): place for place in places}
        named = [(key, place.name) for key, place in self.places.items()]
        self.fields["place"].choices = [("", _("All locations")), *named]  # type: ignore[attr-defined]
        self.text = one_line(data.get("q"))
        self.at = self.places.get(str(data.get("place", "")))
        state = str(data.get("state", ""))
        self.states = [str(one) for one in OPEN] if state == "open" else [state] if state in ReturnState.values else []
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.at or self.states)


def _told(one: OfferedPurchase) -> str:
    told = {"day": date_format(one.purchase.day), "place": one.purchase.location.name, "left": one.left}
    return _t("%(day)s, %(place)s (%(left)s left)") % told
