"""`/live` and `/ready`."""

import fcntl
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from astro.desk import checkup, health
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow

HERE = {"NAME": "secret.sqlite3"}


def test_live_answers_without_a_database(client):
    """This test may not use one: asking it anything would raise."""
    answer = client.get("/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


@pytest.mark.django_db
def test_ready(client):
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    assert "no-store" in answer["Cache-Control"]
    assert OutboxRow.objects.count() == 0


@pytest.mark.django_db
def test_ready_is_the_same_for_a_head_request(client):
    assert client.head("/ready").status_code == 200
    assert client.post("/ready").status_code == 405


def refused(client):
    answer = client.get("/ready")
    assert answer.status_code == 503
    return answer.json()


@pytest.mark.django_db
def test_not_ready_while_migrations_wait(client):
    MigrationRecorder(connection).record_unapplied("customers", "0001_initial")
    assert refused(client) == {"ready": False, "problem": "The database waits for `astro migrate`."}


@pytest.mark.django_db
def test_not_ready_while_no_worker_is_at_work(client):
    then = utc_now() - timedelta(minutes=6)
    OutboxRow.objects.create(retailer_id=0, kind="a test", payload={}, created_at=then, due=then)
    assert refused(client) == {"ready": False, "problem": "The outbox is behind."}


@pytest.mark.django_db
def test_not_ready_without_a_database_and_no_word_about_where_it_is(client, monkeypatch):
    def refuse():
        raise OperationalError('password authentication failed for user "astro" at 10.0.0.7')

    monkeypatch.setattr(checkup, "connection", SimpleNamespace(ensure_connection=refuse, vendor="", settings_dict=HERE))
    assert refused(client) == {"ready": False, "problem": "The database does not answer, or takes no rows."}


@pytest.mark.django_db
def test_not_ready_when_a_question_fails_midway(client, monkeypatch):
    def fail(self):
        raise OperationalError("the server went away")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    assert refused(client)["problem"] == "The database waits for `astro migrate`."


def test_watchers_are_not_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/live").status_code == 200


@contextmanager
def somebody_holds_the_database():
    """On SQLite the writers' lock, on PostgreSQL the table that `/ready` writes to; in a connection of its own."""
    if connection.vendor == "sqlite":
        with open(f"{connection.settings_dict['NAME']}.lock", "a") as lock:  # noqa: PTH123 - as a writer does
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    named = connection.settings_dict
    address = {"host": named["HOST"], "port": named["PORT"], "user": named["USER"], "password": named["PASSWORD"]}
    with psycopg.connect(**address, dbname=named["NAME"]) as other:
        other.execute("set role astro_owner")
        other.execute("lock table kit_outboxrow in access exclusive mode")
        yield


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_is_told_within_seconds(client, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.3)
    assert client.get("/ready").status_code == 200
    with somebody_holds_the_database():
        begun = monotonic()
        problem = refused(client)["problem"]
        assert client.get("/metrics").status_code == client.get("/live").status_code == 200
        assert monotonic() - begun < 5
    assert problem == "The database does not answer, or takes no rows."
    assert client.get("/ready").status_code == 200
