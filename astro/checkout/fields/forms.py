"""What is typed about a field of the store's own."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.checkout.fields.actions import FieldTerms
from astro.checkout.fields.judging import number_of, plain
from astro.checkout.models import LONGEST_ANSWER, LONGEST_LABEL, AskedFor, CheckoutField, FieldKind
from astro.kit.typed import one_line
from astro.tenancy.models import Location

FEWEST_OPTIONS: Final = 2
MOST_OPTIONS: Final = 12
LONGEST_OPTION: Final = 60
EVERYWHERE, CHOSEN = "everywhere", "chosen"


class FieldForm(forms.Form):
    """A field, whole. Once it `is_fixed` by answers, its kind and when it is asked are shown and stay. `terms` when it
    is valid."""

    label = forms.CharField(
        label=_("What does the till ask?"),
        help_text=_("A few words, for example: Employee initials, or Receipt number."),
        max_length=LONGEST_LABEL,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Type what the till asks."),
            "max_length": _("Up to 60 letters fit, so that it can be read at the till."),
        },
    )
    asked = forms.MultipleChoiceField(
        label=_("When is it asked?"),
        choices=[
            (AskedFor.VISIT.value, _("At Check Out")),
            (AskedFor.REDEMPTION.value, _("When a reward is redeemed")),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose when it is asked: at Check Out, when a reward is redeemed, or both."),
            "invalid_choice": _("Choose one of these."),
        },
    )
    kind = forms.ChoiceField(
        label=_("What kind of answer?"),
        choices=FieldKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of answer."), "invalid_choice": _("Choose one of these.")},
    )
    longest = forms.IntegerField(
        label=_("Longest answer, in letters"),
        help_text=_("For a text: 1 to 200. Initials need 3."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    lowest = forms.CharField(
        label=_("Smallest number"),
        help_text=_("For a number. Empty: no limit."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    highest = forms.CharField(
        label=_("Largest number"),
        help_text=_("For a number. Empty: no limit."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    options = forms.CharField(
        label=_("The answers to choose from"),
        help_text=_("One a line, 2 to 12 of them, in the order in which the till shows them."),
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={"required": _("Type 2 to 12 answers, one a line.")},
    )
    is_required = forms.BooleanField(
        label=_("It must be answered"),
        help_text=_(
            "The till does not go on without it. Without network a purchase is taken all the same, and marked."
        ),
        required=False,
    )
    where = forms.ChoiceField(
        label=_("Where is it asked?"),
        choices=[(EVERYWHERE, _("At all locations")), (CHOSEN, _("At chosen locations"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose where it is asked."), "invalid_choice": _("Choose one of these.")},
    )
    places = forms.MultipleChoiceField(
        label=_("Locations"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one location, or ask it at all locations."),
            "invalid_choice": _("Choose one of these."),
        },
    )

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        locations: Iterable[Location],
        others: Iterable[CheckoutField],
        of: CheckoutField | None = None,
        is_fixed: bool = False,
    ) -> None:
        super().__init__(data, initial=_initial(of) if of else _NEW)
        self.taken = {row.label.casefold() for row in others if of is None or row.pk != of.pk}
        self.is_fixed = is_fixed
        for name in ("asked", "kind"):
            self.fields[name].disabled = is_fixed
        known = [(str(one.pk), one.name) for one in locations]
        self.fields["places"].choices = known  # type: ignore[attr-defined]
        self.has_places = len(known) > 1
        if data is not None:
            kind = of.kind if of and is_fixed else data.get("kind")
            self.fields["options"].required = kind == FieldKind.CHOICE
            self.fields["places"].required = data.get("where") == CHOSEN
        if not self.has_places:
            for name in ("where", "places"):
                del self.fields[name]

    def clean_label(self) -> str:
        label = one_line(self.cleaned_data["label"])
        if not label:
            raise forms.ValidationError(_t("Type what the till asks."))
        if label.casefold() in self.taken:
            raise forms.ValidationError(_t("Another field asks that already. Change that one, or use other words."))
        return label

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        self._clean_longest(told)
        limits = {name: self._number(name) for name in ("lowest", "highest")}
        told |= limits
        if limits["lowest"] is not None and limits["highest"] is not None and limits["lowest"] > limits["highest"]:
            self.add_error("highest", _t("The largest number is smaller than the smallest one. Change one of them."))
        if "options" in told:
            told["options"] = self._options(told["options"])
        return told

    @property
    def terms(self) -> FieldTerms:
        told = self.cleaned_data
        is_chosen = told.get("where") == CHOSEN
        return FieldTerms(
            label=told["label"],
            kind=FieldKind(told["kind"]),
            for_visits=AskedFor.VISIT in told["asked"],
            for_redemptions=AskedFor.REDEMPTION in told["asked"],
            is_required=told["is_required"],
            options=tuple(told["options"]),
            longest=told["longest"],
            lowest=told["lowest"],
            highest=told["highest"],
            places=frozenset(map(int, told["places"])) if is_chosen else None,
        )

    def _clean_longest(self, told: dict[str, Any]) -> None:
        is_text = told.get("kind") == FieldKind.TEXT
        longest = told.get("longest")
        if not is_text:  # a leftover of another kind does not matter
            self.errors.pop("longest", None)
        elif "longest" in self.errors or not 1 <= (LONGEST_ANSWER if longest is None else longest) <= LONGEST_ANSWER:
            self.errors.pop("longest", None)
            self.add_error("longest", _t("Type a whole number from 1 to %(most)s.") % {"most": LONGEST_ANSWER})
        told["longest"] = longest if is_text and longest is not None else LONGEST_ANSWER

    def _number(self, name: str) -> Decimal | None:
        typed = one_line(self.cleaned_data.get(name))
        if not typed or self.cleaned_data.get("kind") != FieldKind.NUMBER:
            return None
        number = number_of(typed)
        if number is None:
            self.add_error(name, _t("Type a number, like 12 or 12.5."))
        return number

    def _options(self, typed: str) -> list[str]:
        if self.cleaned_data.get("kind") != FieldKind.CHOICE:
            return []
        options = [one for one in (one_line(line, longest=1000) for line in typed.splitlines()) if one]
        if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
            told = {"fewest": FEWEST_OPTIONS, "most": MOST_OPTIONS}
            self.add_error("options", _t("Type %(fewest)s to %(most)s answers, one a line.") % told)
        elif len({one.casefold() for one in options}) != len(options):
            self.add_error("options", _t("Two of the answers are the same. Take one out."))
        elif any(len(one) > LONGEST_OPTION for one in options):
            self.add_error("options", _t("An answer holds up to %(most)s letters.") % {"most": LONGEST_OPTION})
        return options


_NEW: Final = {"asked": [AskedFor.VISIT.value], "kind": FieldKind.TEXT.value, "where": EVERYWHERE}


def _initial(row: CheckoutField) -> dict[str, Any]:
    occasions = {AskedFor.VISIT: row.for_visits, AskedFor.REDEMPTION: row.for_redemptions}
    return {
        "label": row.label,
        "asked": [occasion.value for occasion, is_asked in occasions.items() if is_asked],
        "kind": row.kind,
        "longest": row.longest if row.kind == FieldKind.TEXT else None,
        "lowest": "" if row.lowest is None else plain(row.lowest),
        "highest": "" if row.highest is None else plain(row.highest),
        "options": "\n".join(row.options),
        "is_required": row.is_required,
        "where": EVERYWHERE if row.is_everywhere else CHOSEN,
        "places": [str(place.location_id) for place in row.places.all()],
    }
