"""The real server in a process of its own: `astro serve`, as it comes, on a free port of this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from astro.desk.bench.errors import DidNotStart
from astro.desk.bench.http import Connection
from astro.desk.bench.machine import command_of, cpu_seconds, family

HOST = "127.0.0.1"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    def cpu(self) -> dict[int, float]:
        """Processor time of the web server's processes; the outbox worker and the parent of both stand aside."""
        return cpu_seconds(pid for pid in family(self.pid) if pid != self.pid and "astro worker" not in command_of(pid))


@contextlib.contextmanager
def running(*, log: Path) -> Iterator[Server]:
    """Serve until the block ends, Ctrl-C included. Raises DidNotStart with what the server said."""
    port = _free_port()
    command = [sys.executable, "-m", "astro", "serve", "--host", HOST, "--port", str(port)]
    with log.open("wb") as out:
        # In a group of its own: Ctrl-C comes to us, and we stop it once.
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=os.environ, stdout=out, stderr=out, process_group=0
        )
    try:
        _wait(process, port, log)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    request = f"GET /live HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode()
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = Connection(HOST, port, patience=2.0)
            answer = connection.ask(request)
            connection.close()
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise DidNotStart(f"The server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
