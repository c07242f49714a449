import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.models import F

from astro.kit.asking import NOBODY, Asking, asked, asking
from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox import handlers, queue, worker
from astro.kit.outbox.worker import Pace, handle, work_off, work_round
from astro.tenancy import current
from astro.tenancy.models import Location

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PACE = Pace(batch=10, lease=timedelta(minutes=2))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def jobs(no_jobs):
    """An empty book of handlers, to be filled by the test."""
    return handlers.handles


def put(kind, *, count=1, retailer_id=0, **payload):
    queue.put_all(
        [queue.Job(kind, {"number": number, **payload}, retailer_id) for number in range(1, count + 1)], now=NOW
    )


def waiting():
    return [row.payload["number"] for row in OutboxRow.objects.exclude(due=None).order_by("id")]


@pytest.mark.django_db
def test_a_job_is_asked_for_by_whom_put_it(jobs, django_assert_num_queries):
    """And so is what that job puts in its turn; the next row is the clock's again."""
    seen = []

    def look(payload, *, now):
        seen.append(asking())
        if payload["again"]:
            queue.put("look", {"again": False}, retailer_id=0, now=now)

    jobs("look")(look)
    with asked(really_by=7, address="2001:db8::7"), django_assert_num_queries(1):
        queue.put("look", {"again": True}, retailer_id=0, now=NOW)
    work_off(pace=PACE, clock=lambda: NOW)
    queue.put("look", {"again": False}, retailer_id=0, now=NOW)
    work_off(pace=PACE, clock=lambda: NOW)
    assert seen == [Asking(7, "2001:db8::7"), Asking(7, "2001:db8::7"), NOBODY]


@pytest.mark.django_db
def test_a_parked_job_taken_up_anew_is_still_asked_for_by_the_same(jobs):
    seen = []
    jobs("look")(lambda payload, *, now: seen.append(asking()))
    with asked(really_by=7, address="192.0.2.1"):
        queue.put("look", {}, retailer_id=0, now=NOW)
    OutboxRow.objects.update(due=None, parked=NOW)
    queue.requeue(OutboxRow.objects.get().pk, now=NOW)
    work_off(pace=PACE, clock=lambda: NOW)
    assert seen == [Asking(7, "192.0.2.1")]


