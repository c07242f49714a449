"""What is typed when a receipt is entered after its day, and what is settled about how far back that may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin, products_matching
from astro.checkout.basket import LONGEST_REASON, MOST_LINES, MOST_UNITS, Answer, answer_name, read_id
from astro.checkout.errors import NoSuchTime, NotYet, TooLongAgo
from astro.checkout.fields.judging import AskedField, trouble_of
from astro.checkout.late import WHYS, Moment, check_day, check_moment, moment_of
from astro.checkout.models import MOST_DAYS, LateWhy, Reason
from astro.kit.gtin import GtinError, to_gtin14
from astro.kit.ids import new_uuid7
from astro.tenancy.models import Location

HITS = 8
LONGEST_TEXT = 100


def one_line(text: str) -> str:
    """Without what no column holds or no eye sees."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class LateForm(forms.Form):
    """When, why, and, where several units go onto one card, the reason for that. `key` makes that it counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    day = forms.DateField(
        label=_("Day on the receipt"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the day that stands on the receipt."),
            "invalid": _("Write the day as year-month-day, like 2026-11-20."),
        },
    )
    time = forms.TimeField(
        label=_("Time on the receipt"),
        help_text=_("Without it, 12 noon is counted. For today, type it."),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write the time as hours and minutes, like 14:30.")},
    )
    why = forms.ChoiceField(
        label=_("Why is it entered late?"),
        choices=[(why.value, why.label) for why in WHYS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it is entered late."), "invalid_choice": _("Choose one of these.")},
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("The number of the receipt, for instance."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("A note holds up to 200 characters.")},
    )
    reason = forms.ChoiceField(
        label=_("Why more than one?"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of these.")},
    )
    reason_text = forms.CharField(
        label=_("What is the reason?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("A reason holds up to 200 characters.")},
    )

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        at: Location,
        first_day: date,
        is_administrator: bool,
        now: datetime,
        asked: Sequence[AskedField] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"key": new_uuid7(now), **(initial or {})})
        self.asked = {answer_name(one.id): one for one in asked}
        for name, one in self.asked.items():
            self.fields[name] = _question(one)
        self.place, self.now, self.is_administrator = at, now, is_administrator
        days = {"min": first_day.isoformat(), "max": at.day(now).isoformat()}
        self.fields["day"].widget.attrs.update(days)
        self.moment: Moment | None = None

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the check carries along unseen."""
        return [self[name] for name in ("key", "day", "time", "why", "note", *self.asked)]

    @property
    def questions(self) -> list[forms.BoundField]:
        """The store's own fields. Nobody must answer them for a receipt of long ago."""
        return [self[name] for name in self.asked]

    @property
    def answers(self) -> list[Answer]:
        """What was answered to them, once the form is valid."""
        told = [(one.id, self.cleaned_data[name]) for name, one in self.asked.items()]
        return [Answer(field_id, value) for field_id, value in told if value]

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])

    def clean_reason_text(self) -> str:
        return one_line(self.cleaned_data["reason_text"])

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        for name, one in self.asked.items():
            told[name] = one_line(told.get(name) or "")
            trouble = trouble_of(one, told[name]) if told[name] else ""
            if trouble:
                self.add_error(name, trouble)
        if told.get("why") == LateWhy.OTHER and not told.get("note") and "note" not in self.errors:
            self.add_error("note", _t("Say why in a few words."))
        if told.get("day") and "time" not in self.errors:
            self._judge(told["day"])
        return told

    def ask_reason(self) -> None:
        """The till asks too why several units go onto one card, and *Other* needs words."""
        if not self.cleaned_data["reason"]:
            self.add_error("reason", _t("Choose why there is more than one."))
        elif self.cleaned_data["reason"] == Reason.OTHER and not self.cleaned_data["reason_text"]:
            self.add_error("reason_text", _t("Say the reason in a few words."))

    def _judge(self, day: date) -> None:
        told = self.cleaned_data.get("time")
        who: dict[str, Any] = {"at": self.place, "is_administrator": self.is_administrator, "now": self.now}
        if told is None and day == self.place.day(self.now):
            self.add_error("time", _t("It is from today: type the time that stands on the receipt."))
            return
        try:
            check_day(day, **who)  # first: a day that no calendar reaches has no moment
            self.moment = moment_of(day, told, at=self.place)
            check_moment(self.moment, **who)
        except (NoSuchTime, NotYet, TooLongAgo) as refused:
            self.add_error(refused.field, str(refused))


@dataclass
class LateRow:
    """One line of the form as it was typed. `quantity` is None where it is no number that a line can have."""

    product: Product
    typed: str
    quantity: int | None

    @property
    def error(self) -> str:
        if self.quantity is None:
            return _t("A quantity is a whole number from 1 to %(most)s.") % {"most": MOST_UNITS}
        return ""


