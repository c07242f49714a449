from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox import handlers, queue
from astro.kit.outbox.handlers import daily, every, handles
from astro.kit.outbox.health import outbox_age
from astro.kit.outbox.rhythms import Daily, Every
from astro.kit.outbox.schedules import put_due_moments
from astro.kit.outbox.worker import Pace, work_off

NOW = datetime(2026, 11, 22, 10, 3, tzinfo=UTC)
ON_THE_HOUR = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def runs(no_jobs):
    """An hourly job named `tick`; the moments for which it ran."""
    seen = []

    @every(hours=1)
    @handles("tick")
    def tick(payload, *, now):
        seen.append(payload["moment"])

    return seen


def at(day, hour, minute=0):
    return datetime(2026, *day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "now", "latest", "following"),
    [
        (Every(HOUR), NOW, ON_THE_HOUR, ON_THE_HOUR + HOUR),
        (Every(HOUR), ON_THE_HOUR, ON_THE_HOUR, ON_THE_HOUR + HOUR),
        (Every(timedelta(minutes=5)), NOW, ON_THE_HOUR, ON_THE_HOUR + timedelta(minutes=5)),
        (Daily(time(3), ZoneInfo("UTC")), NOW, at((11, 22), 3), at((11, 23), 3)),
        (Daily(time(11), ZoneInfo("UTC")), NOW, at((11, 21), 11), at((11, 22), 11)),
        (Daily(time(3), ZoneInfo("America/Denver")), NOW, at((11, 22), 10), at((11, 23), 10)),
        # 2:30 does not exist on 8 March in Denver and comes as 3:30; on 1 November it comes twice, and counts once.
        (Daily(time(2, 30), ZoneInfo("America/Denver")), at((3, 8), 12), at((3, 8), 9, 30), at((3, 9), 8, 30)),
        (Daily(time(1, 30), ZoneInfo("America/Denver")), at((11, 1), 8, 31), at((11, 1), 7, 30), at((11, 2), 8, 30)),
        (Daily(time(0), ZoneInfo("Pacific/Kiritimati")), NOW, at((11, 22), 10), at((11, 23), 10)),
    ],
)
def test_rhythms_know_the_moment_before_and_the_one_after(rhythm, now, latest, following):
    assert (rhythm.latest(now), rhythm.following(now)) == (latest, following)


@given(
    st.timedeltas(timedelta(0), timedelta(days=5000)).map(lambda passed: at((1, 1), 0) + passed),
    st.sampled_from(
        [
            Every(HOUR),
            Every(timedelta(seconds=7)),
            Daily(time(2, 30), ZoneInfo("America/Denver")),
            Daily(time(0), ZoneInfo("America/Havana")),
            Daily(time(23, 59, 59), ZoneInfo("Pacific/Apia")),
        ]
    ),
)
def test_each_moment_leads_to_the_next_without_gap(now, rhythm):
    latest = rhythm.latest(now)
    assert latest <= now < rhythm.following(latest) == rhythm.following(now)
    assert rhythm.latest(latest) == latest
    assert rhythm.latest(rhythm.following(now)) == rhythm.following(now)


@pytest.mark.django_db
class TestMoments:
    def test_a_schedule_seen_for_the_first_time_waits_for_its_next_moment(self, runs):
        assert put_due_moments(now=NOW) == 0
        assert put_due_moments(now=NOW + HOUR) == 1
        [row] = OutboxRow.objects.all()
        assert (row.kind, row.retailer_id, row.due, row.payload) == (
            *("tick", 0, NOW + HOUR),
            {"moment": (ON_THE_HOUR + HOUR).isoformat()},
        )

    def test_a_moment_comes_once_however_often_one_asks(self, runs):
        put_due_moments(now=NOW)
        assert [put_due_moments(now=NOW + HOUR + timedelta(minutes=minute)) for minute in range(56)] == [1] + [0] * 55
        work_off(pace=Pace(), clock=lambda: NOW + HOUR)
        assert put_due_moments(now=NOW + HOUR + timedelta(minutes=56)) == 0
        assert runs == ["2026-11-22T11:00:00+00:00"]

    def test_a_worker_that_was_away_for_a_week_runs_once(self, runs):
        put_due_moments(now=NOW)
        later = NOW + timedelta(days=7)
        assert work_off(pace=Pace(), clock=lambda: later) == 1
        assert runs == ["2026-11-29T10:00:00+00:00"]

    def test_a_moment_is_not_put_again_when_its_row_has_been_swept(self, runs):
        put_due_moments(now=NOW)
        put_due_moments(now=NOW + HOUR)
        OutboxRow.objects.all().delete()
        assert put_due_moments(now=NOW + HOUR) == 0
        assert OutboxRow.objects.count() == 0

    def test_the_key_alone_would_keep_a_moment_from_coming_twice(self, runs):
        put_due_moments(now=NOW)
        put_due_moments(now=NOW + HOUR)
        Schedule.objects.update(moment=ON_THE_HOUR)
        assert put_due_moments(now=NOW + HOUR) == 0
        assert OutboxRow.objects.count() == 1

    def test_a_clock_that_is_slow_puts_nothing_back(self, runs):
        put_due_moments(now=NOW)
        put_due_moments(now=NOW + HOUR * 2)
        assert put_due_moments(now=NOW + HOUR) == 0
        assert Schedule.objects.get().moment == ON_THE_HOUR + HOUR * 2

    def test_the_age_tells_of_a_worker_that_is_gone_although_nothing_waits(self, runs):
        assert outbox_age(now=NOW) == timedelta(0)
        put_due_moments(now=NOW)
        assert outbox_age(now=ON_THE_HOUR + HOUR) == timedelta(0)
        assert outbox_age(now=ON_THE_HOUR + HOUR * 50) == HOUR * 49
        Schedule.objects.create(kind="of an older release", moment=NOW - timedelta(days=99))
        assert outbox_age(now=NOW) == timedelta(0)


@pytest.mark.django_db
def test_the_worker_sweeps_by_its_own_schedule():
    old = {"kind": "outbox.sweep", "retailer_id": 0, "payload": {}, "created_at": NOW, "dedupe": "old"}
    OutboxRow.objects.create(**old, finished_at=NOW)
    assert handlers.rhythms()["outbox.sweep"] == Every(timedelta(minutes=1))
    put_due_moments(now=NOW)
    later = NOW + queue.KEPT + HOUR
    work_off(pace=Pace(), clock=lambda: later)
    assert not OutboxRow.objects.filter(dedupe="old").exists()


def test_slips_in_declaring_jobs_are_told_at_import(runs):
    with pytest.raises(ValueError, match="Two functions handle 'tick'"):
        handles("tick")(lambda payload, *, now: None)
    with pytest.raises(ValueError, match="@handles"):
        daily(time(3))(lambda payload, *, now: None)
    with pytest.raises(ValueError, match="at least a second"):
        every(hours=0)

    def both(payload, *, now):
        return None

    with pytest.raises(ValueError, match="one kind"):
        daily(time(3), "America/Denver")(handles("a")(handles("b")(both)))
