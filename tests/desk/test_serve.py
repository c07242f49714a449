"""`astro serve`, the whole of it: a process of its own on a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from astro.desk.management.commands.serve import refuse_taken_port
from tests.servers import KEY

ROOT = Path(__file__).parents[2]


def astro(*arguments, **environment):
    """Astro in a process of its own, with nothing of this one's settings."""
    env = {"PATH": os.environ["PATH"], "ASTRO_SECRET_KEY": KEY, **environment}
    return subprocess.run(
        [sys.executable, "-m", "astro", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_told_in_a_sentence(taken):
    with pytest.raises(CommandError, match=rf"Port {taken} is taken\. Stop what runs there, or use another: PORT="):
        call_command("serve", port=taken)


def test_a_free_port_is_free(port):
    refuse_taken_port("127.0.0.1", port)


def test_an_empty_database_is_not_served(port, tmp_path):
    answer = astro("serve", PORT=str(port), ASTRO_DATA=str(tmp_path))
    assert answer.returncode == 1
    assert answer.stderr == "CommandError: Astro does not start:\nThe database is empty. Run `astro migrate`.\n"


@pytest.mark.once
def test_serves_and_works_until_it_is_told_to_stop(port, tmp_path):
    """Pages, health and the worker beside them; both gone afterwards."""
    there = {"ASTRO_DATA": str(tmp_path), "PORT": str(port)}
    assert astro("migrate", "--verbosity", "0", **there).returncode == 0
    assert astro("collectstatic", "--noinput", "--verbosity", "0", **there).returncode == 0
    env = {"PATH": os.environ["PATH"], "ASTRO_SECRET_KEY": KEY, **there}
    serve = [sys.executable, "-m", "astro", "serve", "--workers", "1"]
    with subprocess.Popen(serve, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == f"Astro is at http://127.0.0.1:{port} (Ctrl-C stops it).\n"
            address = f"http://127.0.0.1:{port}"
            assert read_when_up(f"{address}/live") == '{"live": true}'
            assert read_when_up(f"{address}/ready") == '{"ready": true}'
            page = read_when_up(f"{address}/sign-in/")
            told = read_when_up(f"{address}/metrics")
            assert 'astro_requests_total{route="accounts:sign_in",status="2xx"} 1.0' in told
            assert re.search(r"/static/kit/app\.[0-9a-f]{12}\.css", page)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    refuse_taken_port("127.0.0.1", port)


def read_when_up(address):
    """What this address answers, as soon as somebody listens there."""
    while True:
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own address
                return answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError as problem:
            if not isinstance(problem.reason, ConnectionRefusedError):
                raise


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_superuser_is_not_served(port, tmp_path):
    address = f"{os.environ['ASTRO_TEST_SUPERUSER_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    answer = astro("serve", PORT=str(port), ASTRO_DATA=str(tmp_path), DATABASE_URL=address)
    assert answer.returncode == 1
    assert "The role “postgres” passes every wall" in answer.stderr
    assert "Traceback" not in answer.stderr
    told = astro("doctor", ASTRO_DATA=str(tmp_path), DATABASE_URL=address)
    assert told.returncode == 1
    assert "The role “postgres” passes every wall" in told.stdout


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("//astro:", "//astro:not-"), "PostgreSQL refuses the password of “astro” in DATABASE_URL"),
        (("//astro:", "//astro_owner:"), "PostgreSQL refuses the password of “astro_owner”"),
        (("/astro", "/nothing"), "PostgreSQL has no database “nothing”."),
        (("127.0.0.1:", "127.0.0.2:"), "No PostgreSQL answers at 127.0.0.2"),
    ],
)
def test_a_wrong_address_is_told_in_a_sentence(wrong, sentence, tmp_path):
    old, new = wrong
    head, _, tail = os.environ["DATABASE_URL"].rpartition(old)
    told = astro("doctor", ASTRO_DATA=str(tmp_path), DATABASE_URL=f"{head}{new}{tail}")
    assert told.returncode == 1
    assert sentence in told.stdout
    assert "Traceback" not in told.stderr
    migrated = astro("migrate", ASTRO_DATA=str(tmp_path), DATABASE_URL=f"{head}{new}{tail}")
    assert migrated.returncode == 1
    assert "Traceback" not in migrated.stderr