@dataclass
class LateBasket:
    """The items of the form, carried along in it. `told` says what adding the last one came to; `hits` are to choose
    from where words were typed."""

    rows: list[LateRow] = field(default_factory=list)
    told: str = ""
    is_trouble: bool = False
    hits: list[Product] = field(default_factory=list)
    typed: str = ""
    error: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> LateBasket:
        """What stands in the form. Products that are in no catalogue of this store are left out."""
        pairs = list(zip(data.getlist("product"), data.getlist("quantity"), strict=False))[:MOST_LINES]
        ids = [read_id(text) for text, _quantity in pairs]
        known = Product.objects.select_related("brand").in_bulk([pk for pk in ids if pk is not None])
        rows = [
            LateRow(known[pk], typed, _quantity_of(typed))
            for pk, (_text, typed) in zip(ids, pairs, strict=True)
            if pk in known
        ]
        return cls(rows)

    @property
    def wanted(self) -> list[tuple[int, int]]:
        return [(row.product.pk, row.quantity) for row in self.rows if row.quantity]

    @property
    def units(self) -> int:
        return sum(row.quantity or 0 for row in self.rows)

    def add(self, typed: str) -> None:
        """Add what was scanned or typed: a code adds its product, words show what they may mean."""
        typed = one_line(typed)[:LONGEST_TEXT]
        if not typed:
            self._say(_t("Scan an item, or type its UPC or name."), is_trouble=True)
            return
        hits = products_typed(typed, most=HITS + 1)
        if len(hits) == 1:
            self.put(hits[0])
        elif hits:
            self.typed, self.hits = typed, hits[:HITS]
            more = len(hits) > HITS
            self._say(_t("More than one item is like that. Choose it, or type more.") if more else _t("Which one?"))
        else:
            self.typed = typed
            self._say(_t("No item is like “%(typed)s”. Check the digits, or type its name.") % {"typed": typed[:40]},
                      is_trouble=True)  # fmt: skip

    def pick(self, text: str) -> None:
        """Add the product that was chosen among the hits."""
        pk = read_id(text)
        product = Product.objects.filter(pk=pk, retired_at=None).first() if pk is not None else None
        if product:
            self.put(product)

    def put(self, product: Product) -> None:
        """One unit more of it: the same item again counts up."""
        row = next((row for row in self.rows if row.product == product), None)
        if row and row.quantity:
            row.quantity = min(row.quantity + 1, MOST_UNITS)
            row.typed = str(row.quantity)
        elif row is None and len(self.rows) < MOST_LINES:
            self.rows.append(LateRow(product, "1", 1))
        self._say(_t("Added: %(item)s.") % {"item": str(product)})

    def remove(self, text: str) -> None:
        pk = read_id(text)
        gone = next((row for row in self.rows if row.product.pk == pk), None)
        if gone:
            self.rows.remove(gone)
            self._say(_t("Removed: %(item)s.") % {"item": str(gone.product)})

    def is_whole(self) -> bool:
        """Whether it can be checked out; else `error` says why not."""
        if not self.rows:
            self.error = _t("Add at least one item.")
        elif any(row.quantity is None for row in self.rows):
            self.error = _t("Look at the quantities: one of them is no number from 1 to %(most)s.") % {
                "most": MOST_UNITS
            }
        elif self.units > MOST_UNITS:
            self.error = _t("One entry holds up to %(most)s items. Enter the rest as another one.") % {
                "most": MOST_UNITS
            }
        return not self.error

    def _say(self, told: str, *, is_trouble: bool = False) -> None:
        self.told, self.is_trouble = told, is_trouble


class LimitsForm(forms.Form):
    """How many days back a purchase may be entered, by role."""

    administrator_days = forms.IntegerField(
        label=_("Days back for administrators"),
        min_value=0,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    cashier_days = forms.IntegerField(
        label=_("Days back for cashiers"),
        help_text=_("0 means today only."),
        min_value=0,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sentence = _t("Type a whole number of days from 0 to %(most)s.") % {"most": MOST_DAYS}
        for one in self.fields.values():
            one.error_messages |= dict.fromkeys(["required", "invalid"], sentence)
            for limit in one.validators:
                limit.message = sentence  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.keys() >= {"cashier_days", "administrator_days"} and told["cashier_days"] > told["administrator_days"]:
            self.add_error("cashier_days", _t("Cashiers cannot go back further than administrators."))
        return told


def _question(asked: AskedField) -> forms.Field:
    """A field of the store's own, for a form; what fits is judged as at the till."""
    if asked.kind == "choice":
        choices = [("", _("No answer")), *((option, option) for option in asked.options)]
        return forms.ChoiceField(
            label=asked.label,
            choices=choices,
            required=False,
            error_messages={"invalid_choice": _t("Choose one of these.")},
        )
    attrs = {"autocomplete": "off", **({"inputmode": "decimal"} if asked.kind == "number" else {})}
    if asked.kind == "text":
        attrs["maxlength"] = str(asked.longest)
    return forms.CharField(label=asked.label, required=False, widget=forms.TextInput(attrs=attrs))


def _quantity_of(typed: str) -> int | None:
    text = typed.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return number if 1 <= number <= MOST_UNITS else None


def products_typed(typed: str, *, most: int) -> list[Product]:
    """The product of a code, or those that words may mean, up to so many."""
    product = _by_code(typed)
    return [product] if product else list(products_matching(typed).order_by("name", "size", "id")[:most])


def _by_code(typed: str) -> Product | None:
    try:
        return product_by_gtin(to_gtin14(typed))
    except GtinError:
        return None
