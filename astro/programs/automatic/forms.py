"""Where new offers of a brand are joined by themselves, and who pays there; and the filters of the list of brands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Distributor
from astro.kit.typed import one_line
from astro.programs.actions import ACCOUNT_NUMBER
from astro.programs.forms import HOLDING, distributor_choices
from astro.tenancy.models import Location

ALL, SOME = "all", "some"


class BrandFilter(forms.Form):
    """Search, state and sort of the brands, from the address. What it asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("Which brands"),
        required=False,
        choices=[("", _("All brands")), ("on", _("Auto-enrollment on")), ("off", _("Auto-enrollment off"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort"), required=False, choices=[("", _("By name")), ("z", _("By name, Z first"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        self.only = str(data.get("state")) if data.get("state") in ("on", "off") else ""
        self.order = ("-name",) if data.get("sort") == "z" else ("name",)


class ChoiceForm(forms.Form):
    """All locations with one distributor, or some, each with its own. `payers`: who pays for the brand's programs,
    with the ids of the locations that each serves; `known`: account numbers by ids of distributor and location."""

    scope = forms.ChoiceField(
        label=_("Where"),
        choices=[(ALL, _("All locations, also those added later")), (SOME, _("Some locations"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose where."), "invalid_choice": _("Choose one of the two.")},
    )
    distributor = forms.ChoiceField(
        label=_("Distributor of all locations"),
        required=False,
        help_text=_("Only those are listed who serve every location of yours."),
        error_messages={"invalid_choice": _("Choose one from the list.")},
    )
    number = forms.CharField(
        label=_("Account number"),
        required=False,
        max_length=40,
        help_text=_("The same for all. Left empty, each location keeps the number it has with this distributor."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        locations: Sequence[Location],
        payers: Mapping[Distributor, set[int]],
        known: Mapping[tuple[int, int], str],
        standing: Mapping[Location, Distributor | None] | None,
        covers_all: bool,
    ) -> None:
        super().__init__(data)
        self.locations, self.known = list(locations), known
        self.by_id = {str(row.pk): row for row in payers}
        everywhere = [row for row, served in payers.items() if len(served) == len(self.locations)]
        self.fields["distributor"].choices = distributor_choices(everywhere)  # type: ignore[attr-defined]
        self.initial = {"scope": ALL if covers_all or standing is None else SOME}
        if standing is not None and covers_all:
            self.initial["distributor"] = _key(next(iter(standing.values()), None))
        for place in self.locations:
            serving = [row for row, served in payers.items() if place.pk in served]
            choices = [("", _("Not here")), *distributor_choices(serving)[1:]]
            self.fields[f"place_{place.pk}"] = forms.ChoiceField(
                label=place.name,
                required=False,
                choices=choices,
                error_messages={"invalid_choice": _("Choose one from the list.")},
            )
            self.fields[f"number_{place.pk}"] = forms.CharField(
                label=format_lazy(_("Account number of {location}"), location=place.name),
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            if standing is not None and place in standing:
                payer = standing[place]
                self.initial[f"place_{place.pk}"] = _key(payer)
                self.initial[f"number_{place.pk}"] = known.get((payer.pk, place.pk), "") if payer else ""

    @property
    def covers_all(self) -> bool:
        return bool(self.cleaned_data.get("scope") == ALL)

    @property
    def payer(self) -> Distributor | None:
        """Who pays at all locations; None for Temporary Holding."""
        return self.by_id.get(self.cleaned_data.get("distributor", ""))

    @property
    def payers(self) -> dict[Location, Distributor | None]:
        """Where, and who pays there."""
        told = self.cleaned_data
        if self.covers_all:
            return dict.fromkeys(self.locations, self.payer)
        named = {place: told.get(f"place_{place.pk}", "") for place in self.locations}
        return {place: self.by_id.get(key) for place, key in named.items() if key}

    @property
    def numbers(self) -> dict[int, str]:
        """The account numbers that were typed, by the id of the location."""
        told = self.cleaned_data
        if self.covers_all:
            return dict.fromkeys([place.pk for place in self.locations], told.get("number", "")) if self.payer else {}
        return {place.pk: told.get(f"number_{place.pk}", "") for place, payer in self.payers.items() if payer}

    def place_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each location."""
        return [(self[f"place_{place.pk}"], self[f"number_{place.pk}"]) for place in self.locations]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("scope") == ALL and not cleaned.get("distributor") and "distributor" not in self.errors:
            self.add_error("distributor", _("Choose who pays you back."))
        elif cleaned.get("scope") == SOME and not self.payers and not self.errors:
            self.add_error("scope", _("Choose a distributor for at least one location."))
        if cleaned.get("scope"):
            self._check_numbers()
        return cleaned

    def _check_numbers(self) -> None:
        without = []
        for place, payer in self.payers.items():
            typed = self.numbers.get(place.pk, "")
            name = "number" if self.covers_all else f"number_{place.pk}"
            if typed and not ACCOUNT_NUMBER.fullmatch(typed):
                if name not in self.errors:
                    self.add_error(
                        name, _("Type it as on the invoice: up to 40 letters, digits, dashes, slashes and dots.")
                    )
            elif payer and payer.needs_account_number and not typed and (payer.pk, place.pk) not in self.known:
                without.append((name, payer, place))
        for name in dict.fromkeys(name for name, _payer, _place in without):
            missing = [(payer, place) for one, payer, place in without if one == name]
            self.add_error(
                name,
                format_lazy(
                    _("{distributor} asks for it. No number is known for {places}."),
                    distributor=missing[0][0].name,
                    places=", ".join(place.name for _payer, place in missing),
                ),
            )


def _key(payer: Distributor | None) -> str:
    return str(payer.pk) if payer else HOLDING
