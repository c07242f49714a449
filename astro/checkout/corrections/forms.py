"""What is typed when something is put right. Each form tells its wish; whether that can be so, `acts.py` judges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.cards.models import Card, Punch
from astro.catalog.models import Product
from astro.checkout.basket import MOST_UNITS, read_id
from astro.checkout.corrections.wishes import Add, Change, Move, PutBack, Remove, Return, Split, Transfer, Wish
from astro.checkout.errors import NoSuchTime
from astro.checkout.late import Moment, moment_of
from astro.checkout.late_forms import products_typed
from astro.checkout.models import CorrectionKind, Purchase, Spent, Visit
from astro.customers.models import Customer
from astro.customers.queries import customer_by_code, customers_matching, living
from astro.kit.ids import new_uuid7
from astro.kit.typed import one_line
from astro.tenancy.models import Location

HITS = 8
FOUND = ("product", "to")
"""What was found by typed words: carried by the check alone, so that other words are looked up again."""
LONGEST_NOTE = 200
QUANTITY = _("A quantity is a whole number from 1 to 999.")


class CorrectionForm(forms.Form):
    """A key, so that it is done once, and why. Children tell what (`wish`)."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why?"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "max_length": _("A reason holds up to 200 characters."),
            "required": _("Say why in a few words."),
        },
    )

    use_required_attribute = False
    note_is_required = False

    def __init__(self, data: Any = None, *, now: datetime, initial: Any = None) -> None:
        super().__init__(data, initial={"key": new_uuid7(now), **(initial or {})})
        self.fields["note"].required = self.note_is_required

    @property
    def shown(self) -> list[forms.BoundField]:
        """What is asked, in its order."""
        return [self[name] for name in self.fields if name not in ("key", "note", *FOUND)] + [self["note"]]

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the check carries along unseen."""
        return [self[name] for name in self.fields if name != "punch"]

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"], longest=LONGEST_NOTE)

    def wish(self) -> Wish:
        raise NotImplementedError


class ItemMixin(forms.Form):
    """An item that is scanned, or typed as UPC or name. Words that mean several are asked about (`hits`)."""

    item = forms.CharField(
        label=_("Item"),
        help_text=_("Scan it, or type its UPC or name."),
        max_length=100,
        error_messages={"required": _("Scan the item, or type its UPC or name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    product = forms.CharField(required=False, widget=forms.HiddenInput)

    hits: Sequence[Product] = ()

    def chosen_product(self) -> int | None:
        """What was chosen among the hits, or the only one that is meant; else the form asks."""
        typed = one_line(self.cleaned_data.get("item", ""))
        pk = read_id(self.data.get("pick") or self.cleaned_data.get("product", ""))
        chosen = Product.objects.filter(pk=pk, retired_at=None).first() if pk is not None else None
        hits = [chosen] if chosen else products_typed(typed, most=HITS + 1) if typed else []
        if len(hits) == 1:
            return hits[0].pk
        self.hits = hits[:HITS]
        if hits:
            self.add_error("item", _t("More than one item is like that. Choose it below, or type more."))
        elif typed:
            self.add_error("item", _t("No item is like “%(typed)s”. Check the digits.") % {"typed": typed[:40]})
        return None


class CustomerMixin(forms.Form):
    """Another customer, found by name, phone, e-mail or card."""

    who = forms.CharField(
        label=_("To whom?"),
        help_text=_("Scan their card, or type a name, phone number or e-mail."),
        max_length=100,
        error_messages={"required": _("Say who it is.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    to = forms.CharField(required=False, widget=forms.HiddenInput)

    found: Sequence[Customer] = ()

    def chosen_customer(self, besides: Customer) -> Customer | None:
        """Who was chosen, or the only one who is meant; else the form asks."""
        typed = one_line(self.cleaned_data.get("who", ""))
        pk = read_id(self.data.get("pick") or self.cleaned_data.get("to", ""))
        chosen = living().filter(pk=pk).first() if pk is not None else None
        if chosen is None and typed:
            chosen = customer_by_code(typed)
        found = [chosen] if chosen else customers_matching(typed, limit=HITS + 1) if len(typed) >= 2 else []
        found = [one for one in found if one.pk != besides.pk]
        if len(found) == 1:
            return found[0]
        self.found = found[:HITS]
        if found:
            self.add_error("who", _t("More than one customer is like that. Choose them below, or type more."))
        elif typed:
            self.add_error("who", _t("No other customer is like “%(typed)s”.") % {"typed": typed[:40]})
        return None


class PutRightForm(ItemMixin, CorrectionForm):
    """Of something that was bought: it was not, or it came back, or it was something else, or so many."""

    WHATS = (CorrectionKind.REMOVED, CorrectionKind.RETURNED, CorrectionKind.CHANGED)

    what = forms.ChoiceField(
        label=_("What is wrong?"),
        widget=forms.RadioSelect,
        choices=[
            ("removed", _("It was not bought")),
            ("returned", _("It was brought back")),
            ("changed", _("It was another item, or another quantity")),
        ],
        error_messages={"required": _("Choose what is wrong."), "invalid_choice": _("Choose one of these.")},
    )
    count = forms.IntegerField(
        label=_("How many of them?"), min_value=1, required=False, error_messages={"invalid": QUANTITY}
    )
    quantity = forms.IntegerField(
        label=_("How many were it really?"),
        min_value=1,
        max_value=MOST_UNITS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), QUANTITY),
    )
    spent = forms.ChoiceField(
        label=_("Its card earned a reward that was handed out. What now?"),
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in (Spent.REPLACE, Spent.OWED)],
        required=False,
    )

    field_order = ("key", "what", "count", "item", "product", "quantity", "spent", "note")

    def __init__(
        self,
        data: Any = None,
        *,
        purchase: Purchase,
        units: Sequence[int],
        asks_spent: bool,
        now: datetime,
        **more: Any,
    ) -> None:
        """`units` are those that still count, the one that is meant first; `asks_spent`: the store wants it asked."""
        initial = {
            "count": 1,
            "quantity": len(units),
            "item": str(purchase_name(purchase)),
            **(more.get("initial") or {}),
        }
        super().__init__(data, now=now, initial=initial)
        self.purchase, self.units, self.asks_spent = purchase, list(units), asks_spent
        self.fields["count"].widget.attrs |= {"max": len(units), "inputmode": "numeric"}
        if len(units) == 1:
            self.fields["count"].widget = forms.HiddenInput()
        if not asks_spent:
            del self.fields["spent"]
        if self.is_bound and self.data.get("what") != CorrectionKind.CHANGED:
            self.fields["item"].required = self.fields["quantity"].required = False

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("what") == CorrectionKind.CHANGED:
            is_same = one_line(told.get("item", "")) == purchase_name(self.purchase)
            self.product_id = self.purchase.product_id if is_same else self.chosen_product()
        elif "count" not in self.errors:
            told["count"] = told.get("count") or 1
            if told["count"] > len(self.units):
                self.add_error("count", _t("Only %(count)s of it still count.") % {"count": len(self.units)})
        if told.get("what") == CorrectionKind.RETURNED and self.asks_spent and not told.get("spent"):
            self.add_error("spent", _t("Choose what becomes of the card."))
        return told

    def wish(self) -> Wish:
        told = self.cleaned_data
        if told["what"] == CorrectionKind.CHANGED:
            return Change(self.purchase, self.product_id or 0, told["quantity"], self.purchase.paid_cents)
        units = self.units[: told["count"]]
        if told["what"] == CorrectionKind.RETURNED:
            return Return(self.purchase, units, Spent(told["spent"]) if told.get("spent") else self.rule)
        return Remove(self.purchase, units)

    rule: Spent = Spent.REPLACE


class PutBackForm(CorrectionForm):
    """Units that were taken back, and should not have been."""

    def __init__(
        self, data: Any = None, *, purchase: Purchase, units: Sequence[int], now: datetime, **more: Any
    ) -> None:
        super().__init__(data, now=now, **more)
        self.purchase, self.units = purchase, list(units)

    def wish(self) -> Wish:
        return PutBack(self.purchase, self.units)


class MoveForm(CustomerMixin, CorrectionForm):
    """A visit that was another customer's."""

    field_order = ("key", "who", "to", "note")

    def __init__(self, data: Any = None, *, visit: Visit, now: datetime, **more: Any) -> None:
        super().__init__(data, now=now, **more)
        self.visit = visit

    def clean(self) -> dict[str, Any]:
        self.customer = self.chosen_customer(self.visit.customer)
        return self.cleaned_data

    def wish(self) -> Wish:
        if self.customer is None:
            raise ValueError("A form with errors has no wish.")
        return Move(self.visit, self.customer)


