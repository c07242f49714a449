from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.ids import new_id, new_ids
from astro.kit.models import OutboxRow
from astro.kit.outbox import handlers, queue
from astro.kit.outbox.handlers import UnknownKind
from astro.kit.outbox.health import outbox_age, parked_rows
from astro.kit.outbox.queue import Job

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
RETAILER = 77

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_notes(no_jobs):
    """One kind, `note`, is known here."""
    handlers.handles("note")(lambda payload, *, now: None)


def put(number=1, **changes):
    return queue.put("note", {"number": number}, **{"retailer_id": RETAILER, "now": NOW, **changes})


def claim(now=NOW, limit=100):
    return queue.claim(now=now, lease=LEASE, limit=limit)


def claim_retry(now):
    return queue.claim_retry(now=now, lease=LEASE)


def state():
    fields = ("retailer_id", "kind", "payload", "due", "attempts", "dedupe", "parked", "error", "finished_at")
    return list(OutboxRow.objects.order_by("id").values_list(*fields))


def test_put_writes_the_row_as_it_was_meant():
    assert put(5, dedupe="five", due=NOW + timedelta(hours=1)) is True
    later = NOW + timedelta(hours=1)
    assert state() == [(RETAILER, "note", {"number": 5}, later, 0, "five", None, "", None)]
    assert OutboxRow.objects.get().created_at == NOW


@pytest.mark.django_db(transaction=True)
def test_put_outside_the_causing_transaction_is_refused():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        put()
    assert state() == []


@pytest.mark.django_db(transaction=True)
def test_a_row_goes_the_way_of_its_cause():
    class Stop(Exception):
        pass

    def regretted() -> None:
        with transaction.atomic():
            put()
            raise Stop

    with pytest.raises(Stop):
        regretted()
    assert state() == []
    with transaction.atomic():
        put()
    assert len(state()) == 1


def test_a_kind_that_nobody_handles_is_kept_at_once():
    with pytest.raises(UnknownKind, match="'nota'"):
        queue.put("nota", {}, retailer_id=RETAILER, now=NOW)


def test_a_key_allows_a_row_once_for_each_retailer():
    assert [put(1, dedupe="a"), put(2, dedupe="a"), put(3, dedupe="a", retailer_id=78), put(4), put(5)] == [
        *(True, False, True, True, True)
    ]
    assert [row[2]["number"] for row in state()] == [1, 3, 4, 5]


