"""Everything that is kept of one person, from all parts of the house, as a table or as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.customers.models import Customer
from astro.customers.parts import Section, parts
from astro.customers.queries import accounts_in
from astro.kit.ids import id_text
from astro.kit.tables import Row


def told_of(customer: Customer) -> dict[str, Section]:
    """By section; what was kept under accounts that were merged into this one is told with it."""
    told: dict[str, Section] = {}
    for account in accounts_in(customer):
        for part in parts().values():
            for name, rows in part.tell(account).items():
                told.setdefault(name, []).extend(rows)
    return told


def as_json(customer: Customer, sections: Mapping[str, Section], *, now: datetime) -> dict[str, Any]:
    """What a program reads: the sections, whose they are, and when they were written down."""
    return {"format": 1, "astro_id": id_text(customer.pk), "made_at": now.isoformat(), "sections": dict(sections)}


def readable(sections: Mapping[str, Section], *, zone: tzinfo) -> dict[str, Section]:
    """The same for a page: moments by the clock of a location, nothing where nothing is known."""
    return {
        name: [{what: _on_page(value, zone) for what, value in row.items()} for row in rows]
        for name, rows in sections.items()
    }


def heading_of() -> Row:
    return [_("Section"), _("Row"), _("What"), _("Value")]


def rows_of(sections: Mapping[str, Section]) -> Iterator[Row]:
    """One value a line, so that sections of any shape stand in one sheet that can be filtered."""
    for name, rows in sections.items():
        for number, row in enumerate(rows, start=1):
            for what, value in row.items():
                yield [name, number, what, _shown(value)]


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


def _on_page(value: Any, zone: tzinfo) -> str | int:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return date_format(datetime.fromisoformat(value).astimezone(zone), "DATETIME_FORMAT")
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _shown(value)


def _shown(value: Any) -> str | int:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return ""
    return value if isinstance(value, int) else str(value)
