"""Seals: what is sealed when, and that whatever is touched afterwards is named."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from astro.activity.jobs import SEAL_STORE, look_for_news, seal_news, seal_store, work_out
from astro.activity.models import Event, Seal, SealHead
from astro.activity.resealing import seal_anew
from astro.activity.seals import MOST_ROWS, next_seal, stores_with_news, write_seal
from astro.kit.append_only import RowIsFinal
from astro.kit.ids import first_id_of, new_id
from astro.kit.models import OutboxRow
from tests.activity.sealing import START, happened, seal, touch, verified
from tests.cast import inside

pytestmark = pytest.mark.django_db

FOUR = 4


@pytest.fixture
def sealed(huxley, midtown):
    """Four minutes with an event each, sealed two by two; and the second store, whose log must stay out of it."""
    rows = [happened(midtown, minute) for minute in range(FOUR)]
    seal(huxley, 3)
    seal(huxley, 6)
    assert verified() == []
    return rows


def test_finished_minutes_are_sealed_one_after_the_other(huxley, midtown):
    rows = [happened(midtown, minute) for minute in (0, 0.5, 1, 2.9)]
    first = seal(huxley, 2.5)
    assert (first.number, first.count, first.until_at) == (1, 2, START + timedelta(minutes=1))
    second = seal(huxley, 9)
    assert (second.number, second.count, second.from_id) == (2, 2, first.until_id)
    assert rows[-1].pk < second.until_id
    assert seal(huxley, 10) is None
    assert first.digest != second.digest
    assert verified() == []


def test_the_last_minute_waits_for_whoever_is_still_writing(huxley, midtown):
    happened(midtown, 0)
    assert seal(huxley, 0.9) is None
    assert seal(huxley, 1.9) is None
    assert seal(huxley, 2).count == 1


def test_who_comes_late_is_sealed_next_and_counted_as_late(huxley, midtown):
    happened(midtown, 0)
    seal(huxley, 5)
    late = happened(midtown, 2, name="customer added")
    assert verified() == []
    happened(midtown, 6)
    second = seal(huxley, 10)
    assert (second.count, second.late_count) == (2, 1)
    assert late.pk < second.from_id
    assert verified() == []
    touch(huxley, "update activity_event set by_user_id = 6 where id = %s", late.pk)
    assert verified() == [
        f"Huxley House: activity_event {late.pk}: “customer added” of 2026-11-22 10:32 UTC is changed, "
        "should be as seal 2 has it."
    ]


CHANGES = {
    "name": "'visit finished'",
    "about_kind": "'customers.customer'",
    "about_id": "8",
    "by_user_id": "6",
    "really_by_id": "6",
    "device_id": "3",
    "address": "'203.0.113.8'",
    "at": "'2026-11-22 10:00:00+00:00'",
    "facts": '\'{"lines": 3, "fields": ["phone"]}\'',
    "location_id": "null",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_event_is_named(huxley, sealed, column):
    touch(huxley, f"update activity_event set {column} = {CHANGES[column]} where id = %s", sealed[2].pk)
    (told,) = verified()
    assert told.startswith(f"Huxley House: activity_event {sealed[2].pk}: “visit ")
    assert told.endswith("of 2026-11-22 10:32 UTC is changed, should be as seal 2 has it.")


def test_every_column_of_an_event_is_sealed(sealed):
    told = {field.column for field in Event._meta.concrete_fields}
    assert told - CHANGES.keys() == {"id", "retailer_id"}


def test_a_removed_event_is_named(huxley, sealed):
    touch(huxley, "delete from activity_event where id = %s", sealed[0].pk)
    assert verified() == [
        f"Huxley House: activity_event {sealed[0].pk}: the event of 2026-11-22 10:30 UTC is gone, "
        "should be there, as seal 1 has it."
    ]


def test_an_event_with_another_id_is_gone_here_and_new_there(huxley, midtown, sealed):
    happened(midtown, 200)
    seal(huxley, 210)
    touch(huxley, "update activity_event set id = id + 1 where id = %s", sealed[1].pk)
    assert [told.partition(": ")[2].partition(" ")[2] for told in verified()] == [
        f"{sealed[1].pk}: the event of 2026-11-22 10:31 UTC is gone, should be there, as seal 1 has it.",
        f"{sealed[1].pk + 1}: “visit recorded” of 2026-11-22 10:31 UTC is in no seal, "
        "should be written when it happened.",
    ]


def test_an_event_that_was_slipped_in_is_named(huxley, midtown, sealed):
    happened(midtown, 200)
    seal(huxley, 210)
    slipped = happened(midtown, 1, name="consent changed", tail=9)
    assert seal(huxley, 211) is None
    assert verified() == [
        f"Huxley House: activity_event {slipped.pk}: “consent changed” of 2026-11-22 10:31 UTC is in no seal, "
        "should be written when it happened."
    ]


def test_a_removed_seal_is_named_with_its_minutes(huxley, midtown, sealed):
    happened(midtown, 7)
    third = seal(huxley, 9)
    touch(huxley, "delete from activity_seal where number = 2")
    assert verified() == [
        f"Huxley House: activity_seal {third.pk}: seal 2 from 2026-11-22 10:32 UTC to 2026-11-22 10:35 UTC is gone, "
        "should be there."
    ]


def test_the_first_and_the_last_seal_are_missed_as_well(huxley, sealed):
    with inside(huxley):
        first, last = Seal.objects.order_by("number")
        head = SealHead.objects.get()
    touch(huxley, "delete from activity_seal where number = 1")
    assert verified() == [
        f"Huxley House: activity_seal {last.pk}: seal 1 to 2026-11-22 10:32 UTC is gone, should be there."
    ]
    touch(huxley, "delete from activity_seal where number = 2")
    assert verified() == [
        f"Huxley House: activity_sealhead {head.pk}: the last seal, 2 until 2026-11-22 10:35 UTC is gone, "
        "should be there."
    ]
    assert first.digest != head.digest


@pytest.mark.parametrize("column", ["made_at", "until_at", "count", "late_count", "digest", "rows"])
def test_a_changed_seal_is_named(huxley, sealed, column):
    values = {"digest": "0" * 64, "count": 9, "late_count": 9, "rows": b""}
    touch(huxley, f"update activity_seal set {column} = %s where number = 2", values.get(column, START))
    (told, *_events) = verified()
    assert "activity_seal " in told
    assert told.endswith(" is changed, should be as it was made.")


def test_the_note_of_the_last_seal_cannot_be_set_back(huxley, sealed):
    touch(huxley, "update activity_sealhead set number = 1")
    (told,) = verified()
    assert told.endswith("the note of the last seal is changed, should be as it was made.")
    touch(huxley, "delete from activity_sealhead")
    (told,) = verified()
    assert told.endswith("the note of the last seal is gone, should be there.")


def test_seals_cannot_be_made_without_the_key(huxley, midtown, sealed, settings):
    """Somebody with the database removes an event and seals anew, with a key of their own."""
    settings.LASTING_KEY = "somebody-else-" + "x" * 40
    happened(midtown, 7)
    seal(huxley, 9)
    assert "“visit recorded” of 2026-11-22 10:30 UTC is changed" in verified()[2]
    settings.LASTING_KEY = "tests-only-" + "Zq7k" * 12
    assert any("seal 3 until" in told for told in verified())


def test_seals_are_facts(huxley, sealed):
    with inside(huxley), pytest.raises(RowIsFinal):
        Seal.objects.all().delete()


def test_verify_names_store_minute_and_event(huxley, otherpaws, elsewhere, sealed):
    """From the command line, and in the form for programs; the other store's log is whole."""
    happened(elsewhere, 0, tail=8)
    seal(otherpaws, 5)
    touch(huxley, "delete from activity_event where id = %s", sealed[0].pk)
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", stdout=told, stderr=io.StringIO())
    assert (
        f"- Huxley House: activity_event {sealed[0].pk}: the event of 2026-11-22 10:30 UTC is gone" in told.getvalue()
    )
    assert "3 seals, 4 events" in told.getvalue()
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", json=True, stdout=told, stderr=io.StringIO())
    (found,) = json.loads(told.getvalue())["findings"]
    assert (found["retailer_id"], found["id"]) == (str(huxley.pk), str(sealed[0].pk))


