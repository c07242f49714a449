"""The recount of each night: in slices through the worker, with the result that `astro verify` would have given."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from astro.desk import checkup, recount
from astro.desk.operating import nightly
from astro.desk.operating.milestones import VERIFY, milestone
from astro.kit.models import OutboxRow
from astro.kit.outbox.worker import Pace, work_off
from astro.tenancy import current
from tests.cast import inside, make_customer
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, 31, tzinfo=UTC)


@pytest.fixture
def shops(midtown, owner, elsewhere, other_owner, monkeypatch):
    """Two retailers with six customers, looked at two at a time and one batch a slice."""
    monkeypatch.setattr(recount, "BATCH", 2)
    monkeypatch.setattr(nightly, "SLICE", 0.0)
    for place, by in ((midtown, owner), (elsewhere, other_owner)):
        counter = Counter(place, by)
        counter.buy(2)
        with inside(place.retailer):
            for _ in range(2):
                make_customer(at=place)
    return midtown, elsewhere


def night(now=NOW):
    """Everything of one night; how many rows the worker took up."""
    nightly_rows = 0
    nightly.begin_recount(now=now)
    while OutboxRow.objects.filter(kind=nightly.FURTHER, due__isnull=False).exists():
        now += nightly.PAUSE
        nightly_rows += work_off(pace=Pace(), clock=lambda at=now: at)
    return nightly_rows


def test_it_looks_at_everything_in_slices(shops):
    rows = night()
    assert rows >= 7
    found = milestone(VERIFY)
    assert found.facts == {"findings": 0, "checked": dict(recounted()[1]), "retailers": [], "touched": []}
    assert found.facts["checked"]["customers"] == 6


def test_it_counts_what_is_wrong_and_whose_it_is(shops, caplog):
    _midtown, elsewhere = shops
    with connection.cursor() as cursor, inside(elsewhere.retailer):
        cursor.execute(
            "update cards_card set punches = 1 where retailer_id = %s and punches = 2", [elsewhere.retailer_id]
        )
        assert cursor.rowcount == 1
    night()
    facts = milestone(VERIFY).facts
    assert facts["findings"] == len(recounted()[0]) > 0
    assert facts["retailers"] == [elsewhere.retailer_id]
    assert "`astro verify` names them" in caplog.text
    assert any("disagreements. `astro verify` names them." in sentence for sentence in checkup.recounted())


def test_it_reads_in_no_retailer_and_before_the_rows_transaction(shops, monkeypatch):
    seen = []
    further = nightly.recount_further

    def look(*args, **kwargs):
        seen.append((current.scope(), len(connection.savepoint_ids)))
        return further(*args, **kwargs)

    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(nightly, "recount_further", look)
    night()
    assert set(seen) == {(None, outside)}


def test_a_night_that_is_still_at_work_is_not_joined_by_the_next(shops, caplog):
    nightly.begin_recount(now=NOW)
    nightly.begin_recount(now=NOW + timedelta(days=1))
    assert OutboxRow.objects.filter(kind=nightly.FURTHER).count() == 1
    assert "still at work" in caplog.text


def test_an_empty_installation_has_nothing_to_find():
    assert night() == 1
    assert milestone(VERIFY).facts == {"findings": 0, "checked": {}, "retailers": [], "touched": []}


def test_the_doctor_says_when_none_came_through(monkeypatch):
    assert checkup.recounted() == []
    night()
    monkeypatch.setattr(checkup, "utc_now", lambda: NOW + timedelta(hours=30))
    assert checkup.recounted() == []
    monkeypatch.setattr(checkup, "utc_now", lambda: NOW + timedelta(days=3))
    assert checkup.recounted() == [
        "The last recount came through 2 days ago. The worker's log says why none has since."
    ]


def test_verify_by_hand_counts_as_well(shops):
    call_command("verify", stdout=io.StringIO(), stderr=io.StringIO())
    assert milestone(VERIFY).facts["checked"]["customers"] == 6
