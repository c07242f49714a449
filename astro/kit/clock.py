"""Moments and days.

A moment is a `datetime` in UTC; a day is a `date` and belongs to a place. `utc_now` is asked once, at the door (a view,
a command, the worker), and handed down as `now`; nothing below asks the time.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """This moment, in UTC. The only place that asks."""
    return datetime.now(UTC)


def day_at(moment: datetime, zone: ZoneInfo) -> date:
    """The day on the calendar of `zone` at that moment. Raises ValueError for a moment without time zone."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone, else its day is anybody's guess.")
    return moment.astimezone(zone).date()


def midnight_before(day: date, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which `day` begins in `zone`.

    Where the clocks skip midnight, the day begins at the jump; where midnight comes twice, at the first.
    Both are what `fold=0` means: the offset that was in force before the change.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which `day` is over in `zone`: 23, 24 or 25 hours after it began."""
    return midnight_before(day + timedelta(days=1), zone)


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months later (or earlier), at most the last of that month.

    31 January and one month is 28 or 29 February. Always count from the first day: twice one month is not two months.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
