"""`astro worker`: does what the outbox holds, until it is told to stop."""

import signal
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from threading import Event, Thread
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from astro.kit.at_work import at_work
from astro.kit.outbox.heartbeat import Heartbeat
from astro.kit.outbox.worker import Pace, work, work_off


class Command(BaseCommand):
    help = "Does what the outbox holds: messages, schedules, everything that happens after a commit."
    requires_system_checks = ()  # they would load every page, and a worker serves none

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = Pace()
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--batch", type=_at_least_one, default=usual.batch, help="rows to claim at once")
        parser.add_argument(
            "--lease",
            type=_at_least_one,
            default=int(usual.lease.total_seconds()),
            help="seconds after which the rows of a dead worker are taken by another",
        )

    def handle(self, *args: Any, once: bool, batch: int, lease: int, **options: Any) -> None:
        pace = Pace(batch=batch, lease=timedelta(seconds=lease))
        with at_work(settings.DATA):
            self._work(pace, once=once)

    def _work(self, pace: Pace, *, once: bool) -> None:
        if once:
            self.stdout.write(f"{work_off(pace=pace)} rows taken up.")
            return
        work(_stopped_by_signals(), pace=pace, after_round=Heartbeat(settings.HEARTBEAT_URL))


def _stopped_by_signals() -> Event:
    """An event that SIGTERM and SIGINT set: the row at hand is finished. A second signal ends the process at once."""
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        # In a thread: the signal may have come while this very thread held the event's lock.
        Thread(target=stop.set).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"must be a whole number from 1 up, not {text!r}")
    return int(text)
