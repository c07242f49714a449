"""The sentence that explains the number on a card: what was bought, minus what does not count, by the rows alone.

    9 of 12: 11 bought between March 3 and November 20, 1 removed on April 4, 1 expired on June 2.

It never looks at a stored count, so it can be held against one: where the two differ, the rows are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NONE: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a round, and the days on which it happened to them; fewer where a day is not known."""

    count: int = 0
    days: tuple[date, ...] = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All units that ever went onto a round and are not on another one now, and those of them that do not count."""

    need: int
    bought: Part
    removed: Part = Part()
    given: Part = Part()
    expired: Part = Part()

    @property
    def live(self) -> int:
        """What the number on the card must be."""
        return self.bought.count - self.removed.count - self.given.count - self.expired.count


def number_told(tally: Tally, *, today: date) -> str:
    """The number on the card, and how it comes about."""
    parts = [
        _bought(tally.bought, today),
        _removed(tally.removed, today),
        _given(tally.given, today),
        _expired(tally.expired, today),
    ]
    told = [part for part in parts if part]
    values = {"live": tally.live, "need": tally.need, "parts": ", ".join(told)}
    if not told:
        return _("%(live)s of %(need)s: nothing is on this card now.") % values
    return _("%(live)s of %(need)s: %(parts)s.") % values


def owes_told(owes: int) -> str:
    """Why a card whose free item was handed out has a hole, and how it is filled."""
    sentence = ngettext(
        "Owes %(count)s: an item was removed after the free one was given. The next one bought goes here.",
        "Owes %(count)s: items were removed after the free one was given. The next ones bought go here.",
        owes,
    )
    return sentence % {"count": owes}


def given_told(item: str, *, day: date, by: str, at: str, today: date) -> str:
    """A free item that was handed out."""
    values = {"item": item, "day": day_told(day, today=today), "by": by, "at": at}
    if by:
        return _("Free %(item)s given on %(day)s by %(by)s at %(at)s.") % values
    return _("Free %(item)s given on %(day)s at %(at)s.") % values


def taken_back_told(item: str, *, day: date, undone_on: date, by: str, today: date) -> str:
    """A free item that was handed out, and then was not."""
    values = {
        "item": item,
        "day": day_told(day, today=today),
        "undone": day_told(undone_on, today=today),
        "by": by,
    }
    if by:
        return _("Free %(item)s given on %(day)s, taken back on %(undone)s by %(by)s.") % values
    return _("Free %(item)s given on %(day)s, taken back on %(undone)s.") % values


def full_told(filled_on: date, ready: int, *, today: date) -> str:
    """Since when a card is full, and how many free items wait."""
    day = day_told(filled_on, today=today)
    if not ready:
        return _("Full on %(day)s.") % {"day": day}
    sentence = ngettext(
        "Full on %(day)s. %(count)s free item is ready.", "Full on %(day)s. %(count)s free items are ready.", ready
    )
    return sentence % {"day": day, "count": ready}


def closed_told() -> str:
    return _("Everything on it has expired, so this card is closed.")


def emptied_told() -> str:
    return _("Nothing on it counts any more.")


def expiring_told(next_expiry_on: date, *, today: date) -> str:
    return _("The first punch counts through %(day)s.") % {"day": day_told(next_expiry_on, today=today)}


def day_told(day: date, *, today: date) -> str:
    """With the year only where it is not this one."""
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


def _bought(part: Part, today: date) -> str:
    return _told(
        part,
        today,
        ngettext("%(count)s bought", "%(count)s bought", part.count),
        ngettext("%(count)s bought on %(first)s", "%(count)s bought on %(first)s", part.count),
        _("%(count)s bought between %(first)s and %(last)s"),
    )


def _removed(part: Part, today: date) -> str:
    return _told(
        part,
        today,
        ngettext("%(count)s removed", "%(count)s removed", part.count),
        ngettext("%(count)s removed on %(first)s", "%(count)s removed on %(first)s", part.count),
        _("%(count)s removed between %(first)s and %(last)s"),
    )


def _given(part: Part, today: date) -> str:
    return _told(
        part,
        today,
        ngettext("%(count)s given as the free item", "%(count)s given as free items", part.count),
        ngettext(
            "%(count)s given as the free item on %(first)s", "%(count)s given as free items on %(first)s", part.count
        ),
        _("%(count)s given as free items between %(first)s and %(last)s"),
    )


def _expired(part: Part, today: date) -> str:
    return _told(
        part,
        today,
        ngettext("%(count)s expired", "%(count)s expired", part.count),
        ngettext("%(count)s expired on %(first)s", "%(count)s expired on %(first)s", part.count),
        _("%(count)s expired between %(first)s and %(last)s"),
    )


def _told(part: Part, today: date, bare: str, on: str, between: str) -> str:
    """One part of the sentence: nothing for no units, without a day where none is known."""
    if not part.count:
        return ""
    first, last = _first_and_last(part.days)
    if first is None or last is None:
        return bare % {"count": part.count}
    values = {"count": part.count, "first": day_told(first, today=today), "last": day_told(last, today=today)}
    return (on if first == last else between) % values


def _first_and_last(days: Sequence[date]) -> tuple[date | None, date | None]:
    return min(days, default=None), max(days, default=None)


def split_told() -> str:
    """Why there are two cards of one kind."""
    return _("It was split off another card: what is bought of its items goes here.")
