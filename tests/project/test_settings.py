"""A wrong setting stops the start with one sentence; every setting stands in `.env.example`."""

import os
import re
import stat
import subprocess
import sys
from base64 import b16encode, b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from astro.project import settings

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
    f"ASTRO_SECRET_KEY={'x' * 60}": "ASTRO_SECRET_KEY can be guessed: it is of an example, or of few different",
    f"ASTRO_SECRET_KEY=django-insecure-{'secret' * 8}": "ASTRO_SECRET_KEY can be guessed",
    "ASTRO_LASTING_KEY=short": "ASTRO_LASTING_KEY must have at least 50 characters.",
    f"ASTRO_LASTING_KEY={'change-me' * 6}": "ASTRO_LASTING_KEY can be guessed",
    "DATABASE_URL=postgres://astro:password@localhost:5432/astro": "The password in DATABASE_URL can be guessed",
    "DATABASE_URL=postgres://astro:change%20me@localhost/astro": "The password in DATABASE_URL can be guessed",
    "DATABASE_URL=postgres://astro:astro@localhost/astro": "The password in DATABASE_URL can be guessed",
    "ASTRO_HTTPS=perhaps": "ASTRO_HTTPS must be yes or no, not 'perhaps'.",
    "ASTRO_DEBUG=perhaps": "ASTRO_DEBUG must be yes or no, not 'perhaps'.",
    "ASTRO_DATA=": "ASTRO_DATA is empty.",
    "ASTRO_DATA=/dev/null/astro": "ASTRO_DATA (/dev/null/astro) cannot be written (Not a directory).",
    "ASTRO_HOSTS=": "ASTRO_HOSTS must be host names",
    "ASTRO_HOSTS=https://cards.example.com": "ASTRO_HOSTS must be host names",
    "ASTRO_ORIGINS=cards.example.com": "ASTRO_ORIGINS must be addresses that begin with https://",
    "ASTRO_PUBLIC_URL=cards.example.com": "ASTRO_PUBLIC_URL must be like https://cards.example.com, without a path.",
    "ASTRO_PUBLIC_URL=https://example.com/cards": "ASTRO_PUBLIC_URL must be like https://cards.example.com",
    "ASTRO_EMAIL_URL=pigeon://post": "ASTRO_EMAIL_URL must be like smtp+tls://",
    "ASTRO_EMAIL_URL=smtp://mail.example.com": "ASTRO_MAIL_FROM must be an e-mail address like stores@example.com",
    "ASTRO_MAIL_FROM=stores": "ASTRO_MAIL_FROM must be an e-mail address like stores@example.com, not 'stores'.",
    "ASTRO_MAIL_PROVIDER=pigeon": "ASTRO_MAIL_PROVIDER must be one of brevo, mailersend, mailgun,",
    "ASTRO_MAIL_PROVIDER=postmark": "ASTRO_MAIL_KEY is missing: postmark wants its SERVER_TOKEN.",
    "ASTRO_SUPPORT_EMAIL=support": "ASTRO_SUPPORT_EMAIL must be an e-mail address like support@example.com, or empty;",
    "ASTRO_TEXT_URL=https://api.twilio.com": "ASTRO_TEXT_URL must be like twilio://SID:TOKEN@api.twilio.com",
    "ASTRO_TEXT_URL=twilio://SID@api.twilio.com": "ASTRO_TEXT_URL must be like twilio://SID:TOKEN@api.twilio.com",
    "ASTRO_TEXT_URL=twilio://SID:TOKEN@host:port": "ASTRO_TEXT_URL must be like twilio://SID:TOKEN@api.twilio.com",
    "ASTRO_LOG_FORMAT=xml": "ASTRO_LOG_FORMAT must be text or json, not 'xml'.",
    "ASTRO_METRICS_TOKEN=short": "ASTRO_METRICS_TOKEN must have at least 20 characters, without spaces.",
    f"ASTRO_METRICS_TOKEN={'the-token' * 3}": "ASTRO_METRICS_TOKEN can be guessed",
    f"ASTRO_METRICS_TOKEN={'ab' * 20}": "ASTRO_METRICS_TOKEN can be guessed",
    "ASTRO_TEXT_URL=twilio://AC1:TOKEN@api.twilio.com": "ASTRO_TEXT_URL has the token of the example",
    "ASTRO_HEARTBEAT_URL=hc-ping.com/x": "ASTRO_HEARTBEAT_URL must be like https://hc-ping.com/your-own-check.",
    "ASTRO_LOG_LEVEL=loud": "ASTRO_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.",
}


MAIL = {"ASTRO_MAIL_PROVIDER": "postmark", "ASTRO_MAIL_KEY": "k-4f1c9"}
HOOK = {"ASTRO_MAIL_HOOK_SECRET": "postmark:made-up-by-the-operator"}
FROM = {"ASTRO_MAIL_FROM": "stores@example.com"}
LINKS = {"ASTRO_PUBLIC_URL": "https://cards.example.com"}

