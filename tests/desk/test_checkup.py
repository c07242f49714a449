"""What the doctor says, and when."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from astro.desk import checkup
from astro.kit.clock import utc_now
from astro.kit.ids import new_id
from astro.kit.models import OutboxRow

PRODUCTION_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
AS_IN_TESTS = [check for check in checkup.OF_THE_DATABASE if check is not checkup.durability]
"""The PostgreSQL of the tests syncs nothing, and the doctor would say so."""


def waiting(*, since, **fields):
    row = {"retailer_id": 0, "kind": "a test", "payload": {}, "created_at": since, "due": since}
    return OutboxRow.objects.create(id=new_id(), **{**row, **fields})


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1)])
def test_python_is_new_enough(version):
    assert checkup.python_version(version) == []


def test_an_old_python_is_named():
    assert checkup.python_version((3, 10, 4)) == [
        "This is Python 3.10; Astro needs 3.11 or later. Remove .venv and start ./run again."
    ]


def test_data_folder_is_made_and_written(settings, tmp_path):
    settings.DATA = tmp_path / "new" / "var"
    assert checkup.data_folder() == []
    assert list(settings.DATA.iterdir()) == []


def test_a_data_folder_that_cannot_be_written_is_named(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.DATA = tmp_path / "file" / "var"
    assert checkup.data_folder() == [
        f"The data folder {settings.DATA} cannot be written (Not a directory). Change it with ASTRO_DATA."
    ]


@pytest.mark.django_db
def test_a_database_that_answers_and_takes_rows():
    assert checkup.database() == []
    assert OutboxRow.objects.count() == 0


def unreachable(monkeypatch, settings, message, vendor):
    def refuse():
        raise OperationalError(message)

    named = {"USER": "astro", "NAME": "loyalty", "HOST": "db.example", "PORT": 5433}
    refusing = SimpleNamespace(ensure_connection=refuse, vendor=vendor, settings_dict=named)
    monkeypatch.setattr(checkup, "connection", refusing)
    (sentence,) = checkup.database()
    return sentence


SAYS = {
    'password authentication failed for user "astro"': "PostgreSQL refuses the password of “astro”",
    "fe_sendauth: no password supplied": "PostgreSQL refuses the password of “astro”",
    'role "astro" does not exist': "PostgreSQL knows no role “astro”.",
    'database "loyalty" does not exist': "PostgreSQL has no database “loyalty”.",
    'role "astro" is not permitted to log in': "The role “astro” in DATABASE_URL may not sign in",
    "connection failed: Connection refused": "No PostgreSQL answers at db.example, port 5433.",
    "failed to resolve host 'db.example'": "No PostgreSQL answers at db.example, port 5433.",
    "connection timeout expired": "No PostgreSQL answers at db.example, port 5433.",
    "something new.\nand more": "PostgreSQL at db.example, port 5433 cannot be used: something new.",
}


@pytest.mark.parametrize(("message", "begins"), SAYS.items())
def test_every_way_not_to_reach_postgresql_has_its_sentence(message, begins, monkeypatch, settings):
    assert unreachable(monkeypatch, settings, message, "postgresql").startswith(begins)


def test_where_roles_may_be_missing_the_statements_follow(monkeypatch, settings):
    sentence = unreachable(monkeypatch, settings, 'role "astro" does not exist', "postgresql")
    assert sentence.endswith(checkup.ROLES.read_text())
    assert "create role astro login noinherit password" in sentence


def test_a_file_that_cannot_be_opened_is_named(monkeypatch, settings):
    sentence = unreachable(monkeypatch, settings, "unable to open database file", "sqlite")
    assert sentence == "The database file loyalty cannot be opened: unable to open database file. Check DATABASE_URL."


def test_without_a_database_nothing_more_is_asked_of_it(monkeypatch, settings):
    sentence = unreachable(monkeypatch, settings, "Connection refused", "postgresql")
    assert checkup.problems()[-1] == sentence


@pytest.mark.django_db
def test_migrations_that_wait_are_named():
    assert checkup.migrations() == []
    MigrationRecorder(connection).record_unapplied("customers", "0001_initial")
    assert checkup.migrations() == ["1 migrations are not applied (customers.0001_initial). Run `astro migrate`."]


@pytest.mark.django_db
def test_what_a_young_installation_says():
    """Everything that is asked of the database, on the engine at hand."""
    assert [sentence for check in AS_IN_TESTS for sentence in check()] == []


@pytest.mark.django_db
def test_database_that_answers_before_it_has_written_is_named(monkeypatch):
    """PostgreSQL of the tests is such a one; the power-cut rig's is not, and the doctor has nothing to say there."""
    if connection.vendor == "sqlite":
        assert checkup.durability() == []
        monkeypatch.setattr(checkup, "SQLITE_SYNCS", 3)  # more than ours does
        (sentence,) = checkup.durability()
        assert sentence.startswith("SQLite does not sync each commit. A power cut would lose purchases")
    else:
        (sentence,) = checkup.durability()
        assert "(fsync, full_page_writes, synchronous_commit). A power cut would lose purchases" in sentence
        assert "alter system set fsync = on; alter system set full_page_writes = on;" in sentence


