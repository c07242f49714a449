"""What may be kept of a pet, and how it is told."""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from astro.customers.details import is_plain
from astro.customers.errors import DetailError
from astro.customers.models import Pet, PetKind

NAME_LENGTH = 60
OLDEST = 120  # years; a tortoise
LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class PetDetails:
    """A pet in the form in which it is kept."""

    name: str
    kind: str
    breed: str
    born_year: int | None
    born_month: int | None
    born_day: int | None
    is_age_told: bool

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def is_empty(self) -> bool:
        return not (self.name or self.kind or self.breed or self.born_year or self.born_month)


def read_pet(
    *,
    name: str = "",
    kind: str = "",
    breed: str = "",
    age: int | None = None,
    birth_year: int | None = None,
    birth_month: int | None = None,
    birth_day: int | None = None,
    today: date,
) -> PetDetails:
    """All of it as it is kept. An `age` in whole years tells the year, unless a birthday does, as at `today`.

    Raises `DetailError` for the first part that cannot be kept: `field` is the name of the parameter.
    """
    if kind not in PetKind.values and kind:
        raise DetailError(_("Choose what kind of animal it is."), field="kind")
    year, is_age_told = birth_year, False
    if year is None and age is not None:
        if not 0 <= age <= OLDEST:
            raise DetailError(_("Type the age in whole years, for example 4."), field="age")
        year, is_age_told = today.year - age, True
        if birth_month is not None and (birth_month, birth_day or 1) > (today.month, today.day):
            year -= 1
    _must_be_a_date(year if not is_age_told else None, birth_month, birth_day, today)
    return PetDetails(
        name=_line(name, "name"),
        kind=kind,
        breed=_line(breed, "breed"),
        born_year=year,
        born_month=birth_month,
        born_day=birth_day,
        is_age_told=is_age_told,
    )


def in_words(pet: Pet) -> str:
    """A pet in one line: *Biscuit, Dog, Beagle, born May 2021*."""
    kind = str(pet.get_kind_display()) if pet.kind else ""
    return ", ".join(part for part in (pet.name, kind, pet.breed, born_in_words(pet)) if part)


def born_in_words(pet: Pet) -> str:
    """What is known of its birth: a day, a month, a year, or *about 2021* where an age told it."""
    if pet.born_month is None:
        if pet.born_year is None:
            return ""
        told = _("born about %(year)d") if pet.is_age_told else _("born %(year)d")
        return told % {"year": pet.born_year}
    day = f" {pet.born_day}" if pet.born_day else ""
    year = ("," if day else "") + f" {pet.born_year}" if pet.born_year and not pet.is_age_told else ""
    return _("born %(when)s") % {"when": f"{MONTHS[pet.born_month]}{day}{year}"}


def _must_be_a_date(year: int | None, month: int | None, day: int | None, today: date) -> None:
    if year is not None and not today.year - OLDEST <= year <= today.year:
        raise DetailError(_("Type the year of birth with four digits, for example 2021."), field="birth_year")
    if month is not None and not 1 <= month <= 12:
        raise DetailError(_("Choose the birth month."), field="birth_month")
    if day is None:
        return
    if month is None:
        raise DetailError(_("Choose the birth month too."), field="birth_month")
    if not 1 <= day <= monthrange(year or LEAP_YEAR, month)[1]:
        raise DetailError(_("This month does not have that many days."), field="birth_day")
    if year is not None and date(year, month, day) > today:
        raise DetailError(_("This birthday is still to come. Check the year."), field="birth_year")


def _line(text: str, field: str) -> str:
    line = " ".join(text.split())
    if len(line) > NAME_LENGTH:
        raise DetailError(_("This is too long. 60 characters fit."), field=field)
    line = unicodedata.normalize("NFC", line)
    if not is_plain(line):
        raise DetailError(_("This has an invisible control character in it. Type it by hand."), field=field)
    return line
