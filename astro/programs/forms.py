"""What an administrator asks and types: the filters of the lists, joining, and changing the distributor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Barcode, Brand, Category, Distributor, Species
from astro.kit.errors import DomainError
from astro.kit.gtin import to_gtin14
from astro.programs.actions import KEEP, MOVE
from astro.programs.models import Enrollment, Fulfilment, Program, ProgramCard, ProgramItem
from astro.programs.shelf import SORTS
from astro.tenancy.models import Location

HOLDING = "holding"
"""The choice of no distributor for the time being."""

_SORT_WORDS = {"title": _("By name"), "brand": _("By brand"), "newest": _("Newest first")}


class ProgramFilter(forms.Form):
    """The filters of a list, from its address. What an address asks wrongly is left out, not complained about."""

    q = forms.CharField(label=_("Search programs"), required=False, max_length=100)
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("All categories")), *Category.choices]
    )
    pet = forms.ChoiceField(label=_("Pet"), required=False, choices=[("", _("All pets")), *Species.choices])
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[
            ("", _("All kinds")),
            ("brand", _("Brand programs")),
            ("own", _("Your own")),
            ("private", _("With application")),
            ("holding", _("In Temporary Holding")),
        ],
    )
    joined = forms.ChoiceField(
        label=_("How it is enrolled"),
        required=False,
        choices=[("", _("Enrolled in any way")), ("auto", _("Auto-enrolled")), ("holding", _("In Temporary Holding"))],
    )
    paid = forms.ChoiceField(
        label=_("Who pays"), required=False, choices=[("", _("Who pays: anyone")), *Fulfilment.choices]
    )
    sort = forms.ChoiceField(label=_("Sort"), required=False, choices=list(_SORT_WORDS.items()))

    def __init__(self, data: Mapping[str, Any], *, of_offers: bool = False) -> None:
        """Offers are of one kind, every brand's; what differs is how they were joined."""
        super().__init__(data)
        del self.fields["kind" if of_offers else "joined"]
        brands = Brand.objects.filter(pk__in=Program.objects.values("brand_id")).values_list("id", "name")
        self.fields["brand"].choices = [("", _("All brands")), *((str(pk), name) for pk, name in brands)]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def order(self) -> Sequence[str]:
        return SORTS[self.cleaned_data.get("sort") or "title"]

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "q"]

    @property
    def is_on(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "sort")

    def narrow(self, programs: QuerySet[Program]) -> QuerySet[Program]:
        """These programs as far as the filters let them through."""
        asked = self.cleaned_data
        if asked.get("brand"):
            programs = programs.filter(brand=asked["brand"])
        if asked.get("category"):
            programs = programs.filter(category=asked["category"])
        if asked.get("joined") == "auto":
            joined = Enrollment.objects.filter(program=OuterRef("pk"), until_on__isnull=True, came_by__isnull=False)
            programs = programs.filter(Exists(joined))
        if "holding" in (asked.get("kind"), asked.get("joined")):
            held = Enrollment.objects.filter(program=OuterRef("pk"), until_on__isnull=True, distributor__isnull=True)
            programs = programs.filter(Exists(held), fulfilment=Fulfilment.DISTRIBUTOR)
        elif asked.get("kind"):
            programs = programs.filter(retailer__isnull=asked["kind"] != "own", is_private=asked["kind"] == "private")
        if asked.get("paid"):
            programs = programs.filter(fulfilment=asked["paid"])
        if asked.get("pet"):
            cards = ProgramCard.objects.filter(program=OuterRef("pk"), species=asked["pet"])
            programs = programs.filter(Exists(cards))
        for word in self._words():
            programs = programs.filter(Q(title__icontains=word) | Q(brand__name__icontains=word))
        code = self._code()
        if code:
            carrying = Barcode.objects.filter(gtin=code, until_on__isnull=True).values("product_id")
            items = ProgramItem.objects.filter(program_card__program=OuterRef("pk"), product__in=carrying)
            programs = programs.filter(Exists(items))
        return programs

    def _code(self) -> str:
        """The code that was scanned or typed into the search, if it is one."""
        try:
            return to_gtin14(self.cleaned_data.get("q") or "")
        except DomainError:
            return ""

    def _words(self) -> list[str]:
        return [] if self._code() else (self.cleaned_data.get("q") or "").split()


