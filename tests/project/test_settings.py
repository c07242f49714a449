"""A wrong setting stops the start with one sentence; every setting stands in `.env.example`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]

WRONG = {
    "PORT=abc": "PORT must be a whole number from 1 to 65535, not 'abc'.",
    "PORT=0": "PORT must be a whole number from 1 to 65535, not '0'.",
    "PORT=": "PORT must be a whole number from 1 to 65535, not ''.",
    "DATABASE_URL=mysql://localhost/astro": "DATABASE_URL must begin with postgres:// or sqlite:///, not 'mysql'.",
    "DATABASE_URL=": "DATABASE_URL must begin with postgres:// or sqlite:///, not ''.",
    "DATABASE_URL=sqlite:": "DATABASE_URL names no file: write sqlite:///var/astro.sqlite3.",
    "DATABASE_URL=postgres://": "DATABASE_URL needs a user and a database:",
    "DATABASE_URL=postgres://astro:x@localhost:port/astro": "DATABASE_URL cannot be read:",
    "ASTRO_SECRET_KEY=short": "ASTRO_SECRET_KEY must have at least 50 characters.",
    "ASTRO_HTTPS=perhaps": "ASTRO_HTTPS must be yes or no, not 'perhaps'.",
    "ASTRO_DEBUG=perhaps": "ASTRO_DEBUG must be yes or no, not 'perhaps'.",
    "ASTRO_DATA=": "ASTRO_DATA is empty.",
    "ASTRO_DATA=/dev/null/astro": "ASTRO_DATA (/dev/null/astro) cannot be written (Not a directory).",
    "ASTRO_HOSTS=": "ASTRO_HOSTS must be host names",
    "ASTRO_HOSTS=https://cards.example.com": "ASTRO_HOSTS must be host names",
    "ASTRO_ORIGINS=cards.example.com": "ASTRO_ORIGINS must be addresses that begin with https://",
    "ASTRO_EMAIL_URL=pigeon://post": "ASTRO_EMAIL_URL must be like smtp+tls://",
    "ASTRO_LOG_LEVEL=loud": "ASTRO_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.",
}


def check(tmp_path, setting):
    name, _, value = setting.partition("=")
    env = {"PATH": os.environ["PATH"], "ASTRO_DATA": str(tmp_path), name: value}
    return subprocess.run(
        [sys.executable, "-m", "astro", "check", "--tag", "models"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("setting", "sentence"), WRONG.items(), ids=WRONG.keys())
def test_a_wrong_setting_stops_the_start_with_a_sentence(setting, sentence, tmp_path):
    answer = check(tmp_path, setting)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Astro cannot start: {sentence}")
    assert answer.stderr.count("\n") == 1


def test_a_right_setting_starts(tmp_path):
    answer = check(tmp_path, "PORT=8001")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len((tmp_path / "secret-key").read_text()) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_the_secret_key_is_made_once(tmp_path):
    check(tmp_path, "PORT=8001")
    first = (tmp_path / "secret-key").read_text()
    check(tmp_path, "PORT=8001")
    assert (tmp_path / "secret-key").read_text() == first


def test_every_setting_stands_in_the_example():
    source = (ROOT / "astro" / "project" / "settings.py").read_text()
    read = set(re.findall(r"""(?:env\.\w+|whole_number|yes_or_no)\(\s*"([A-Z_]+)\"""", source))
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read == listed
    assert {"PORT", "DATABASE_URL", "ASTRO_DATA"} <= read