@pytest.mark.django_db
def test_an_outbox_that_is_behind_is_named():
    now = utc_now()
    waiting(since=now - timedelta(minutes=4))
    waiting(since=now + timedelta(days=1))
    assert checkup.outbox() == []
    waiting(since=now - timedelta(minutes=9))
    assert checkup.outbox() == ["The outbox is 9 minutes behind. Is the worker running? `astro worker` starts one."]


@pytest.mark.django_db
def test_rows_that_were_given_up_are_named_but_turn_nobody_away():
    now = utc_now()
    waiting(since=now, due=None, parked=now, kind="mail")
    waiting(since=now, due=None, parked=now, kind="count")
    assert checkup.outbox() == ["2 rows of the outbox were given up after failing again and again (count, mail)."]
    assert checkup.late_outbox() == []


ADDRESSES = [
    ({"HTTPS": False, "DEBUG": False, "ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}, []),
    ({"HTTPS": True, "DEBUG": False, "ALLOWED_HOSTS": ["cards.example.com"]}, []),
    ({"HTTPS": False, "DEBUG": True, "ALLOWED_HOSTS": ["localhost"]}, []),
    ({"HTTPS": True, "DEBUG": True, "ALLOWED_HOSTS": ["cards.example.com"]}, ["ASTRO_DEBUG"]),
    ({"HTTPS": False, "DEBUG": True, "ALLOWED_HOSTS": ["192.168.0.9"]}, ["ASTRO_DEBUG", "Tills on other machines"]),
    ({"HTTPS": True, "DEBUG": False, "ALLOWED_HOSTS": ["*"]}, ["ASTRO_HOSTS lets in any name"]),
    ({"HTTPS": False, "DEBUG": False, "ALLOWED_HOSTS": ["shop.local"]}, ["Tills on other machines need HTTPS"]),
    ({"HTTPS": True, "DEBUG": False, "ALLOWED_HOSTS": ["localhost"]}, ["ASTRO_HTTPS is on, but ASTRO_HOSTS names"]),
]


@pytest.mark.parametrize(("values", "begin"), ADDRESSES)
def test_addresses(values, begin, settings):
    for name, value in values.items():
        setattr(settings, name, value)
    found = checkup.addresses()
    assert [sentence[: len(start)] for sentence, start in zip(found, begin, strict=True)] == begin


@pytest.mark.parametrize(
    ("service", "public", "begins"),
    [
        (None, "http://127.0.0.1:8000", []),
        ("api.twilio.com", "https://cards.example.com", []),
        ("127.0.0.1", "http://127.0.0.1:8000", []),
        ("api.twilio.com", "http://127.0.0.1:8000", ["Texts are sent, but nobody's STOP can come back: http://127."]),
        ("api.twilio.com", "http://localhost", ["Texts are sent, but nobody's STOP can come back: http://localhost"]),
    ],
)
def test_a_text_service_must_be_able_to_call_back(service, public, begins, settings):
    settings.TEXT_GATEWAY, settings.PUBLIC_URL = service and {"host": service}, public
    found = checkup.text_answers()
    assert [sentence[: len(begin)] for sentence, begin in zip(found, begins, strict=True)] == begins


def test_keys_that_others_can_read_are_named(settings, tmp_path):
    settings.DATA = tmp_path
    assert checkup.keys() == []
    key = tmp_path / "secret-key"
    key.touch(0o600)
    assert checkup.keys() == []
    key.chmod(0o644)
    assert checkup.keys() == [
        f"Others on this machine can read {key}: with it they sign what they like. Run: chmod 600 {key}"
    ]


def test_static_files_that_were_not_collected_are_named(settings, tmp_path):
    assert checkup.static_files() == []
    settings.STORAGES, settings.STATIC_ROOT = PRODUCTION_FILES, tmp_path
    assert checkup.static_files() == ["The static files are not collected. Run `astro collectstatic --noinput`."]
    (tmp_path / "staticfiles.json").touch()
    assert checkup.static_files() == []


def test_missing_time_zones_are_named(monkeypatch):
    assert checkup.time_zones() == []
    monkeypatch.setattr(
        "astro.desk.checkup.ZoneInfo", lambda name: (_ for _ in ()).throw(checkup.ZoneInfoNotFoundError)
    )
    assert checkup.time_zones()[0].startswith("Time zone data is missing")


@pytest.mark.django_db
def test_a_clock_that_was_never_set_is_named():
    assert checkup.clock() == []
    long_ago = datetime.fromisoformat("1970-01-02T00:00:00+00:00")
    first, *rest = checkup.clock(now=lambda: long_ago)
    assert first == "This machine's clock stands at 1970-01-02. Set it: ids are made from it."
    assert len(rest) == (1 if connection.vendor == "postgresql" else 0)


@pytest.mark.django_db
def test_the_doctor_is_content(capsys, settings, monkeypatch):
    monkeypatch.setattr(checkup, "OF_THE_DATABASE", AS_IN_TESTS)
    settings.ALLOWED_HOSTS = ["localhost"]
    call_command("doctor")
    assert capsys.readouterr().out == "Everything is in order.\n"


@pytest.mark.django_db
def test_the_doctor_ends_with_1_when_something_is_wrong(capsys, settings):
    settings.HTTPS, settings.ALLOWED_HOSTS = False, ["shop.local"]
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    assert capsys.readouterr().out.startswith("- Tills on other machines need HTTPS")
