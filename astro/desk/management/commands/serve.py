"""`astro serve`: the web server and the worker, side by side, until Ctrl-C."""

import os
import socket
import sys
from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from astro.desk.checkup import BEFORE_SERVING
from astro.desk.supervision import Child, keep_running
from astro.kit import metrics
from astro.kit.at_work import at_work

THREADS = 4
"""Requests that one web process answers at a time; each holds one connection to the database."""


class Command(BaseCommand):
    help = "Serves the pages, and runs the worker that empties the outbox beside them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for other machines; they need HTTPS")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1), help="web processes")
        parser.add_argument("--worker", action=BooleanOptionalAction, default=True, help="run the outbox worker too")

    def handle(self, *args: Any, host: str, port: int, workers: int, worker: bool, **options: Any) -> None:
        refuse_taken_port(host, port)
        for check in BEFORE_SERVING:
            if found := check():
                raise CommandError("\n".join(["Astro does not start:", *found]))
        os.environ[metrics.FOLDER] = str(count_in(settings.DATA / "metrics" / str(port)))
        children = [Child("web server", _web(host, port, workers), restarts=False)]
        if worker:
            children.append(Child("worker", [sys.executable, "-m", "astro", "worker"], restarts=True))
        self.stdout.write(f"Astro is at http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port} (Ctrl-C stops it).")  # noqa: S104
        self.stdout.flush()
        with at_work(settings.DATA):
            sys.exit(keep_running(children, tell=self.stderr.write))


def count_in(folder: Path) -> Path:
    """Where the processes of this server count, empty: a restart begins at zero, which Prometheus understands. The port
    is in its name, so that two servers beside each other each keep their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    return folder


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CommandError when something else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as problem:
            raise CommandError(f"Port {port} is reserved for the administrator. Use another: PORT=8000") from problem
        except OSError as problem:
            raise CommandError(
                f"Port {port} is taken. Stop what runs there, or use another: PORT={port + 1} ./run"
            ) from problem


def _web(host: str, port: int, workers: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(THREADS)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"),
        "astro.project.wsgi:application",
    ]