class DistributorForm(forms.Form):
    """Who pays back, and the account number that this location has with them. `owed`: how many free goods another
    distributor has not pulled into a batch yet; where there are some, it is asked what becomes of them."""

    distributor = forms.ChoiceField(
        label=_("Distributor"),
        help_text=_("The one you buy this brand from. Only those who serve your state or province are listed."),
        error_messages={"required": _("Choose who pays you back."), "invalid_choice": _("Choose one from the list.")},
    )
    account_number = forms.CharField(
        label=_("Account number"),
        required=False,
        help_text=_("As on their invoices. Leave it empty if they gave you none."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    open_lines = forms.ChoiceField(
        label=_("Free goods that the distributor of before has not pulled into a batch yet"),
        choices=[
            (KEEP, _("Stay with the distributor of before, who gave you the goods")),
            (MOVE, _("Move to the distributor chosen here")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of them."), "invalid_choice": _("Choose one of the two.")},
    )

    def __init__(self, *args: Any, distributors: Sequence[Distributor], owed: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.distributors = {str(row.pk): row for row in distributors}
        if owed:
            self.fields["open_lines"].initial = KEEP
        else:
            del self.fields["open_lines"]
        self.fields["distributor"].choices = distributor_choices(distributors)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Distributor | None:
        """The distributor, or None for Temporary Holding."""
        return self.distributors.get(self.cleaned_data["distributor"])


class EnrollForm(forms.Form):
    """Who pays back, which locations join, and each one's account number with that distributor.

    `numbers_for` is the distributor whose numbers the fields were filled with. Without JavaScript the two can differ;
    then nobody is enrolled under a number that belongs elsewhere: the fields are filled anew and shown again.
    """

    distributor = forms.ChoiceField(
        label=_("Distributor"),
        help_text=_("The one you buy this brand from. Only those who serve your state or province are listed."),
        error_messages={"required": _("Choose who pays you back."), "invalid_choice": _("Choose one from the list.")},
    )
    numbers_for = forms.CharField(required=False, widget=forms.HiddenInput)
    locations = forms.MultipleChoiceField(
        label=_("Locations"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one."),
            "invalid_choice": _("Choose from the list."),
        },
    )

    def __init__(
        self,
        data: Any = None,
        *,
        program: Program,
        locations: Sequence[Location],
        distributors: Mapping[Distributor, set[int]],
        distributor: str = "",
        ticked: Sequence[str] = (),
        remembered: Mapping[int, str],
    ) -> None:
        super().__init__(data)
        self.program, self.places = program, {str(row.pk): row for row in locations}
        self.distributors = {str(row.pk): row for row in distributors}
        payer = self.distributors.get(distributor)
        self.served = distributors[payer] if payer else {row.pk for row in locations}
        self.remembered = remembered
        self.initial = {"distributor": distributor, "numbers_for": distributor, "locations": list(ticked)}
        self.fields["locations"].choices = [(key, place.name) for key, place in self.places.items()]  # type: ignore[attr-defined]
        if program.fulfilment == Fulfilment.DISTRIBUTOR:
            self.fields["distributor"].choices = distributor_choices(list(distributors))  # type: ignore[attr-defined]
        else:
            del self.fields["distributor"]
        self.needs_numbers = payer is not None and payer.needs_account_number
        if payer:
            self._add_numbers()

    @property
    def chosen(self) -> Distributor | None:
        """The distributor, or None for Temporary Holding and for programs that none pays for."""
        return self.distributors.get(self.cleaned_data.get("distributor", ""))

    @property
    def joining(self) -> list[tuple[Location, str]]:
        """The ticked locations and their account numbers."""
        return [
            (self.places[key], self.cleaned_data.get(f"number_{key}", "")) for key in self.cleaned_data["locations"]
        ]

    def place_rows(self) -> list[dict[str, Any]]:
        """A box for each location, whether the chosen distributor serves it, and its number field if there is one."""
        rows = []
        for box in self["locations"]:
            key = str(box.data["value"])
            name = f"number_{key}"
            is_served = self.places[key].pk in self.served
            number = self[name] if is_served and name in self.fields else None
            rows.append({"box": box, "place": self.places[key], "is_served": is_served, "number": number})
        return rows

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = self.distributors.get(cleaned.get("distributor", ""))
        shown_for = cleaned.get("numbers_for", "")
        if chosen and shown_for != str(chosen.pk) and (chosen.needs_account_number or self._typed_numbers()):
            shown: Any = self.data.copy()  # type: ignore[attr-defined]
            shown["numbers_for"] = str(chosen.pk)
            for key, place in self.places.items():
                shown[f"number_{key}"] = self.remembered.get(place.pk, "")
            self.data = shown
            self.add_error(
                "distributor",
                format_lazy(_("Check the account numbers with {distributor}, then agree again."), distributor=chosen),
            )
        return cleaned

    def refuse(self, error: DomainError, *, place: Location) -> None:
        """Put a refusal beside the field that it is about."""
        field = f"number_{place.pk}" if error.field == "account_number" else error.field
        self.add_error(field if field in self.fields else None, str(error))

    def _add_numbers(self) -> None:
        for key, place in self.places.items():
            self.fields[f"number_{key}"] = forms.CharField(
                label=format_lazy(_("Account number of {location}"), location=place.name),
                required=False,
                initial=self.remembered.get(place.pk, ""),
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def _typed_numbers(self) -> bool:
        return any(self.data.get(f"number_{key}") for key in self.places)


def distributor_choices(distributors: Sequence[Distributor]) -> list[tuple[str, Any]]:
    return [
        ("", _("Choose one")),
        *((str(row.pk), row.name) for row in distributors),
        (HOLDING, _("Temporary Holding: mine is not listed yet")),
    ]
