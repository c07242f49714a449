"""`/metrics`: what is counted, what is asked of the database, who may read it, and what never stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import get_resolver
from prometheus_client.parser import text_string_to_metric_families

from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.models import TillQueue
from astro.desk.operating import gauges as gauges_module
from astro.desk.operating.milestones import BACKUP, VERIFY, note_milestone
from astro.desk.operating.seals import look_at_seals
from astro.desk.operating.tills import count_tills
from astro.kit import metrics
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox.handlers import rhythms
from tests.activity.sealing import START, happened, seal
from tests.cast import NOW, inside, make_device
from tests.checkout.test_finishing import Counter

TOKEN = "a-token-of-the-tests-alone"


def read(client, **asked):
    """Every sample of the page: name and labels -> value."""
    answer = client.get("/metrics", **asked)
    assert answer.status_code == 200, answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def value(client, name, **labels):
    return read(client)[(name, *sorted(labels.items()))]


@pytest.mark.django_db
def test_the_outbox_is_told_by_age_length_and_what_was_given_up(client):
    now = utc_now()
    for due, parked in ((now - timedelta(minutes=4), None), (now + timedelta(days=1), None), (None, now)):
        OutboxRow.objects.create(retailer_id=0, kind="t", payload={}, created_at=now, due=due, parked=parked)
    told = read(client)
    assert told[("astro_outbox_age_seconds",)] == pytest.approx(240, abs=20)
    assert told[("astro_outbox_rows",)] == 2
    assert told[("astro_outbox_parked_rows",)] == 1
    assert told[("astro_database_up",)] == 1
    assert told[("astro_database_bytes",)] >= 0


@pytest.mark.django_db
def test_tills_that_hold_purchases_are_told_without_their_names(client, owner, midtown, elsewhere, other_owner):
    now = utc_now()
    for place, by, waiting, hours in ((midtown, owner, 3, 5), (elsewhere, other_owner, 4, 30), (midtown, owner, 0, 90)):
        with inside(place.retailer):
            device, _ = make_device(place, by=by, name=f"Front desk {hours}")
            since = now - timedelta(hours=hours) if waiting else None
            TillQueue.objects.create(device=device, waiting=waiting, oldest_at=since, reported_at=now)
    assert ("astro_tills_unsynced",) not in read(client)
    with transaction.atomic():
        count_tills(now=now)
    told = read(client)
    assert told[("astro_tills_unsynced",)] == 2
    assert told[("astro_tills_visits_waiting",)] == 7
    assert told[("astro_tills_oldest_age_seconds",)] == pytest.approx(30 * 3600, abs=20)
    page = client.get("/metrics").content.decode()
    assert "Front desk" not in page
    assert midtown.retailer.name not in page


@pytest.mark.django_db
def test_a_till_that_was_given_up_alarms_nobody(client, owner, midtown):
    with inside(midtown.retailer):
        device, _ = make_device(midtown, by=owner)
        device.retired_at = utc_now()
        device.save()
        TillQueue.objects.create(device=device, waiting=2, oldest_at=utc_now(), reported_at=utc_now())
    with transaction.atomic():
        count_tills(now=utc_now())
    assert value(client, "astro_tills_unsynced") == 0


@pytest.mark.django_db
def test_recount_and_backup_are_told_by_their_age(client):
    told = read(client)
    assert told[("astro_verify_age_seconds",)] == told[("astro_backup_age_seconds",)] == float("inf")
    assert ("astro_verify_findings",) not in told
    note_milestone(VERIFY, {"findings": 7}, now=utc_now() - timedelta(hours=30))
    note_milestone(VERIFY, {"findings": 2}, now=utc_now() - timedelta(hours=3))
    note_milestone(BACKUP, {}, now=utc_now() - timedelta(hours=1))
    told = read(client)
    assert told[("astro_verify_findings",)] == 2
    assert told[("astro_verify_age_seconds",)] == pytest.approx(3 * 3600, abs=20)
    assert told[("astro_backup_age_seconds",)] == pytest.approx(3600, abs=20)


@pytest.mark.django_db
def test_the_oldest_event_without_a_seal_is_told(client, huxley, midtown, otherpaws, elsewhere):
    """Of any store; and where nobody has looked for long, nobody knows that all is sealed."""
    now = utc_now()
    minutes = int((now - START).total_seconds() / 60)

    def unsealed(*, looked_at=now):
        with transaction.atomic():
            look_at_seals(now=looked_at)
        return value(client, "astro_log_unsealed_seconds")

    assert ("astro_log_unsealed_seconds",) not in read(client)
    assert unsealed() < 60
    happened(midtown, minutes - 60)
    happened(elsewhere, minutes - 30, tail=8)
    assert unsealed() == pytest.approx(3600, abs=120)
    seal(huxley, minutes)
    assert unsealed() == pytest.approx(1800, abs=120)
    seal(otherpaws, minutes)
    assert unsealed() < 60
    assert unsealed(looked_at=now - timedelta(minutes=40)) == pytest.approx(2400, abs=60)


@pytest.mark.django_db
def test_every_schedule_has_its_switch(client):
    """Unseen by any worker it is infinitely late; in time zero; and how late it is, where it is late."""
    now = utc_now()
    kinds = sorted(rhythms())
    assert {value(client, "astro_schedule_late_seconds", kind=kind) for kind in kinds} == {float("inf")}
    for kind in kinds:
        Schedule.objects.create(kind=kind, moment=now, done=now, done_at=now)
    assert {value(client, "astro_schedule_late_seconds", kind=kind) for kind in kinds} == {0.0}
    Schedule.objects.filter(kind="checkout.seal").update(done=now - timedelta(hours=5))
    assert value(client, "astro_schedule_late_seconds", kind="checkout.seal") > 3 * 3600
    assert value(client, "astro_schedule_done_age_seconds", kind="checkout.seal") < 20


@pytest.mark.django_db
def test_requests_are_counted_by_the_name_of_their_route(client):
    def counted(**labels):
        return read(client).get(("astro_requests_total", *sorted(labels.items())), 0)

    before = counted(route="customers:list", status="3xx"), counted(route="none", status="4xx")
    client.get("/customers/?q=jane%20doe")
    client.get("/no-such-page/jane/")
    assert counted(route="customers:list", status="3xx") == before[0] + 1
    assert counted(route="none", status="4xx") == before[1] + 1
    assert "jane" not in client.get("/metrics").content.decode()


@pytest.mark.django_db
def test_a_failure_is_counted_by_its_class(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("astro.desk.health.JsonResponse", lambda told: 1 / 0)
    labels = {"route": "live", "kind": "ZeroDivisionError"}
    before = read(client).get(("astro_errors_total", *sorted(labels.items())), 0)
    assert client.get("/live").status_code == 500
    assert value(client, "astro_errors_total", **labels) == before + 1


@pytest.mark.django_db
def test_what_was_rolled_back_is_not_counted(django_capture_on_commit_callbacks):
    def now():
        return metrics.visits.labels("till", "recorded")._value.get()

    before = now()
    with django_capture_on_commit_callbacks():
        metrics.count_visit(source="till", outcome="recorded")
    assert now() == before
    with django_capture_on_commit_callbacks(execute=True):
        metrics.count_visit(source="till", outcome="recorded")
    assert now() == before + 1


@pytest.mark.django_db
def test_a_question_that_fails_leaves_the_others(client, monkeypatch):
    def fail(now):
        raise DatabaseError("at 10.0.0.7")

    monkeypatch.setattr(gauges_module, "QUESTIONS", [fail, gauges_module.outbox])
    told = read(client)
    assert (told[("astro_database_up",)], told[("astro_outbox_rows",)]) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "is_let_in"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "10.0.0.7"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"}, False),
    ],
)
def test_without_a_token_only_this_machine_reads_it(client, asked, is_let_in):
    assert client.get("/metrics", **asked).status_code == (200 if is_let_in else 403)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "status"),
    [(f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), (TOKEN, 401), (None, 401)],
)
def test_with_a_token_nobody_reads_it_without(client, settings, told, status):
    settings.METRICS_TOKEN = TOKEN
    more = {"HTTP_AUTHORIZATION": told} if told else {}
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1", **more).status_code == status
    if told:
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", **more).status_code == status


def test_labels_are_names_of_the_code():
    """A new counter with a label that could name somebody is noticed here."""
    known = {"route", "status", "source", "outcome", "kind", "le"}
    found = {
        label for family in metrics.OF_THIS_PROCESS.collect() for sample in family.samples for label in sample.labels
    }
    assert found <= known
    assert all(re.fullmatch(r"[\w:.-]+", name) for name in get_resolver().reverse_dict if isinstance(name, str))


@pytest.mark.once
def test_several_processes_are_added_up(tmp_path):
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    env["DJANGO_SETTINGS_MODULE"] = "astro.project.settings"
    count = "from astro.kit import metrics as m; m.arrivals.labels('recorded').inc({})"
    for times in (2, 3):
        subprocess.run([sys.executable, "-c", count.format(times)], env=env, check=True)
    tell = "import sys; from astro.kit import metrics as m; sys.stdout.buffer.write(m.counted())"
    told = subprocess.run([sys.executable, "-c", tell], env=env, check=True, capture_output=True, text=True).stdout
    assert 'astro_arrivals_total{outcome="recorded"} 5.0' in told


@pytest.mark.django_db
def test_a_checkout_is_counted_with_what_became_of_it(midtown, owner, django_capture_on_commit_callbacks):
    def now():
        return [metrics.visits.labels("till", outcome)._value.get() for outcome in ("recorded", "again", "refused")]

    counter, before = Counter(midtown, owner), now()
    key = str(new_uuid7(NOW))
    line = {"key": str(new_uuid7(NOW)), "product_id": str(counter.bag.pk), "quantity": 1}
    with django_capture_on_commit_callbacks(execute=True):
        for quantity in (1, 1, 2):
            body = {"key": key, "occurred_at": NOW.isoformat(), "lines": [{**line, "quantity": quantity}]}
            with inside(midtown.retailer):
                basket = read_basket(body, customer_id=counter.customer.pk)
                record_visit(counter.customer, basket, at=midtown, by=owner, now=NOW)
    assert now() == [count + 1 for count in before]
