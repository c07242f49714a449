"""The numbers that make a breeder or an employee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.customers.details import read_number
from astro.customers.errors import DetailError
from astro.customers.forms import Typed

WIDGET = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class BreederForm(forms.Form):
    """A number for each brand; empty where the brand gave none."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, brands: Sequence[tuple[int, str]], known: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        """`brands` are ids and names, `known` the numbers on file by brand's id."""
        super().__init__(*args, **kwargs)
        for brand_id, name in brands:
            self.fields[field_of(brand_id)] = Typed(
                label=_("Breeder number of %(brand)s") % {"brand": name},
                required=False,
                initial=(known or {}).get(brand_id, ""),
                widget=forms.TextInput(attrs=WIDGET),
            )
        self.brand_ids = [brand_id for brand_id, _name in brands]

    def clean(self) -> dict[str, Any]:
        for brand_id in self.brand_ids:
            name = field_of(brand_id)
            typed = self.cleaned_data.get(name, "")
            try:
                self.cleaned_data[name] = read_number(typed, "breeder_number") if typed.strip() else ""
            except DetailError as refused:
                self.add_error(name, str(refused))
        return self.cleaned_data

    def numbers(self) -> dict[int, str]:
        """By brand's id. Once it is valid."""
        return {brand_id: self.cleaned_data[field_of(brand_id)] for brand_id in self.brand_ids}


class EmployeeForm(forms.Form):
    """The store's own number of somebody who works there."""

    use_required_attribute = False

    employee_id = Typed(
        label=gettext_lazy("Employee ID"), required=False, widget=forms.TextInput(attrs={**WIDGET, "autofocus": True})
    )

    def clean_employee_id(self) -> str:
        try:
            return read_number(self.cleaned_data["employee_id"], "employee_id")
        except DetailError as refused:
            raise forms.ValidationError(str(refused)) from None


def field_of(brand_id: int) -> str:
    return f"number_{brand_id}"
