"""What leaves the house, or is opened on purpose, is written down: by whom, how much, and by which filters, never by
which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Model
from django.http import FileResponse

from astro.activity.actions import record
from astro.kit.clock import utc_now
from astro.kit.tables import Row, csv_download, xlsx_download


def table_download(
    request: Any,
    what: str,
    *,
    name: str,
    heading: Row,
    rows: Iterable[Row],
    about: Model | None = None,
    asked: forms.Form | None = None,
) -> FileResponse:
    """A list as a file to save as `name`: XLSX if the address asks for it (`?as=xlsx`), else CSV. The event says which
    list it was (`what`), how long, and which of the fields of `asked` narrowed it. `about`: the location, unless the
    list is of one thing."""
    is_xlsx = request.GET.get("as") == "xlsx"
    counted = _Counted(rows)
    answer = (xlsx_download if is_xlsx else csv_download)(name, heading, counted)
    with transaction.atomic():  # a page that is only read stands in none
        record(
            "list exported",
            about or request.location,
            by=request.user,
            at=request.location,
            device_id=request.device_id,
            now=utc_now(),
            what=what,
            format="xlsx" if is_xlsx else "csv",
            rows=counted.number,
            filters=filters_of(asked),
        )
    return answer


def filters_of(asked: forms.Form | None) -> list[str]:
    """The names of the fields that somebody filled in."""
    return sorted(name for name in asked.fields if asked.data.get(name)) if asked else []


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row