@pytest.mark.django_db
class TestRows:
    def test_each_row_is_done_inside_its_retailer_with_the_moment_passed_in(self, jobs):
        seen = []
        jobs("look")(lambda payload, *, now: seen.append((current.scope(), payload["number"], now)))
        put("look", retailer_id=77)
        put("look", retailer_id=0)
        assert work_off(pace=PACE, clock=lambda: NOW) == 2
        assert (seen, current.scope()) == ([(77, 1, NOW), (0, 1, NOW)], None)
        assert OutboxRow.objects.count() == 0

    def test_a_handler_sees_the_rows_of_its_retailer_only(self, jobs, huxley, midtown, otherpaws, elsewhere):
        seen = []
        jobs("look")(lambda payload, *, now: seen.append([location.name for location in Location.objects.all()]))
        put("look", retailer_id=huxley.id)
        put("look", retailer_id=otherpaws.id)
        work_off(pace=PACE, clock=lambda: NOW)
        assert seen == [[midtown.name], [elsewhere.name]]

    def test_a_failure_undoes_what_its_handler_did_and_stops_nobody_else(self, jobs):
        @jobs("break")
        def break_something(payload, *, now):
            Schedule.objects.create(kind="half", moment=now)
            raise ValueError("no tray left")

        jobs("look")(lambda payload, *, now: None)
        put("break")
        put("look")
        assert work_off(pace=PACE, clock=lambda: NOW) == 2
        [row] = OutboxRow.objects.all()
        assert (row.kind, row.attempts, row.due > NOW) == ("break", 1, True)
        assert row.error.startswith("ValueError in ")
        assert row.error.endswith(": no tray left")
        assert Schedule.objects.count() == 0
        assert current.scope() is None

    def test_a_handler_that_swallows_an_error_of_the_database_has_failed(self, jobs):
        @jobs("swallow")
        def swallow(payload, *, now):
            Schedule.objects.create(kind="twice", moment=now)
            try:
                Schedule.objects.create(kind="twice", moment=now)
            except IntegrityError:
                return

        put("swallow")
        work_off(pace=PACE, clock=lambda: NOW)
        assert (Schedule.objects.count(), OutboxRow.objects.get().attempts) == (0, 1)
        assert OutboxRow.objects.get().error != ""

    def test_five_failures_park_the_row(self, jobs):
        @jobs("break")
        def break_something(payload, *, now):
            raise ValueError("no tray left")

        put("break")
        hours = iter(range(99))
        for _try in range(5):
            now = NOW + timedelta(hours=next(hours))
            assert work_off(pace=PACE, clock=lambda now=now: now) == 1
        assert work_off(pace=PACE, clock=lambda: NOW + timedelta(days=9)) == 0
        row = OutboxRow.objects.get()
        assert (row.attempts, row.due, row.parked) == (5, None, NOW + timedelta(hours=4))

    def test_a_kind_of_a_newer_release_waits_for_one(self, jobs):
        jobs("new")(lambda payload, *, now: None)
        put("new")
        handlers._handlers.clear()
        assert work_off(pace=PACE, clock=lambda: NOW) == 1
        row = OutboxRow.objects.get()
        assert (row.attempts, row.parked, row.error.split(" ")[0]) == (1, None, "UnknownKind")
        jobs("new")(lambda payload, *, now: None)
        assert work_off(pace=PACE, clock=lambda: NOW + timedelta(hours=1)) == 1
        assert OutboxRow.objects.count() == 0

    def test_what_a_handler_puts_is_done_in_the_next_round(self, jobs):
        seen = []

        @jobs("chain")
        def chain(payload, *, now):
            seen.append(payload["number"])
            if payload["number"] < 3:
                queue.put("chain", {"number": payload["number"] + 1}, retailer_id=0, now=now)

        put("chain")
        assert work_off(pace=PACE, clock=lambda: NOW) == 3
        assert seen == [1, 2, 3]

    def test_a_worker_that_slept_past_its_lease_finishes_nothing(self, jobs):
        @jobs("note")
        def note(payload, *, now):
            Schedule.objects.create(kind=f"{payload['number']} done", moment=now)

        put("note", count=4)
        slept = queue.claim(now=NOW, lease=PACE.lease, limit=10)
        woken = NOW + PACE.lease
        assert work_off(pace=PACE, clock=lambda: woken) == 4
        assert [handle(row, now=woken) for row in slept] == [False] * 4
        assert sorted(Schedule.objects.values_list("kind", "moment")) == [(f"{n} done", woken) for n in (1, 2, 3, 4)]
        assert OutboxRow.objects.count() == 0

    def test_what_was_done_beyond_the_lease_is_undone(self, jobs):
        @jobs("slow")
        def slow(payload, *, now):
            Schedule.objects.create(kind="late", moment=now)
            OutboxRow.objects.update(attempts=F("attempts") + 1)  # as another worker's claim does meanwhile

        put("slow")
        assert work_off(pace=PACE, clock=lambda: NOW) == 1
        assert Schedule.objects.count() == 0
        assert waiting() == [1]

    def test_rows_that_would_not_be_done_within_the_lease_are_given_back(self, jobs):
        time = [NOW]

        @jobs("slow")
        def slow(payload, *, now):
            time[0] += timedelta(seconds=50)

        put("slow", count=5)
        assert work_round(Event(), pace=PACE, clock=lambda: time[0]) == 3
        assert list(OutboxRow.objects.values_list("attempts", "due")) == [(0, time[0])] * 2

    def test_a_worker_told_to_stop_finishes_the_row_at_hand_and_gives_the_rest_back(self, jobs):
        stop = Event()

        @jobs("note")
        def note(payload, *, now):
            if payload["number"] == 2:
                stop.set()

        put("note", count=5)
        assert work_round(stop, pace=PACE, clock=lambda: NOW) == 2
        assert list(OutboxRow.objects.values_list("attempts", "due")) == [(0, NOW)] * 3

    def test_rows_tried_before_are_done_too_and_new_ones_do_not_wait_for_them(self, jobs):
        seen = []
        jobs("note")(lambda payload, *, now: seen.append(payload["number"]))
        put("note", count=30)
        OutboxRow.objects.filter(payload__number__lte=15).update(attempts=1)
        work_round(Event(), pace=PACE, clock=lambda: NOW)
        assert sorted(seen) == [*range(1, 11), *range(16, 26)]
        work_off(pace=PACE, clock=lambda: NOW)
        assert sorted(seen) == list(range(1, 31))

    def test_nothing_due_costs_reads_only(self, jobs, django_assert_num_queries):
        with django_assert_num_queries(2) as queries:
            assert work_round(Event(), pace=PACE, clock=lambda: NOW) == 0
        assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT"]

    def test_the_command_does_what_is_due_once(self, jobs, capsys):
        jobs("note")(lambda payload, *, now: None)
        put("note", count=3)
        call_command("worker", once=True)
        assert capsys.readouterr().out == "3 rows taken up.\n"
        assert OutboxRow.objects.count() == 0

    @pytest.mark.parametrize("wrong", ["--batch=0", "--batch=many", "--lease=0", "--lease=-5"])
    def test_the_command_refuses_numbers_that_make_no_sense(self, wrong):
        with pytest.raises(CommandError, match=f"{wrong.partition('=')[0]}: must be a whole number from 1 up"):
            call_command("worker", "--once", wrong)


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory):
    """A migrated SQLite file, to be copied: in-memory databases cannot be shared with other processes."""
    folder = tmp_path_factory.mktemp("outbox")
    file = folder / "empty.sqlite3"
    environment = {**os.environ, "ASTRO_DATA": str(folder), "DATABASE_URL": f"sqlite:///{file}"}
    migrate = [sys.executable, "-m", "astro", "migrate", "kit", "--verbosity", "0", "--skip-checks"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, timeout=60)
    return file


