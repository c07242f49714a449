"""Who pays for everything that was chosen in the grid, and the account number with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Distributor
from astro.programs.forms import distributor_choices
from astro.tenancy.models import Location


class CellsForm(forms.Form):
    """`payers` are those who could pay for all of it; None where no distributor is needed. `known`: the numbers that
    each of them gave these locations, by its id and the location's."""

    distributor = forms.ChoiceField(
        label=_("Distributor"),
        help_text=_("Only those are listed who agreed to all of these programs and serve all of these locations."),
        error_messages={"required": _("Choose who pays you back."), "invalid_choice": _("Choose one from the list.")},
    )
    account_number = forms.CharField(
        label=_("Account number"),
        required=False,
        help_text=_("The same for all. Left empty, each location keeps the number it has with this distributor."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        payers: Sequence[Distributor] | None,
        locations: Sequence[Location],
        known: Mapping[int, set[int]],
    ) -> None:
        super().__init__(data)
        self.payers = {str(row.pk): row for row in payers or ()}
        self.locations, self.known = locations, known
        if payers is None:
            del self.fields["distributor"], self.fields["account_number"]
        else:
            self.fields["distributor"].choices = distributor_choices(payers)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Distributor | None:
        """The distributor, or None for Temporary Holding and where none is needed."""
        return self.payers.get(self.cleaned_data.get("distributor", ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        payer = self.payers.get(cleaned.get("distributor", ""))
        if payer and payer.needs_account_number and not cleaned.get("account_number", "").strip():
            numbered = self.known.get(payer.pk, set())
            without = [row.name for row in self.locations if row.pk not in numbered]
            if without:
                words = _("{distributor} asks for it. No number is known for {places}.")
                self.add_error("account_number", format_lazy(words, distributor=payer.name, places=", ".join(without)))
        return cleaned
