"""What is asked about uploads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet

from astro.importer.models import ColumnMemory, RowResult, Upload, UploadRow, UploadState
from astro.importer.pieces import opened
from astro.importer.reading.tables import Layout, rows_of

SAMPLE = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its heading and what stands in its first rows."""

    place: int
    heading: str
    sample: tuple[str, ...]


def uploads_of(location_ids: list[int]) -> QuerySet[Upload]:
    """Those of these locations, with who brought them."""
    rows: QuerySet[Upload] = Upload.objects.filter(location__in=location_ids).select_related("location", "by")
    return rows


def columns_of_file(upload: Upload) -> list[Column]:
    """The columns with their first values."""
    layout = Layout.of_json(upload.reading)
    rows = [row.cells for row in islice(rows_of(opened(upload), layout), SAMPLE)]
    return [
        Column(place, heading, tuple(row[place][:60] for row in rows)) for place, heading in enumerate(layout.headings)
    ]


def remembered(headings: list[str]) -> dict[str, str]:
    """What these columns meant the last time, by folded heading."""
    return dict(ColumnMemory.objects.filter(heading__in=headings).values_list("heading", "meaning"))


def same_file_before(upload: Upload) -> Upload | None:
    """The last time that this very file came in, if it did."""
    before = Upload.objects.filter(digest=upload.digest, uploaded_at__lt=upload.uploaded_at)
    found: Upload | None = before.select_related("by").order_by("-uploaded_at").first()
    return found


def rows_to_fix(upload: Upload) -> QuerySet[UploadRow]:
    """Rows that could not be taken, in their order."""
    rows: QuerySet[UploadRow] = UploadRow.objects.filter(upload=upload, result=RowResult.WRONG).order_by("row")
    return rows


def rows_not_undone(upload: Upload) -> QuerySet[UploadRow]:
    """What an undo had to leave as it is, with why."""
    rows = UploadRow.objects.filter(upload=upload, result__in=[RowResult.NEW, RowResult.CHANGED])
    kept: QuerySet[UploadRow] = rows.filter(error__gt="").select_related("customer").order_by("row")
    return kept


def progress_of(upload: Upload) -> tuple[int, int]:
    """How many rows are done, of how many, as far as that is known."""
    if upload.state == UploadState.UNDOING:
        counts = upload.choices.get("added", {})
        return upload.at_row, max(1, counts.get("new", 0) + counts.get("changed", 0))
    total = upload.rows or upload.reading.get("about") or 1
    return upload.at_row, max(total, upload.at_row, 1)