class TransferForm(CustomerMixin, CorrectionForm):
    """A card that belongs to somebody else."""

    note_is_required = True
    field_order = ("key", "who", "to", "note")

    def __init__(self, data: Any = None, *, card: Card, now: datetime, **more: Any) -> None:
        super().__init__(data, now=now, **more)
        self.card = card

    def clean(self) -> dict[str, Any]:
        self.customer = self.chosen_customer(self.card.customer)
        return self.cleaned_data

    def wish(self) -> Wish:
        if self.customer is None:
            raise ValueError("A form with errors has no wish.")
        return Transfer(self.card, self.customer)


class SplitForm(CorrectionForm):
    """Which punches go to a card of their own."""

    punch = forms.MultipleChoiceField(
        label=_("Punches for the new card"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose the punches for the new card: at least one goes, and at least one stays."),
            "invalid_choice": _("One of these punches is not on the card any more. Look again."),
        },
    )

    def __init__(self, data: Any = None, *, card: Card, punches: Sequence[Punch], now: datetime, **more: Any) -> None:
        super().__init__(data, now=now, **more)
        self.card = card
        self.fields["punch"].choices = [(str(one.pk), str(one.pk)) for one in punches]  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        return Split(self.card, frozenset(int(pk) for pk in self.cleaned_data["punch"]))


