"""Which row names the columns: it stands among the first ten, under a title, a date, a blank line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

FIRST_ROWS = 10
HEADING_LENGTH = 120

_NUMBER = re.compile(r"(?:\D*\d){7}")


def find_heading(rows: Sequence[Sequence[str]], *, is_known: Callable[[str], bool]) -> int | None:
    """The place of the heading among these first rows; None where the list begins without one.

    `is_known` says of a cell whether it names something. Without any known name, the fullest row whose cells are all
    words is taken, so that a heading in another language can be matched by hand.
    """
    known = [sum(is_known(cell) for cell in row) for row in rows]
    if known and max(known) >= 1:
        best = max(known)
        return known.index(best)
    if not rows:
        return None
    fullest = max(range(len(rows)), key=lambda place: (_filled(rows[place]), -place))
    return None if any(_is_data(cell) for cell in rows[fullest]) else fullest


def named(cells: Sequence[str] | None, *, width: int) -> list[str]:
    """A name for every column; *Column 3* where the file has none."""
    told = [" ".join(cell.split())[:HEADING_LENGTH] for cell in (cells or ())][:width]
    told += [""] * (width - len(told))
    return [name or _("Column %(number)d") % {"number": number} for number, name in enumerate(told, 1)]


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_data(cell: str) -> bool:
    return "@" in cell or bool(_NUMBER.match(cell))
