"""Pets as cards to fill in, several in one form. A card that was left empty is no pet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from astro.customers.actions.pets import MOST_PETS
from astro.customers.errors import DetailError
from astro.customers.forms import Typed
from astro.customers.models import PetKind
from astro.customers.pets import NAME_LENGTH, PetDetails, read_pet

KIND_ICONS: Final = {
    PetKind.DOG.value: "dog",
    PetKind.CAT.value: "cat",
    PetKind.BIRD.value: "feather",
    PetKind.FISH.value: "fish",
    PetKind.SMALL.value: "mouse",
    PetKind.REPTILE.value: "turtle",
    PetKind.HORSE.value: "horse",
    PetKind.OTHER.value: "paw",
}
COUNT: Final = "pets"
"""The hidden field that says how many cards were shown."""


def _whole(label: Any, sentence: Any, digits: int) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": str(digits)})
    return forms.IntegerField(label=label, required=False, error_messages={"invalid": sentence}, widget=widget)


def _line(label: Any, **attrs: str) -> Typed:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": str(NAME_LENGTH), **attrs})
    return Typed(label=label, required=False, widget=widget)


class PetForm(forms.Form):
    """One animal: of its birth an age, a birthday or a birth month, whatever the customer says."""

    name = _line(_("Pet Name"), autocapitalize="words")
    kind = forms.ChoiceField(
        label=_("Pet Type"),
        choices=PetKind,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose what kind of animal it is.")},
    )
    breed = _line(_("Breed"), autocapitalize="words")
    age = _whole(_("Pet Age in years"), _("Type the age in whole years, for example 4."), 3)
    birth_month = forms.TypedChoiceField(
        label=_("Birth Month"),
        choices=[("", _("Not known")), *MONTHS.items()],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose the birth month.")},
    )
    birth_day = _whole(_("Birth day"), _("Type the day of the month in digits, for example 14."), 2)
    birth_year = _whole(_("Birth year"), _("Type the year of birth with four digits, for example 2021."), 4)

    use_required_attribute = False

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.details: PetDetails | None = None

    def clean(self) -> dict[str, Any]:
        """Read what was typed into `details`, which stays None for an empty card."""
        typed: dict[str, Any] = super().clean() or {}
        if self.errors:
            return typed
        try:
            read = read_pet(**typed, today=self.today)
        except DetailError as error:
            self.add_error(error.field, str(error))
        else:
            self.details = None if read.is_empty() else read
        return typed


def empty_card(*, today: date) -> list[PetForm]:
    """The first card, to be filled in."""
    return [PetForm(prefix="pet-0", today=today)]


def cards_sent(data: Mapping[str, Any], *, today: date) -> list[PetForm]:
    """The cards as they came, to be read."""
    return [PetForm(data, prefix=f"pet-{number}", today=today) for number in range(_count(data))]


def cards_again(data: Mapping[str, Any], *, today: date, without: int | None = None, more: int = 0) -> list[PetForm]:
    """The cards as they came, to be gone on with and not read yet: less one of them, or with empty ones behind."""
    kept = [number for number in range(_count(data)) if number != without]
    typed = [{name: data.get(f"pet-{number}-{name}", "") for name in PetForm.base_fields} for number in kept]
    typed += [{}] * min(more, MOST_PETS - len(typed))
    return [PetForm(initial=one, prefix=f"pet-{place}", today=today) for place, one in enumerate(typed or [{}])]


def _count(data: Mapping[str, Any]) -> int:
    told = str(data.get(COUNT, ""))[:4]
    return max(1, min(int(told), MOST_PETS)) if told.isascii() and told.isdigit() else 1
