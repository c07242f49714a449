"""kill -9 of a real worker while it talks to a real mail server: no letter ever goes twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.messaging.mail_server import HANG, mail_server

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(tmp_path):
    """An installation of its own, with its own database; says how to run things in it."""

    def run(*words: str, port: int = 9) -> subprocess.Popen[str]:
        env = {
            "PATH": os.environ["PATH"],
            "ASTRO_DATA": str(tmp_path),
            "ASTRO_EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "ASTRO_MAIL_FROM": "stores@example.com",
            "ASTRO_PUBLIC_URL": "https://cards.example.com",
        }
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)

    return run


def done(process: subprocess.Popen[str]) -> str:
    with process:
        told, _errors = process.communicate(timeout=120)
    assert process.returncode == 0
    return told


STORE = ("-m", "tests.messaging.store_for_killing")


def test_a_worker_killed_while_the_server_has_the_letter_sends_it_once(installation):
    done(installation(*STORE, "ask"))
    with mail_server(DATA=HANG) as server:
        worker = installation("-m", "astro", "worker", port=server.port)
        try:
            assert server.has_letter.wait(timeout=60)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.communicate(timeout=20)
    assert len(server.letters) == 1
    with mail_server() as server:
        seen = json.loads(done(installation(*STORE, "later", "0", "14", "20", "3000", port=server.port)))
    assert seen == [[["welcome_email", state]] for state in ("sending", "sending", "unknown", "unknown")]
    assert server.letters == []
