"""The way in: what a file is, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from astro.importer.errors import Unreadable
from astro.importer.reading import csv_rows, xlsx_rows
from astro.importer.reading.headings import FIRST_ROWS, find_heading, named
from astro.importer.reading.letters import SAMPLE, letters_of

CSV, XLSX = "csv", "xlsx"
COLUMNS_MOST = 200
CELL_MOST = 2_000
"""Characters of a cell that anything of ours could take; a longer one is cut and its row is to be fixed."""
ROWS_MOST = 300_000

_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
_KNOWN_STARTS = (
    b"%PDF",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"SQLite",
)


Record = tuple[int, list[str], str, bool]
"""Its number in the file, its cells, what is wrong with it, and whether the file ended without its line's end."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read, as it was found out once; kept with the upload. `heading` is the place of the row that
    names the columns among the records that are not blank, None where there is none."""

    form: str
    letters: str
    separator: str
    heading: int | None
    headings: tuple[str, ...]
    about: int
    """Rows, roughly: for the progress bar."""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "headings": list(self.headings)}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Layout:
        return cls(**{**told, "headings": tuple(told["headings"])})


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading. `number` is its place in the file as a spreadsheet counts, `cells` one a column,
    `trouble` why it cannot be taken as it stands ("" for nothing). `is_open`: the file ends without a line end."""

    number: int
    cells: list[str]
    trouble: str = ""
    is_open: bool = False


def examine(file: BinaryIO, *, is_known: Callable[[str], bool]) -> Layout:
    """What this file is. Raises `Unreadable`. `is_known` as in `headings.find_heading`."""
    form = _form_of(file)
    letters = separator = ""
    if form == XLSX:
        xlsx_rows.look_inside(file)
    else:
        letters = letters_of(file)
        separator = csv_rows.separator_of(file, letters)
    records = _records(file, form, letters, separator)
    top = list(islice(records, FIRST_ROWS))
    records.close()
    if not top:
        raise Unreadable(_("This file is empty. Upload a list with at least one row."))
    rows = [cells for _number, cells, _trouble, _is_open in top]
    place = find_heading(rows, is_known=is_known)
    width = max(_width(cells) for cells in rows) if place is None else _width(rows[place])
    if width > COLUMNS_MOST:
        raise Unreadable(
            _("This list has more than %(most)d columns. Keep those with customer data and upload it again.")
            % {"most": COLUMNS_MOST}
        )
    headings = tuple(named(None if place is None else rows[place], width=width))
    return Layout(form, letters, separator, place, headings, _about(file, form, rows))


def rows_of(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Every row below the heading, as wide as the heading. Raises `Unreadable` where the file breaks off for good."""
    width = len(layout.headings)
    records = _records(file, layout.form, layout.letters, layout.separator)
    for place, (number, cells, trouble, is_open) in enumerate(records):
        if layout.heading is not None and place <= layout.heading:
            continue
        if place > ROWS_MOST:
            raise Unreadable(
                _("This list has more than %(most)s rows. Cut it into several files.")
                % {"most": number_format(ROWS_MOST, force_grouping=True)}
            )
        if is_open and not trouble and len(cells) < width:
            trouble = _("The file ends in the middle of this row.")
        yield Row(number, _fitted(cells, width), trouble or _trouble(cells, width), is_open)


def _form_of(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(16)
    if start.startswith(_OLD_EXCEL):
        raise Unreadable(
            _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx without one, or as CSV.")
        )
    if start.startswith(_KNOWN_STARTS):
        raise Unreadable(_("This file is no list. Save your list as CSV or as an Excel workbook (.xlsx)."))
    file.seek(0)
    if (
        file.read(SAMPLE)
        .lstrip(b"\xef\xbb\xbf \t\r\n")[:14]
        .lower()
        .startswith((b"<!doctype html", b"<html", b"<?xml"))
    ):
        raise Unreadable(_("This is a web page, not a list. Open it in Excel and save it as .xlsx or CSV."))
    return XLSX if start.startswith(b"PK\x03\x04") else CSV


def _records(file: BinaryIO, form: str, letters: str, separator: str) -> Generator[Record, None, None]:
    """Records that are not blank."""
    told: Iterator[csv_rows.Told]
    if form == XLSX:
        told = ((cells, "", False) for cells in xlsx_rows.sheet_rows(file, most_cells=COLUMNS_MOST + 1))
    else:
        told = csv_rows.records(file, letters=letters, separator=separator)
    for number, (cells, trouble, is_open) in enumerate(told, 1):
        says_separator = number == 1 and form == CSV and cells[:1] and cells[0].lower().startswith("sep=")
        if not csv_rows.is_blank(cells) and not says_separator:
            yield number, cells, trouble, is_open


def _width(cells: list[str]) -> int:
    """Without the empty cells at the end."""
    return next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)


def _fitted(cells: list[str], width: int) -> list[str]:
    fitted = [cell[:CELL_MOST] for cell in cells[:width]]
    return fitted + [""] * (width - len(fitted))


def _trouble(cells: list[str], width: int) -> str:
    if any(cell.strip() for cell in cells[width:]):
        return _("This row has more cells than the heading. Is there a comma too many?")
    if any(len(cell) > CELL_MOST for cell in cells):
        return _("A cell of this row is far too long. Make it shorter.")
    if any("\ufffd" in cell for cell in cells):
        return _("Some letters of this row cannot be read. Type them anew.")
    if any("\x00" in cell for cell in cells):
        return _("This row has an invisible control character in it. Type it by hand.")
    return ""


def _about(file: BinaryIO, form: str, rows: list[list[str]]) -> int:
    if form == XLSX:
        return xlsx_rows.rows_said(file) or 1_000
    size = file.seek(0, 2)
    a_row = sum(sum(map(len, cells)) + len(cells) + 1 for cells in rows) / len(rows)
    return max(1, round(size / max(a_row, 1)))
