import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate
from uuid import RFC_4122, UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from astro.kit import ids
from astro.kit.ids import MAX_ID, TAIL_BITS, IdField, id_text, new_id, new_ids, new_uuid7

UNIX = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests set: `clock.now` in milliseconds since 1970, and a process that has made no id yet."""

    class Clock:
        now = ids.EPOCH_MS + 1_000

    monkeypatch.setattr(ids, "_milliseconds", lambda: Clock.now)
    monkeypatch.setattr(ids, "_counter", ids._Counter())
    return Clock


def test_an_id_carries_its_millisecond_and_fits_a_bigint(clock):
    clock.now = ids.EPOCH_MS + 123_456
    assert new_id() >> TAIL_BITS == 123_456
    clock.now = ids.EPOCH_MS + 2**41 - 1  # in 2093
    assert 0 < new_id() <= MAX_ID


def test_ids_after_the_last_millisecond_are_refused(clock):
    clock.now = ids.EPOCH_MS + 2**41
    with pytest.raises(OverflowError):
        new_id()


def test_the_tail_is_random_where_a_run_begins(clock, monkeypatch):
    first = set()
    for _run in range(50):
        monkeypatch.setattr(ids, "_counter", ids._Counter())
        first.add(new_id())
    assert len(first) > 45


@given(steps=st.lists(st.integers(min_value=-10_000, max_value=10_000), min_size=1, max_size=60))
def test_ids_grow_whatever_the_clock_does(steps):
    counter = ids._Counter()
    times = accumulate(steps, initial=ids.EPOCH_MS + 600_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "_milliseconds", lambda: next(times))
        made = [one for _step in steps for one in counter.take(3)]
    assert made == sorted(set(made))
    assert 0 < made[0] < made[-1] <= MAX_ID


def test_a_clock_set_back_goes_on_counting(clock):
    before = new_id()
    clock.now -= 3_600_000
    assert new_id() == before + 1


def test_many_ids_run_on_and_push_the_next_ones_up(clock):
    many = new_ids(1000)
    assert list(many) == list(range(many[0], many[0] + 1000))
    assert new_id() == many[-1] + 1
    assert list(new_ids(0)) == []
    with pytest.raises(ValueError, match="0 or more"):
        new_ids(-1)


def test_a_run_longer_than_a_millisecond_holds_never_repeats(clock):
    first = new_ids(2**TAIL_BITS)
    clock.now += 1
    assert new_id() > first[-1]


class Interrupted(ids._Counter):
    """A counter in which another thread may come between reading the last id and writing it."""

    @property
    def last(self):
        kept = self.kept
        for _moment in range(200):
            pass
        return kept

    @last.setter
    def last(self, value):
        self.kept = value


def test_threads_never_share_an_id(clock, monkeypatch):
    monkeypatch.setattr(ids, "_counter", Interrupted())
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda _: [*new_ids(3), *(new_id() for _ in range(200))], range(16)))
    finally:
        sys.setswitchinterval(usual)
    made = [one for run in runs for one in run]
    assert len(set(made)) == len(made)
    assert all(run == sorted(run) for run in runs)


FORKS = """
import json, os, sys
from astro.kit import ids
now = ids._milliseconds()
ids._milliseconds = lambda: now           # every process stands in the same millisecond
ids.new_id()
ends = []
for _ in range(4):
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, json.dumps(list(ids.new_ids(5))).encode())
        os._exit(0)
    os.close(write)
    ends.append(read)
print(json.dumps([json.loads(os.read(end, 4096)) for end in ends] + [list(ids.new_ids(5))]))
"""


def test_forked_processes_do_not_repeat_each_other():
    answer = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True, timeout=60)
    made = [one for run in json.loads(answer.stdout) for one in run]
    assert len(set(made)) == len(made) == 25


def test_text_keeps_what_a_javascript_number_would_lose():
    assert id_text(2**53 + 1) == "9007199254740993"


@given(st.datetimes(min_value=UNIX.replace(tzinfo=None), timezones=st.just(UTC)))
def test_uuid7_has_the_layout_of_the_rfc(moment):
    made = new_uuid7(moment)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == (moment - UNIX) // timedelta(milliseconds=1)


def test_uuid7_is_random_sorts_by_time_and_wants_a_zone():
    moment = datetime(2026, 11, 22, 10, 0, 0, 1000, tzinfo=UTC)
    assert len({new_uuid7(moment) for _ in range(100)}) == 100
    assert str(new_uuid7(moment)) < str(new_uuid7(moment + timedelta(milliseconds=1)))
    elsewhere = moment.astimezone(timezone(timedelta(hours=-7)))
    assert new_uuid7(elsewhere).int >> 80 == new_uuid7(moment).int >> 80
    assert isinstance(new_uuid7(moment), UUID)
    with pytest.raises(ValueError, match="time zone"):
        new_uuid7(moment.replace(tzinfo=None))


def test_the_field_settles_what_a_key_is():
    field = IdField()
    assert (field.primary_key, field.default, field.editable) == (True, new_id, False)
    _name, path, args, kwargs = field.deconstruct()
    assert (path, list(args), kwargs) == ("astro.kit.ids.IdField", [], {})
    assert field.db_type(connection) == ("integer" if connection.vendor == "sqlite" else "bigint")