@pytest.fixture
def workshop(transactional_db, request, tmp_path):
    """Runs `tests/kit/workshop.py` in processes of its own, on a real file or a real server."""
    environment = {**os.environ, "ASTRO_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "astro.project.settings"}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        secret = quote(at["PASSWORD"], safe="")
        environment["DATABASE_URL"] = f"postgres://{at['USER']}:{secret}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    else:
        file = shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "outbox.sqlite3")
        environment["DATABASE_URL"] = f"sqlite:///{file}"
    started = []

    def start(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.workshop", *map(str, words)],
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process, *, code=0):
    """Wait for the process, and return what it said last."""
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == code, complaints
    return json.loads(said.splitlines()[-1]) if said else None


ALL = list(range(200))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_midway_leaves_nothing_undone_hanging_or_done_twice(workshop, when):
    end(workshop("put", 200))
    end(workshop("work", "--signal", "KILL", "--at", 57, "--when", when), code=-signal.SIGKILL)
    after = end(workshop("report"))
    assert (after["done"], after["waiting"]) == (ALL[:56], ALL[56:])
    assert after["claimed"] == 4  # the rest of the open batch of 20
    end(workshop("work", "--ahead", 3600, "--signal", "KILL", "--at", 90, "--when", when), code=-signal.SIGKILL)
    taken = end(workshop("work", "--ahead", 7200))["taken"]
    assert len(taken) == 200 - 56 - 89
    result = end(workshop("report"))
    assert (result["done"], result["waiting"], result["parked"]) == (ALL, [], 0)


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_worker_told_to_stop_finishes_the_row_at_hand(workshop, name):
    end(workshop("put", 50))
    answer = end(workshop("command", "--signal", name, "--at", 7))
    result = end(workshop("report"))
    assert answer["taken"][:7] == ALL[:7]
    assert result["done"] == answer["taken"]
    assert (result["waiting"], result["claimed"]) == (ALL[len(answer["taken"]) : 50], 0)
    assert len(answer["taken"]) < 50


def test_two_workers_share_the_rows_and_take_none_twice(workshop):
    end(workshop("put", 400))
    pair = [workshop("work", "--batch", 5, "--wait") for _worker in range(2)]
    for process in pair:
        assert json.loads(process.stdout.readline()) == {"ready": True}
    for process in pair:
        process.stdin.write("\n")
        process.stdin.flush()
    taken = [end(process)["taken"] for process in pair]
    assert sorted(taken[0] + taken[1]) == list(range(400))
    assert end(workshop("report"))["done"] == list(range(400))


def test_two_schedulers_put_200_moments_200_times(workshop):
    pair = [workshop("schedule", NOW.isoformat()) for _scheduler in range(2)]
    for process in pair:
        assert json.loads(process.stdout.readline()) == {"ready": True}
    for process in pair:
        process.stdin.write("\n")
        process.stdin.flush()
    put = [sum(end(process)["put"]) for process in pair]
    assert sum(put) == 200
    expected = [f"moment at {(NOW + timedelta(minutes=minute)).isoformat()}" for minute in range(1, 201)]
    assert end(workshop("report"))["moments"] == sorted(expected)


def test_a_worker_outlives_a_database_that_goes_away(workshop):
    end(workshop("put", 10))
    end(workshop("work", "--cut", 3, "--batch", 2))
    end(workshop("work", "--ahead", 3600))
    result = end(workshop("report"))
    assert (result["done"], result["waiting"], result["parked"]) == (ALL[:10], [], 0)


def test_waits_grow_while_the_database_is_away_and_end_with_it(monkeypatch, jobs):
    waits = []

    class Stop(Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            if len(waits) == 9:
                self.set()
            return True

    answers = iter([None] * 7)

    def clock():
        if next(answers, NOW) is None:
            raise worker.OperationalError("gone")
        return NOW

    monkeypatch.setattr(worker, "connection", type("Connection", (), {"close": staticmethod(lambda: None)}))
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker, "work_round", lambda stop, *, pace, clock: clock() and 0)
    worker.work(Stop(), pace=PACE, clock=clock)
    assert waits == [2, 4, 8, 16, 30, 30, 30, 1, 1]
