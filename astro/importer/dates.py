"""Days as people write them into lists: 2021-05-03, 5/3/2021, May 3 2021, 3.5.21, May 2021, 2021."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T].*)?")
_NUMBERS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})(?: .*)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{4})")
_YEAR = re.compile(r"(19|20)\d{2}")
_WORDS = re.compile(
    r"(?:(\d{1,2})\.?[ \-]+)?([a-z]{3,9})\.?(?:[ \-]+(\d{1,2})(?:st|nd|rd|th)?(?=[, ]|$))?(?:,?[ \-]+(\d{4}))?"
)


@dataclass(frozen=True, slots=True)
class When:
    """What is known of a day; None for what is not."""

    year: int | None
    month: int | None = None
    day: int | None = None

    def as_date(self) -> date | None:
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)


def read_when(text: str, *, day_first: bool, today: date) -> When | None:
    """What this says; None for what is no day, month or year. `day_first`: 3/5 is the third of May."""
    told = " ".join(text.lower().split())
    found = _read(told, day_first=day_first, today=today)
    if found is None or not _is_sane(found):
        return None
    return found


def _read(told: str, *, day_first: bool, today: date) -> When | None:
    if match := _ISO.fullmatch(told):
        year, month, day = match.groups()
        return When(int(year), int(month), int(day) if day else None)
    if match := _NUMBERS.fullmatch(told):
        first, second, year = (int(part) for part in match.groups())
        if year < 100:
            year += 2000 if 2000 + year <= today.year else 1900
        day, month = (first, second) if day_first or first > 12 else (second, first)
        if month > 12:
            day, month = month, day
        return When(year, month, day)
    if match := _MONTH_YEAR.fullmatch(told):
        return When(int(match[2]), int(match[1]))
    if _YEAR.fullmatch(told):
        return When(int(told))
    if (match := _WORDS.fullmatch(told)) and (month := _MONTHS.get(match[2][:3])):
        day = match[1] or match[3]
        return When(int(match[4]) if match[4] else None, month, int(day) if day else None)
    return None


def _is_sane(when: When) -> bool:
    try:
        date(when.year or 2024, when.month or 1, when.day or 1)
    except ValueError:
        return False
    return True