def test_many_seals_are_checked_in_several_goes(huxley, midtown, monkeypatch):
    monkeypatch.setattr("astro.activity.verifying.AT_ONCE", 2)
    rows = []
    for minute in range(5):
        rows.append(happened(midtown, minute))
        seal(huxley, minute + 2)
    assert verified() == []
    for row in rows:
        touch(huxley, "update activity_event set name = 'x' where id = %s", row.pk)
    assert [told.partition("“x” of ")[2][:16] for told in verified()] == [
        f"2026-11-22 10:{30 + minute}" for minute in range(5)
    ]


def test_a_busy_minute_has_several_seals(huxley, midtown, monkeypatch):
    monkeypatch.setattr("astro.activity.seals.MOST_ROWS", 3)
    for tail in range(7):
        happened(midtown, 0, tail=tail)
    assert [seal(huxley, 5).count for _ in range(3)] == [3, 3, 1]
    assert seal(huxley, 5) is None
    assert verified() == []
    assert MOST_ROWS > 1000


def test_two_workers_make_one_seal(huxley, midtown):
    happened(midtown, 0)
    mine, theirs = (next_seal(huxley.pk, now=START + timedelta(minutes=5)) for _ in range(2))
    with inside(huxley):
        assert write_seal(mine)
        assert not write_seal(theirs)
        assert Seal.objects.count() == 1


