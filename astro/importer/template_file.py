"""A file to fill in, with the columns that every store can give, and two rows that show how."""

from __future__ import annotations

from astro.importer.meanings import LABELS
from astro.kit.tables import Row

_SHOWN = {
    "first_name": ("Betty", "Ann & Bob"),
    "last_name": ("Smith", "Ortiz"),
    "phone": ("(406) 555-2142", ""),
    "email": ("betty.smith@example.com", "ortiz@example.com"),
    "internal_id": ("A-1001", "A-1002"),
    "street": ("12 Main Street", ""),
    "street2": ("", ""),
    "city": ("Kalispell", ""),
    "region": ("MT", ""),
    "postcode": ("59901", ""),
    "pet1_name": ("Biscuit", "Miso"),
    "pet1_kind": ("Dog", "Cat"),
    "pet1_breed": ("Beagle", ""),
    "pet1_birthday": ("2021-05-03", "May 2019"),
    "tags": ("VIP, Raw food", ""),
    "note": ("Parks behind the store", ""),
    "text_yes": ("yes", ""),
    "email_yes": ("2024-03-18", "no"),
}


def template_heading(*, has_internal_id: bool) -> Row:
    return [str(LABELS[key]) for key in _keys(has_internal_id=has_internal_id)]


def template_rows(*, has_internal_id: bool) -> list[Row]:
    keys = _keys(has_internal_id=has_internal_id)
    return [[_SHOWN[key][row] for key in keys] for row in range(2)]


def _keys(*, has_internal_id: bool) -> list[str]:
    return [key for key in _SHOWN if key != "internal_id" or has_internal_id]
