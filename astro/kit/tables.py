"""Tables that leave the house: CSV and XLSX files which spreadsheets open without changing or running anything in them.

Cells are text, whole numbers, decimals, days, moments (in the zone they carry: convert before), yes/no, or empty. Rows
may come from an iterator and are never all in memory; the file is written before the view returns, while its retailer
is still the current one, and grows into a temporary file when it is large.

A text cell that a spreadsheet would take for a formula gets an apostrophe in front in CSV; in XLSX cells say themselves
that they are text, so nothing is changed. That also keeps the zeros before a barcode; CSV keeps them too, but some
spreadsheets drop them on opening, so lists with codes are best offered as XLSX.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO

from django.http import FileResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from astro.kit.errors import DomainError

Cell = str | int | Decimal | date | datetime | bool | Promise | None
Row = Sequence[Cell]

FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four: full width
IN_MEMORY = 1_000_000  # bytes of a finished file; a larger one goes to disk
XLSX_ROWS = 1_048_575  # below the heading
XLSX_EXACT = 10**15  # spreadsheets count in floats and round what is longer
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class TooManyRows(DomainError):
    """More rows than a sheet has."""


def csv_lines(heading: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file line by line: UTF-8 with a byte order mark (else Excel guesses the letters), CRLF, text in quotes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    for row in _with_heading(heading, rows):
        writer.writerow([_csv_cell(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def write_xlsx(file: IO[bytes], heading: Row, rows: Iterable[Row]) -> None:
    """One sheet with a bold, frozen heading. Raises `TooManyRows` where a sheet would end before the rows do."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    try:
        for number, row in enumerate(_with_heading(heading, rows)):
            if number > XLSX_ROWS:
                raise TooManyRows(_("This list is too long for a spreadsheet. Export it as CSV, or filter it first."))
            sheet.append([_xlsx_cell(sheet, cell, bold=number == 0) for cell in row])
    except BaseException:
        book.save(io.BytesIO())  # closes and removes the half-written sheet, which openpyxl keeps in a temporary file
        raise
    book.save(file)


def csv_download(name: str, heading: Row, rows: Iterable[Row]) -> FileResponse:
    """A CSV file to save as `name`.csv."""
    return _download(f"{name}.csv", CSV_TYPE, lambda file: file.writelines(csv_lines(heading, rows)))


def xlsx_download(name: str, heading: Row, rows: Iterable[Row]) -> FileResponse:
    """An XLSX file to save as `name`.xlsx."""
    return _download(f"{name}.xlsx", XLSX_TYPE, lambda file: write_xlsx(file, heading, rows))


def _with_heading(heading: Row, rows: Iterable[Row]) -> Iterator[Row]:
    yield heading
    for row in rows:
        if len(row) != len(heading):
            raise ValueError(f"A row of {len(row)} cells under a heading of {len(heading)}.")
        yield row


def _csv_cell(cell: Cell) -> str | int | Decimal:
    plain = _plain(cell)
    if isinstance(plain, str) and plain.startswith(FORMULA_STARTS):
        return f"'{plain}"
    if isinstance(plain, datetime):
        return plain.strftime("%Y-%m-%d %H:%M")
    return plain.isoformat() if isinstance(plain, date) else plain


def _xlsx_cell(sheet: WriteOnlyWorksheet, cell: Cell, *, bold: bool) -> SheetCell:
    # A cell object for each value: openpyxl writes bare values with the format of the cell before them.
    made = WriteOnlyCell(sheet)
    plain = _plain(cell)
    if isinstance(plain, int) and abs(plain) >= XLSX_EXACT:
        plain = str(plain)
    if not isinstance(plain, str):
        made.value = plain.replace(tzinfo=None) if isinstance(plain, datetime) else plain
        return made
    made.value = _UNPRINTABLE.sub("", plain)
    made.data_type = "s"  # text, whatever it looks like: else "=1+1" is a formula and "#N/A" an error
    made.number_format = "@"
    if bold:
        made.font = Font(bold=True)
    return made


def _plain(cell: Cell) -> str | int | Decimal | date | datetime:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, datetime) and cell.tzinfo is None:
        raise ValueError("A moment in a table needs the zone it is shown in.")
    if isinstance(cell, (str, Promise)):
        return str(cell).encode(errors="replace").decode()
    if isinstance(cell, (int, Decimal, date)):
        return cell
    raise TypeError(f"A table cannot hold a {type(cell).__name__}.")


def _download(name: str, content_type: str, write: Callable[[IO[bytes]], None]) -> FileResponse:
    with ExitStack() as on_failure:
        file: IO[bytes] = on_failure.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
        write(file)
        file.seek(0)
        on_failure.pop_all()  # from here on the response closes it
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