class AddForm(ItemMixin, CorrectionForm):
    """Punches that no till wrote down, by an administrator, with a reason."""

    note_is_required = True

    quantity = forms.IntegerField(
        label=_("How many?"),
        min_value=1,
        max_value=MOST_UNITS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), QUANTITY),
    )
    day = forms.DateField(
        label=_("Bought on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the day on which it was bought."),
            "invalid": _("Write the day as year-month-day, like 2026-11-20."),
        },
    )

    field_order = ("key", "item", "product", "quantity", "day", "note")

    def __init__(self, data: Any = None, *, customer: Customer, at: Location, now: datetime, **more: Any) -> None:
        initial = {"quantity": 1, "day": at.day(now), **(more.get("initial") or {})}
        super().__init__(data, now=now, initial=initial)
        self.customer, self.at, self.now = customer, at, now
        self.fields["day"].widget.attrs["max"] = at.day(now).isoformat()

    def clean(self) -> dict[str, Any]:
        self.product_id = self.chosen_product()
        day = self.cleaned_data.get("day")
        if day and day == self.at.day(self.now):
            self.moment = Moment(self.now, day)
        elif day:
            try:
                self.moment = moment_of(day, None, at=self.at)
            except (NoSuchTime, OverflowError, ValueError):
                self.add_error("day", _t("No calendar reaches that day. Look again."))
        return self.cleaned_data

    def wish(self) -> Wish:
        return Add(self.customer, self.product_id or 0, self.cleaned_data["quantity"], self.moment)


class ReturnRuleForm(forms.Form):
    """What the store does about spent punches when goods come back."""

    spent = forms.ChoiceField(
        label=_("When its reward was handed out already"),
        choices=Spent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )

    use_required_attribute = False


def purchase_name(purchase: Purchase) -> str:
    """As it was called on its day."""
    return f"{purchase.name} {purchase.size}".strip()
