"""Rows of a text file with separators, one after the other.

Python's own reader is lenient about quotes, and so are we; but a quotation mark that is never closed would swallow the
rest of a list in silence. So what one record may take is bounded: beyond that its first line is given back as a row to
fix, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from astro.importer.reading.letters import SAMPLE

SEPARATORS = ",;\t|"
LINE_MOST = 65_536
"""Characters of one line, and of one record over several lines."""
LINES_MOST = 60
"""Of one record: a note of some lines, an address."""
_TRIED = 40

Cells = list[str]
Told = tuple[Cells, str, bool]
"""The cells of a record, what is wrong with it ("" for nothing), and whether the file ended without its line's end."""


def separator_of(file: BinaryIO, letters: str) -> str:
    """The character between the cells: the one that cuts the first records into most columns, alike in most of them."""
    sample = _first_text(file, letters)
    first = sample.partition("\n")[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    scores = {separator: _score(sample, separator) for separator in SEPARATORS}
    return max(scores, key=lambda separator: scores[separator])


def records(file: BinaryIO, *, letters: str, separator: str) -> Iterator[Told]:
    """Every record from the top, blank ones too. The last one of a file that ends within it says so."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=letters, errors="replace", newline="")
    lines = _Lines(text)
    try:
        yield from _records(lines, separator)
    finally:
        text.detach()  # the file is the caller's; a wrapper that is thrown away would close it


def is_blank(cells: Cells) -> bool:
    return not any(cell.strip() for cell in cells)


class _TooLong(Exception):
    """The record that is being read takes more than one may."""


class _Lines:
    """Lines for the reader of the csv module, with those of the present record kept to be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.size = 0
        self.has_cut_line = False
        self.ended_inside = False

    def begin(self) -> None:
        self.taken, self.size, self.has_cut_line, self.ended_inside = [], 0, False, False

    def give_back(self) -> None:
        """All lines of the present record but the first are to be read anew."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LINES_MOST or self.size > LINE_MOST:
            raise _TooLong
        line = self.waiting.popleft() if self.waiting else self._read()
        if not line:
            self.ended_inside = bool(self.taken)  # asked for one more line: the quotation mark was still open
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        return line

    def is_open(self) -> bool:
        """Whether the file ended without the end of this record's last line."""
        return bool(self.taken) and not self.taken[-1].endswith(("\n", "\r"))

    def _read(self) -> str:
        line = self.text.readline(LINE_MOST)
        if len(line) >= LINE_MOST and not line.endswith(("\n", "\r")):
            self.has_cut_line = True
            while (rest := self.text.readline(LINE_MOST)) and not rest.endswith(("\n", "\r")):
                pass
            line += rest[-1:]
        return line


def _records(lines: _Lines, separator: str) -> Iterator[Told]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_TooLong, csv.Error):
            lines.give_back()
            reader = csv.reader(lines, delimiter=separator)
            line = lines.taken[0] if lines.taken else ""
            yield (
                [cell.strip('"') for cell in line[:LINE_MOST].rstrip("\r\n").split(separator)],
                _("This row has a quotation mark that is never closed, or is far too long. Mend it in your file."),
                False,
            )
            continue
        if lines.has_cut_line:
            yield cells, _("This row is far too long. Make it shorter in your file."), False
        elif cells[:1] != ["\x1a"]:  # what DOS wrote at the end of a text
            trouble = _("The file ends in the middle of this row.") if lines.ended_inside else ""
            yield cells, trouble, lines.is_open()


def _score(sample: str, separator: str) -> tuple[int, int]:
    """How many of the first records have the same number of cells, at least two, and how many cells that is."""
    lines = sample.splitlines(keepends=True)[: _TRIED * 3]
    widths: Counter[int] = Counter()
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=separator)):
            if number >= _TRIED:
                break
            if not is_blank(cells):
                widths[len(cells)] += 1
    except csv.Error:
        return (0, 0)
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return (0, 0)
    width = max(several, key=lambda width: (several[width] * (width - 1), width))
    return (several[width] * (width - 1), width)


def _first_text(file: BinaryIO, letters: str) -> str:
    file.seek(0)
    text = file.read(SAMPLE).decode(letters, errors="replace")
    return text[: text.rfind("\n") + 1] or text