def test_the_database_itself_holds_the_key():
    put(1, dedupe="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxRow.objects.create(retailer_id=RETAILER, kind="note", payload={}, created_at=NOW, dedupe="a")


def test_the_database_itself_refuses_a_parked_row_that_is_due():
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxRow.objects.create(retailer_id=1, kind="note", payload={}, created_at=NOW, due=NOW, parked=NOW)


def test_many_rows_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        made = queue.put_all([Job("note", {"number": number}, RETAILER) for number in range(200)], now=NOW)
    assert made == 200
    with django_assert_num_queries(0):
        assert queue.put_all([], now=NOW) == 0


def test_more_rows_than_one_statement_holds():
    jobs = [Job("note", {"number": number}, RETAILER, dedupe=str(number % 900)) for number in range(1200)]
    assert queue.put_all(jobs, now=NOW) == 900
    assert OutboxRow.objects.count() == 900


@pytest.mark.parametrize("dedupe", [None, "a"])
def test_an_id_that_another_process_made_too_is_replaced(monkeypatch, dedupe):
    put(1)
    taken = OutboxRow.objects.get().id
    batches = iter([range(taken, taken + 1), new_ids(1)])
    monkeypatch.setattr(queue, "new_ids", lambda count: next(batches))
    assert put(2, dedupe=dedupe) is True
    assert [row[2]["number"] for row in state()] == [1, 2]


def test_a_second_clash_is_told_and_not_swallowed(monkeypatch):
    put(1)
    taken = OutboxRow.objects.get().id
    monkeypatch.setattr(queue, "new_ids", lambda count: range(taken, taken + count))
    with pytest.raises(RuntimeError, match="taken id"):
        put(2)


def test_claiming_takes_what_is_due_oldest_first_and_moves_it_ahead():
    put(1, due=NOW + timedelta(seconds=1))
    put(2, due=NOW)
    put(3, due=NOW - timedelta(hours=1))
    put(4, due=NOW - timedelta(minutes=1))
    claimed = claim(limit=2)
    assert sorted((row.payload["number"], row.attempts, row.due) for row in claimed) == [
        (3, 1, NOW + LEASE),
        (4, 1, NOW + LEASE),
    ]
    assert [row.payload["number"] for row in claim()] == [2]
    assert claim() == []
    assert [row.payload["number"] for row in claim(NOW + timedelta(seconds=1))] == [1]


def test_a_claimed_row_falls_due_again_when_its_lease_ends():
    put()
    claim()
    assert claim_retry(NOW + LEASE - timedelta(microseconds=1)) is None
    assert claim(NOW + LEASE) == []  # it has been tried: not in a batch again
    again = claim_retry(NOW + LEASE)
    assert (again.attempts, again.due) == (2, NOW + LEASE * 2)


def test_a_finished_row_is_gone():
    put()
    [row] = claim()
    assert queue.finish(row, now=NOW) is True
    assert state() == []
    assert queue.finish(row, now=NOW) is False


def test_a_finished_row_with_a_key_keeps_its_like_away_until_swept():
    put(dedupe="a")
    [row] = claim()
    assert queue.finish(row, now=NOW) is True
    assert queue.finish(row, now=NOW) is False
    assert state() == [(RETAILER, "note", {"number": 1}, None, 1, "a", None, "", NOW)]
    assert put(dedupe="a") is False
    assert (claim(NOW + LEASE), claim_retry(NOW + LEASE)) == ([], None)
    assert queue.sweep(now=NOW + queue.KEPT) == 0
    assert put(dedupe="a") is False
    assert queue.sweep(now=NOW + queue.KEPT + timedelta(microseconds=1)) == 1
    assert put(dedupe="a") is True


def test_sweeping_leaves_what_is_waiting_or_parked():
    put(1)
    put(2, dedupe="b")
    OutboxRow.objects.filter(payload={"number": 2}).update(due=None, parked=NOW)
    assert queue.sweep(now=NOW + queue.KEPT * 10) == 0
    assert OutboxRow.objects.count() == 2


@pytest.mark.parametrize("dedupe", [None, "a"])
def test_who_slept_past_the_lease_finishes_nothing(dedupe):
    put(dedupe=dedupe)
    [slept] = claim()
    woken = claim_retry(NOW + LEASE)
    before = state()
    assert queue.finish(slept, now=NOW + LEASE) is False
    assert queue.fail(slept, ValueError("x"), now=NOW + LEASE) is False
    assert queue.give_back([slept], now=NOW + LEASE) == 0
    assert state() == before
    assert queue.finish(woken, now=NOW + LEASE) is True


def test_failures_come_back_ever_later_and_are_parked_after_the_fifth():
    put(dedupe="a")
    [row] = claim()
    now, pauses = NOW, []
    for _failure in range(4):
        assert queue.fail(row, ValueError("no such tray"), now=now) is True
        later = OutboxRow.objects.get().due
        pauses.append((later - now) / queue.FIRST_PAUSE)
        now = later
        assert claim_retry(now - timedelta(microseconds=1)) is None
        row = claim_retry(now)
    assert [0.75 * 4**n <= pause <= 1.25 * 4**n for n, pause in enumerate(pauses)] == [True] * 4
    assert len(set(pauses)) == 4
    assert queue.fail(row, ValueError("no such tray"), now=now) is True
    assert state() == [(RETAILER, "note", {"number": 1}, None, 5, "a", now, "ValueError: no such tray", None)]
    assert (claim(now + LEASE * 99), claim_retry(now + LEASE * 99)) == ([], None)
    assert list(parked_rows()) == list(OutboxRow.objects.all())
    assert put(dedupe="a", now=now) is False


def test_pauses_differ_so_that_a_crowd_does_not_come_back_at_once():
    queue.put_all([Job("note", {"number": number}, RETAILER) for number in range(20)], now=NOW)
    for row in claim():
        queue.fail(row, ValueError("x"), now=NOW)
    assert len(set(OutboxRow.objects.values_list("due", flat=True))) > 15


def test_a_row_that_always_kills_its_worker_is_parked_and_takes_no_neighbour_along():
    put(1)
    put(2)
    claim()  # both in one batch; the worker dies
    now = NOW + LEASE
    for _death in range(4):
        assert claim_retry(now).payload == {"number": 1}
        assert queue.finish(good, now=now) if (good := claim_retry(now)) else True
        now += LEASE
    assert claim_retry(now) is None
    [row] = OutboxRow.objects.all()
    assert (row.payload, row.parked, row.due) == ({"number": 1}, now, None)
    assert "its worker ended" in row.error


def test_rows_given_back_are_as_they_were():
    put(1)
    put(2)
    first, second = claim()
    assert queue.give_back([second], now=NOW) == 1
    assert [row.payload for row in claim()] == [{"number": 2}]
    assert queue.give_back([], now=NOW) == 0
    assert queue.finish(first, now=NOW) is True


def test_a_parked_row_starts_anew_under_a_new_id():
    put(dedupe="a")
    OutboxRow.objects.update(due=None, parked=NOW, attempts=5, error="x")
    old = OutboxRow.objects.get().id
    queue.requeue(old, now=NOW)
    assert state() == [(RETAILER, "note", {"number": 1}, NOW, 0, "a", None, "", None)]
    assert OutboxRow.objects.get().id > old
    with pytest.raises(OutboxRow.DoesNotExist):
        queue.requeue(OutboxRow.objects.get().id, now=NOW)


def test_the_age_is_that_of_the_longest_waiting_row():
    assert outbox_age(now=NOW) == timedelta(0)
    put(1, due=NOW + timedelta(hours=1))
    assert outbox_age(now=NOW) == timedelta(0)
    put(2, due=NOW - timedelta(minutes=7))
    put(3, due=NOW - timedelta(minutes=3))
    assert outbox_age(now=NOW) == timedelta(minutes=7)
    claim()
    assert outbox_age(now=NOW) == timedelta(0)
    OutboxRow.objects.update(due=None, parked=NOW)
    assert outbox_age(now=NOW + timedelta(days=1)) == timedelta(0)


@pytest.mark.parametrize(
    "payload", [{"id": 2**62}, {"text": "José 🐶 'q' %s"}, {"list": [1, None, True, {"a": 1.5}]}, {}]
)
def test_payloads_come_back_as_they_went_in(payload):
    queue.put("note", payload, retailer_id=0, now=NOW)
    assert [row.payload for row in claim()] == [payload]


def failing_with(error):
    try:
        raise error
    except type(error) as raised:
        return queue.error_text(raised)


@pytest.mark.parametrize(
    ("error", "kept", "gone"),
    [
        (ValueError("no tray\nDETAIL: Betty"), "ValueError in tests", "Betty"),
        (ValueError("refused by betty.smith@example.com (550)"), "refused by [address]", "betty"),
        (ValueError("cannot text +1 (406) 555-0142 now"), "cannot text [number] now", "555"),
        (IntegrityError('Key (email)=(betty@example.com) "Smith"'), "IntegrityError in tests", "Smith"),
        (DataError('invalid input syntax: "Betty"'), "DataError in tests", "Betty"),
        (ValueError("x" * 9999), "ValueError", "x" * 600),
        (ValueError(), "ValueError in tests", ":  "),
    ],
)
def test_what_is_kept_of_an_error_names_nobody(error, kept, gone):
    told = failing_with(error)
    assert kept in told
    assert gone not in told


@pytest.mark.parametrize("words", ["cut\0here", "half a pair \ud800", "\x1b[2J"])
def test_a_failure_whose_words_no_database_keeps_is_written_down_all_the_same(words):
    put()
    row = claim()[0]
    assert queue.fail(row, ValueError(words), now=NOW)
    told = OutboxRow.objects.get().error
    assert told.startswith("ValueError")
    assert told.isprintable()


@given(st.lists(st.sampled_from(["claim", "retry", "finish", "fail", "give back", "sleep"]), max_size=40))
def test_whatever_workers_do_each_row_is_finished_once_or_parked(steps):
    """Two workers in any order, one of which may finish late what it claimed long ago."""
    with transaction.atomic():
        queue.put_all([Job("note", {"number": number}, RETAILER) for number in range(3)], now=NOW)
        held, finished, now = [], [], NOW
        for step in steps:
            if step == "claim":
                held += claim(now, limit=2)
            elif step == "retry":
                held += [row] if (row := claim_retry(now)) else []
            elif step == "sleep":
                now += LEASE
            elif held:
                row = held.pop(0)
                if step == "finish" and queue.finish(row, now=now):
                    finished.append(row.payload["number"])
                elif step == "fail":
                    queue.fail(row, ValueError("x"), now=now)
                elif step == "give back":
                    queue.give_back([row], now=now)
        left = [row.payload["number"] for row in OutboxRow.objects.all()]
        assert sorted(finished + left) == [0, 1, 2]
        transaction.set_rollback(True)


def test_a_claim_uses_the_index_on_due():
    rows = [
        OutboxRow(id=new_id(), retailer_id=1, kind="note", payload={}, created_at=NOW, due=None) for _ in range(2000)
    ]
    OutboxRow.objects.bulk_create(rows)
    put()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            f"explain {'query plan' if connection.vendor == 'sqlite' else ''} "
            "select id from kit_outboxrow where due <= %s and parked is null and attempts = 0 order by due, id limit 9",
            ["2026-11-22 10:00:00"],
        )
        assert "outbox_due" in str(cursor.fetchall())