def test_the_job_goes_to_stores_where_something_happened(huxley, otherpaws, midtown, elsewhere):
    now = START + timedelta(minutes=5)
    happened(midtown, 0)
    assert stores_with_news(until=now) == [huxley.pk]
    seal_news({}, seen=look_for_news({}, now=now), now=now)
    row = OutboxRow.objects.get(kind=SEAL_STORE)
    assert row.retailer_id == huxley.pk
    seen = work_out(row.payload, now=now)
    with inside(huxley):
        seal_store(row.payload, seen=seen, now=now)
        assert Seal.objects.get().count == 1
    assert look_for_news({}, now=now) == []
    with inside(otherpaws):
        assert not Seal.objects.exists()


def test_a_seal_never_stands_in_the_transaction_that_writes(huxley, midtown):
    """Writing an event puts nothing and seals nothing: the clock does."""
    with inside(huxley):
        Event(name="x", about_kind="x", about_id=1, at=START, pk=new_id()).save(force_insert=True)
        assert not Seal.objects.exists()
    assert not OutboxRow.objects.exists()
    assert first_id_of(START) < new_id()


def test_with_another_key_a_log_is_sealed_anew_and_says_so(huxley, otherpaws, elsewhere, sealed, settings):
    """What happened and was never sealed is sealed now; where no seal was, none is missed."""
    happened(elsewhere, 0, tail=8)
    with inside(huxley):
        old = set(Seal.objects.values_list("digest", flat=True))
    settings.LASTING_KEY = "another-" + "k" * 40
    assert len(verified()) > FOUR
    now = START + timedelta(days=1)
    assert [seal_anew(one, now=now) for one in (huxley, otherpaws)] == [True, False]
    assert verified() == []
    with inside(huxley):
        assert not old & set(Seal.objects.values_list("digest", flat=True))
        (event,) = Event.objects.filter(name="log sealed anew")
    assert (event.about_id, event.by_user_id, event.at) == (huxley.pk, None, now)
    assert event.facts == {"seals": 2, "until": "2026-11-22 10:35:00+00:00", "last_event_id": sealed[-1].pk}
    with inside(otherpaws):
        assert not Event.objects.filter(name="log sealed anew").exists()
    touch(huxley, "update activity_event set by_user_id = 6 where id = %s", sealed[0].pk)
    assert len(verified()) == 1


def test_sealing_anew_where_only_the_note_is_left(huxley, midtown):
    happened(midtown, 0)
    seal(huxley, 5)
    touch(huxley, "delete from activity_seal")
    assert seal_anew(huxley, now=START + timedelta(minutes=9))
    assert verified() == []
    with inside(huxley):
        assert Event.objects.get(name="log sealed anew").facts == {"seals": 0, "until": None, "last_event_id": None}
