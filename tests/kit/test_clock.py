from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.clock import add_months, day_at, midnight_after, midnight_before, utc_now

DENVER = ZoneInfo("America/Denver")


def test_now_is_in_utc():
    before = datetime.now(UTC)
    assert before <= utc_now() <= datetime.now(UTC)
    assert utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 11, 22, 6, 59, tzinfo=UTC), "America/Denver", date(2026, 11, 21)),
        (datetime(2026, 11, 22, 7, 0, tzinfo=UTC), "America/Denver", date(2026, 11, 22)),
        (datetime(2026, 7, 1, 5, 59, tzinfo=UTC), "America/Denver", date(2026, 6, 30)),
        (datetime(2026, 12, 31, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2027, 1, 1)),
        (datetime(2026, 1, 1, 3, 0, tzinfo=UTC), "America/St_Johns", date(2025, 12, 31)),
    ],
)
def test_a_day_belongs_to_its_place(moment, zone, day):
    assert day_at(moment, ZoneInfo(zone)) == day


def test_a_moment_without_zone_has_no_day():
    with pytest.raises(ValueError, match="time zone"):
        day_at(datetime(2026, 11, 22, 6, 59, tzinfo=UTC).replace(tzinfo=None), DENVER)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 11, 22), 24, date(2028, 11, 22)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_are_calendar_months_with_the_end_clamped(day, months, expected):
    assert add_months(day, months) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-300, 300))
def test_added_months_land_in_the_right_month_and_never_later_in_it(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("day", "zone", "over", "hours"),
    [
        (date(2026, 3, 8), "America/Denver", datetime(2026, 3, 9, 6, tzinfo=UTC), 23),
        (date(2026, 11, 1), "America/Denver", datetime(2026, 11, 2, 7, tzinfo=UTC), 25),
        (date(2026, 6, 1), "America/Denver", datetime(2026, 6, 2, 6, tzinfo=UTC), 24),
        # Havana skips midnight in March and has it twice in November.
        (date(2026, 3, 7), "America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC), 24),
        (date(2026, 3, 8), "America/Havana", datetime(2026, 3, 9, 4, tzinfo=UTC), 23),
        (date(2026, 10, 31), "America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC), 24),
        (date(2026, 11, 1), "America/Havana", datetime(2026, 11, 2, 5, tzinfo=UTC), 25),
        # Samoa had no 30 December 2011.
        (date(2011, 12, 29), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_over_at_the_midnight_of_its_place(day, zone, over, hours):
    place = ZoneInfo(zone)
    assert midnight_after(day, place) == over
    assert over - midnight_before(day, place) == timedelta(hours=hours)


def test_every_day_ends_where_the_next_begins_in_every_zone_of_today():
    wrong = []
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for number in range(366):
            day = date(2026, 1, 1) + timedelta(days=number)
            over = midnight_after(day, zone)
            if (day_at(over - timedelta(microseconds=1), zone), day_at(over, zone)) != (day, day + timedelta(days=1)):
                wrong.append((name, day))
    assert wrong == []
