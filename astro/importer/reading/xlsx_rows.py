"""Rows of an Excel workbook, behind a look at what it would unpack to.

A workbook is a zip of XML. Before anything of it is parsed, every part is unpacked once into nothing: no more than so
many bytes in all, none with a document type (which is how three lines of XML become three gigabytes; no workbook has
one), none locked by a password. Then openpyxl reads the first sheet that can be seen, row by row.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from astro.importer.errors import Unreadable

UNPACKED_MOST = 400 * 1024 * 1024
WORDS_MOST = 64 * 1024 * 1024
"""Of the texts that a workbook keeps apart from its rows, which openpyxl holds in memory."""
PARTS_MOST = 2_000
SHEET_ROWS = 1_048_576
BLANK_MOST = 10_000
"""Blank rows one below the other, after which a list is over."""
_PIECE = 256 * 1024
_WORDS = "xl/sharedStrings.xml"
_DTD = tuple(word.encode(codec) for word in ("<!DOCTYPE", "<!ENTITY") for codec in ("utf-8", "utf-16-le", "utf-16-be"))
_OVERLAP = max(map(len, _DTD)) - 1
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ParseError,
    InvalidFileException,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)
"""What zipfile, the XML reader and openpyxl raise over files that are not what they say."""


def look_inside(file: BinaryIO) -> None:
    """Raises `Unreadable` unless this is a workbook that may be unpacked."""
    with _told():
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                raise Unreadable(_another(names))
            if len(entries) > PARTS_MOST:
                raise _too_large()
            left = UNPACKED_MOST
            for entry in entries:
                if entry.filename.startswith(("xl/media/", "xl/embeddings/")):
                    continue  # pictures: never unpacked
                left = _unpack(archive, entry, left)


def sheet_rows(file: BinaryIO, *, most_cells: int) -> Iterator[list[str]]:
    """Every row of the first visible sheet as text, blank ones too; of a row no more than so many cells."""
    with _told():
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
            if sheet is None:
                raise Unreadable(_("There is no sheet to be seen in this workbook. Put your list on the first one."))
            sheet.reset_dimensions()  # what a workbook says of its size is not believed
            blank = 0
            for row in islice(sheet.iter_rows(values_only=True), SHEET_ROWS):
                cells = [_text(value) for value in islice(row, most_cells)]
                blank = 0 if any(cells) else blank + 1
                if blank > BLANK_MOST:  # a row that says it is number 99,999,999,999
                    return
                yield cells
        finally:
            book.close()


def rows_said(file: BinaryIO) -> int | None:
    """How many rows the sheet says it has: good for a progress bar, for nothing else."""
    try:
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            said = book.worksheets[0].max_row
            return int(said) if said and 0 < said <= SHEET_ROWS else None
        finally:
            book.close()
    except _BROKEN:
        return None


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the libraries say about a broken workbook becomes one sentence."""
    try:
        yield
    except Unreadable:
        raise
    except _BROKEN as problem:
        raise Unreadable(
            _("This workbook is damaged. Open it in Excel, save it anew, and upload that file.")
        ) from problem


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Unpack into nothing; what may still come afterwards."""
    if entry.flag_bits & 1:
        raise Unreadable(_("This workbook is locked with a password. Save it without one, then upload it."))
    most = min(left, WORDS_MOST) if entry.filename == _WORDS else left
    before = b""
    with archive.open(entry) as part:
        while piece := part.read(_PIECE):
            most -= len(piece)
            left -= len(piece)
            if most < 0:
                raise _too_large()
            together = before + piece
            if any(word in together for word in _DTD):
                raise Unreadable(_("This workbook holds something that no workbook should. Save your list as CSV."))
            before = together[-_OVERLAP:]
    return left


def _too_large() -> Unreadable:
    return Unreadable(_("This workbook is far larger inside than it looks. Save the sheet with your list as CSV."))


def _another(names: set[str]) -> str:
    if "content.xml" in names and "mimetype" in names:
        return _("This is an OpenDocument sheet. Save it as CSV or as an Excel workbook (.xlsx).")
    if "word/document.xml" in names:
        return _("This is a Word document. Copy the table into a spreadsheet, and save that as .xlsx or CSV.")
    return _("There is no workbook in this file. Upload the list itself, as CSV or .xlsx, not packed.")


def _text(value: Any) -> str:
    """A cell as a person would type it: a day as 2021-05-03, a number without a point that says nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
