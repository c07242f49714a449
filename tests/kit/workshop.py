"""A worker's process, for tests that kill it, stop it, or let two of them race. One JSON line on the way out of each.

    python -m tests.kit.workshop put 200
    python -m tests.kit.workshop work --batch 20 --signal KILL --at 57 --when before
    python -m tests.kit.workshop report

The handler of `note` leaves a `done` row, due in ten years: an effect in the same database, to be there exactly once.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django
from django.db import OperationalError, connection, transaction

FAR = timedelta(days=3650)


def main() -> None:
    django.setup()
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("put").add_argument("count", type=int)
    commands.add_parser("report")
    commands.add_parser("schedule").add_argument("start", type=datetime.fromisoformat)
    for name in ("work", "command"):
        worker = commands.add_parser(name)
        worker.add_argument("--batch", type=int, default=20)
        worker.add_argument("--ahead", type=int, default=0, help="seconds that the clock of this worker is fast")
        worker.add_argument("--signal", choices=["KILL", "TERM", "INT"])
        worker.add_argument("--at", type=int, default=0, help="the row in the middle of which the signal comes")
        worker.add_argument("--when", choices=["before", "after"], default="after", help="its effect is written")
        worker.add_argument("--cut", type=int, default=0, help="rows during which the database goes away")
        worker.add_argument("--wait", action="store_true", help="say `ready`, begin when a line comes in")
    options = parser.parse_args()
    {"put": put, "report": report, "schedule": schedule, "work": work, "command": command}[options.command](options)


def answer(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def wait_for_start() -> None:
    answer(ready=True)
    sys.stdin.readline()


def put(options: argparse.Namespace) -> None:
    from astro.kit.clock import utc_now
    from astro.kit.outbox import queue

    known(options)
    with transaction.atomic():
        jobs = [queue.Job("note", {"number": number}, 0) for number in range(options.count)]
        answer(put=queue.put_all(jobs, now=utc_now()))


def report(options: argparse.Namespace) -> None:
    from astro.kit.models import OutboxRow

    waiting = OutboxRow.objects.filter(kind="note")
    answer(
        done=sorted(row.payload["number"] for row in OutboxRow.objects.filter(kind="done")),
        waiting=sorted(row.payload["number"] for row in waiting),
        claimed=sum(row.attempts for row in waiting),
        parked=OutboxRow.objects.filter(parked__isnull=False).count(),
        errors=sorted(set(waiting.exclude(error="").values_list("error", flat=True))),
        moments=sorted(OutboxRow.objects.filter(kind="moment").values_list("dedupe", flat=True)),
    )


def schedule(options: argparse.Namespace) -> None:
    """200 moments, a minute apart, and the one before them that makes the schedule known."""
    from astro.kit.outbox import handlers
    from astro.kit.outbox.schedules import put_due_moments

    handlers._discover()
    handlers._rhythms.clear()
    handlers.every(minutes=1)(handlers.handles("moment")(lambda payload, *, now: None))
    wait_for_start()
    answer(put=[put_due_moments(now=options.start + timedelta(minutes=minute)) for minute in range(201)])


def work(options: argparse.Namespace) -> None:
    from astro.kit.clock import utc_now
    from astro.kit.models import OutboxRow
    from astro.kit.outbox.worker import Pace, work

    taken = known(options)

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=options.ahead)

    class Done:
        """Set when nothing is due: then the test has nothing more to wait for."""

        def is_set(self) -> bool:
            return False

        def wait(self, seconds: float) -> None:
            if not OutboxRow.objects.filter(kind="note", due__lte=clock()).exists():
                answer(taken=taken)
                os._exit(0)

    if options.wait:
        wait_for_start()
    work(Done(), pace=Pace(batch=options.batch, wait=timedelta(milliseconds=1)), clock=clock)  # type: ignore[arg-type]


def command(options: argparse.Namespace) -> None:
    """The real command, as `astro worker` runs it."""
    from django.core.management import call_command

    taken = known(options)
    call_command("worker", batch=options.batch)
    answer(taken=taken)


def known(options: argparse.Namespace) -> list[int]:
    """Make the handlers known; the list that is returned grows with the rows that are taken up."""
    from astro.kit.outbox import handlers, queue

    handlers._discover()
    handlers._rhythms.clear()
    taken: list[int] = []

    def note(payload: dict[str, Any], *, now: datetime) -> None:
        taken.append(payload["number"])
        hit = getattr(options, "signal", None) and len(taken) == options.at
        if hit and options.when == "before":
            send_signal()
        queue.put("done", payload, retailer_id=0, due=now + FAR, now=now)
        if hit and options.when == "after":
            send_signal()
        if len(taken) <= getattr(options, "cut", 0):
            cut()

    def send_signal() -> None:
        os.kill(os.getpid(), getattr(signal, f"SIG{options.signal}"))

    handles: Callable[[str], Callable[[Any], Any]] = handlers.handles
    handles("note")(note)
    handles("done")(lambda payload, *, now: None)
    return taken


def cut() -> None:
    """The database goes away in the middle of a row."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")
    connection.close_if_unusable_or_obsolete()
    connection.connection.close()
    raise OperationalError("gone")


if __name__ == "__main__":
    main()