INCOMPLETE_MAIL = [
    (MAIL, "ASTRO_MAIL_HOOK_SECRET must be a name and a password that you make up"),
    (MAIL | {"ASTRO_MAIL_HOOK_SECRET": "short:one"}, "ASTRO_MAIL_HOOK_SECRET must be"),
    (
        MAIL | {"ASTRO_MAIL_HOOK_SECRET": "a-name-that-is-long:short"},
        "The password in ASTRO_MAIL_HOOK_SECRET must have",
    ),
    (MAIL | {"ASTRO_MAIL_HOOK_SECRET": f"postmark:{'password' * 3}"}, "The password in ASTRO_MAIL_HOOK_SECRET can be"),
    (
        MAIL | HOOK | {"ASTRO_MAIL_KEY": "token"},
        "ASTRO_MAIL_KEY is of an example: write the SERVER_TOKEN that postmark",
    ),
    (MAIL | HOOK, "ASTRO_MAIL_FROM must be an e-mail address like stores@example.com, not ''."),
    (MAIL | HOOK | FROM, "ASTRO_PUBLIC_URL is missing: mail goes out, and its links would lead nowhere."),
    ({"ASTRO_EMAIL_URL": "smtp://mail.example.com"} | FROM, "ASTRO_PUBLIC_URL is missing"),
]


def check(tmp_path, setting, **more):
    name, _, value = setting.partition("=")
    env = {"PATH": os.environ["PATH"], "ASTRO_DATA": str(tmp_path), name: value, **more}
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


@pytest.mark.parametrize(("settings", "sentence"), INCOMPLETE_MAIL)
def test_mail_that_is_half_set_up_names_what_is_missing(settings, sentence, tmp_path):
    answer = check(tmp_path, "PORT=8001", **settings)
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert answer.stderr.startswith(f"Astro cannot start: {sentence}")


@pytest.mark.parametrize("way", [MAIL | HOOK, {"ASTRO_EMAIL_URL": "smtp+tls://name:password@mail.example.com:587"}])
def test_mail_that_is_set_up_starts(way, tmp_path):
    answer = check(tmp_path, "PORT=8001", **way, **FROM, **LINKS)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_right_setting_starts(tmp_path):
    answer = check(tmp_path, "PORT=8001")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len((tmp_path / "secret-key").read_text()) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", ["", "short", "x" * 80])
@pytest.mark.parametrize("file", ["secret-key", "lasting-key"])
def test_a_key_that_was_cut_off_on_the_disk_is_not_used(tmp_path, file, kept):
    (tmp_path / file).write_text(kept)
    answer = check(tmp_path, "PORT=8001")
    assert answer.returncode == 1
    assert f"kept in {tmp_path / file}," in answer.stderr


def test_with_https_the_password_of_the_database_is_not_short(tmp_path):
    url = "postgres://astro:tG7x@localhost/astro"
    answer = check(tmp_path, f"DATABASE_URL={url}", ASTRO_HTTPS="yes", ASTRO_HOSTS="cards.example.com")
    assert answer.stderr.startswith(
        "Astro cannot start: The password in DATABASE_URL must have at least 12 characters."
    )


def test_no_secret_is_told(tmp_path):
    answer = check(tmp_path, f"ASTRO_SECRET_KEY={'hunter2' * 9}")
    assert answer.returncode == 1
    assert "hunter2" not in answer.stderr + answer.stdout


@given(st.binary(min_size=37, max_size=37), st.sampled_from([b64encode, b16encode]))
def test_what_chance_makes_is_a_secret(chance, encode):
    text = encode(chance).decode()
    assume(len(set(chance)) > 12)
    assert not settings.is_guessable(text)


def test_the_secret_key_is_made_once(tmp_path):
    check(tmp_path, "PORT=8001")
    first = (tmp_path / "secret-key").read_text()
    check(tmp_path, "PORT=8001")
    assert (tmp_path / "secret-key").read_text() == first


def test_who_starts_at_the_same_moment_gets_the_same_key(tmp_path):
    """A server and a worker, on a machine's first day: two keys would be two installations."""
    for number in range(50):
        folder, start = tmp_path / str(number), Barrier(4)

        def key(folder=folder, start=start):
            start.wait()
            return settings.secret_key("ASTRO_LASTING_KEY", folder)

        with ThreadPoolExecutor(4) as pool:
            assert len({answer.result() for answer in [pool.submit(key) for _process in range(4)]}) == 1
        [file] = folder.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_setting_stands_in_the_example():
    source = (ROOT / "astro" / "project" / "settings.py").read_text()
    read = set(re.findall(r"""(?:env\.\w+|whole_number|yes_or_no|secret_key)\(\s*"([A-Z_]+)\"""", source))
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read == listed
    assert {"PORT", "DATABASE_URL", "ASTRO_DATA"} <= read


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("twilio://AC1:t%2Fok@api.twilio.com", ("api.twilio.com", None, "", "AC1", "t/ok", True)),
        ("twilio+http://AC1:tok@127.0.0.1:8139/texts/", ("127.0.0.1", 8139, "/texts", "AC1", "tok", False)),
    ],
)
def test_the_text_service_is_read(url, read, monkeypatch):
    monkeypatch.setenv("ASTRO_TEXT_URL", url)
    found = settings.texts()
    assert tuple(found[name] for name in ("host", "port", "path", "sid", "token", "is_secure")) == read


def test_without_a_text_service_there_is_none(monkeypatch):
    monkeypatch.delenv("ASTRO_TEXT_URL", raising=False)
    assert settings.texts() is None
