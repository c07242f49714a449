"""The dead man's switch of every schedule: in the database, for the doctor, and by silence at an address outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
import requests

from astro.desk import checkup
from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox import handlers, worker
from astro.kit.outbox.handlers import every, handles, rhythms
from astro.kit.outbox.heartbeat import PAUSE, Heartbeat
from astro.kit.outbox.schedules import SLACK, late_schedules, put_due_moments, unseen_schedules
from astro.kit.outbox.worker import Pace, work, work_off

NOW = datetime(2026, 11, 22, 10, 3, tzinfo=UTC)
PACE = Pace(lease=timedelta(minutes=2))
HOUR = timedelta(hours=1)
SECRET = "/ping/0b1c-this-check"


class Post(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def post():
    """Who is asked outside: a real server, with `status` to answer and what was `asked`."""
    with HTTPServer(("127.0.0.1", 0), Post) as server:
        server.asked, server.status = [], 200
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        server.address_of_check = f"http://127.0.0.1:{server.server_port}{SECRET}"
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def hourly(monkeypatch):
    """One hourly schedule and nothing else; `hourly.fails` makes it fail."""
    handlers._discover()
    for name in ("_handlers", "_rhythms", "_looks"):
        monkeypatch.setattr(handlers, name, {})

    class Book:
        fails = False

    @every(hours=1)
    @handles("tick")
    def tick(payload, *, now):
        if Book.fails:
            raise ValueError("no tray left")

    return Book


def worker_at(now):
    return work_off(pace=PACE, clock=lambda: now)


@pytest.mark.django_db
class TestSwitch:
    def test_a_kind_nobody_has_seen_is_told_apart(self, hourly):
        assert unseen_schedules() == ["tick"]
        worker_at(NOW)
        assert unseen_schedules() == []

    def test_what_came_through_is_in_time(self, hourly):
        worker_at(NOW)
        assert worker_at(NOW + HOUR) == 1
        row = Schedule.objects.get()
        assert (row.done, row.done_at) == (NOW.replace(minute=0) + HOUR, NOW + HOUR)
        assert late_schedules(now=NOW + HOUR) == {}

    def test_what_did_not_run_is_late_after_its_slack(self, hourly):
        worker_at(NOW)
        eleven = NOW.replace(hour=11, minute=0)
        assert late_schedules(now=eleven + SLACK) == {}
        over = SLACK + timedelta(seconds=1)
        assert late_schedules(now=eleven + over) == {"tick": over}

    def test_what_fails_is_late_although_a_worker_is_at_work(self, hourly):
        worker_at(NOW)
        hourly.fails = True
        for minutes in (60, 65, 80):
            worker_at(NOW + timedelta(minutes=minutes))
        assert set(late_schedules(now=NOW + timedelta(minutes=80))) == {"tick"}
        hourly.fails = False
        worker_at(NOW + timedelta(hours=4))
        assert late_schedules(now=NOW + timedelta(hours=4)) == {}

    def test_an_older_moment_that_comes_through_late_does_not_turn_back_the_newer(self, hourly):
        worker_at(NOW)
        worker_at(NOW + 2 * HOUR)
        done = Schedule.objects.get().done
        old = (done - HOUR).isoformat()
        OutboxRow.objects.create(retailer_id=0, kind="tick", payload={"moment": old}, created_at=NOW, due=NOW)
        worker_at(NOW + 2 * HOUR)
        assert Schedule.objects.get().done == done

    def test_a_week_without_a_worker_is_one_late_schedule_and_one_run(self, hourly):
        worker_at(NOW)
        then = NOW + timedelta(days=7)
        assert late_schedules(now=then)["tick"] > timedelta(days=6)
        assert worker_at(then) == 1
        assert late_schedules(now=then) == {}

    def test_the_doctor_names_what_is_late(self, hourly, monkeypatch):
        worker_at(NOW)
        monkeypatch.setattr(checkup, "utc_now", lambda: NOW + 3 * HOUR)
        assert checkup.late_by_the_clock() == [
            "The schedule tick should have come through 2 hours ago. The worker's log says why it does not."
        ]

    def test_every_schedule_of_the_house_has_its_switch(self):
        """With all that are there: a day later, each of them is late."""
        put_due_moments(now=NOW)
        assert late_schedules(now=NOW + timedelta(days=2)).keys() == rhythms().keys()


@pytest.mark.django_db
class TestHeartbeat:
    def test_the_address_is_asked_once_a_minute_while_all_is_in_time(self, hourly, post):
        worker_at(NOW)
        beat = Heartbeat(post.address_of_check)
        assert [beat(NOW), beat(NOW + PAUSE / 2), beat(NOW + PAUSE)] == [True, False, True]
        assert post.asked == [SECRET, SECRET]

    def test_it_falls_silent_when_a_schedule_is_late_and_speaks_again(self, hourly, post, caplog):
        worker_at(NOW)
        beat = Heartbeat(post.address_of_check)
        assert not beat(NOW + 2 * HOUR)
        assert not beat(NOW + 2 * HOUR + PAUSE)
        assert post.asked == []
        assert [record.getMessage() for record in caplog.records] == ["No heartbeat: tick late."]
        worker_at(NOW + 2 * HOUR + PAUSE)
        assert beat(NOW + 2 * HOUR + 2 * PAUSE)
        assert post.asked == [SECRET]

    @pytest.mark.parametrize("status", [500, 404, 302])
    def test_a_no_is_told_once_and_the_address_never(self, hourly, post, caplog, status):
        post.status = status
        worker_at(NOW)
        beat = Heartbeat(post.address_of_check)
        assert [beat(NOW), beat(NOW + PAUSE)] == [False, False]
        assert post.asked == [SECRET, SECRET]
        told = [record.getMessage() for record in caplog.records if record.name.startswith("astro.")]
        assert told == [f"The heartbeat's address answers with status {status}."]

    def test_nobody_at_the_address_stops_no_worker(self, hourly, caplog):
        beat = Heartbeat("http://127.0.0.1:9/0b1c-secret")
        worker_at(NOW)
        assert not beat(NOW)
        assert "does not answer" in caplog.text
        assert "0b1c" not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("astro."))

    def test_an_address_that_says_nothing_is_left(self, hourly):
        worker_at(NOW)

        def hang(address):
            raise requests.Timeout

        assert not Heartbeat("http://example.com", ask=hang)(NOW)

    def test_without_an_address_nobody_is_asked(self, hourly):
        assert not Heartbeat("", ask=lambda address: 1 / 0)(NOW)

    def test_a_clock_that_was_set_back_does_not_silence_it(self, hourly, post):
        worker_at(NOW)
        beat = Heartbeat(post.address_of_check)
        assert beat(NOW)
        assert beat(NOW - timedelta(minutes=30))

    def test_the_worker_beats_after_each_round(self, hourly, post, monkeypatch):
        monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # the test's own transaction is on it
        stop = Event()
        beat = Heartbeat(post.address_of_check)

        def after_round(now):
            beat(now)
            stop.set()

        work(stop, pace=PACE, clock=lambda: NOW, after_round=after_round)
        assert post.asked == [SECRET]
