"""`astro bench`: that its numbers mean what they say. How fast anything is, is not asserted anywhere."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from astro.cards.models import Card
from astro.customers.details import fold_email
from astro.customers.look_up import ask as ask_for
from astro.customers.look_up import search_text, sort_name
from astro.customers.models import SORT_NAME_LENGTH, Customer
from astro.desk.bench import checkouts, examples, lookups, pgbench, report, spending
from astro.desk.bench.client import Job, Tally, spread, work
from astro.desk.bench.errors import FloorCheated, NotEmpty, NotRepeatable, Unreadable
from astro.desk.bench.floor import Example, script
from astro.desk.bench.history import add_customers
from astro.desk.bench.http import Broken, Connection
from astro.desk.bench.machine import cpu_seconds, family, spent
from astro.desk.bench.people import person
from astro.desk.bench.population import (
    NEED,
    ROUNDS,
    Kind,
    Size,
    ordinary_visit,
    rewarded_visit,
    row_id,
)
from astro.desk.bench.rows import write
from astro.desk.bench.seeding import open_stores
from astro.desk.bench.tills import Total, percentile, work_together
from astro.desk.bench.wire import Conversation, is_frame, taken_down
from astro.desk.management.commands import bench
from astro.desk.recount import Recount, recount
from astro.kit.clock import utc_now
from astro.tenancy import current
from astro.tenancy.models import Retailer
from tests import cast
from tests.cast import NOW

ROOT = Path(__file__).parents[2]
FEW = Size(retailers=4, customers=400)


# --- who there is


def test_every_visit_of_every_customer_leaves_its_cards_in_progress() -> None:
    visits = [ordinary_visit(turn, size=FEW) for turn in range(FEW.visits)]
    assert max(visit["first_more"] for visit in visits) < NEED
    assert max(visit["second_more"] for visit in visits) < NEED
    opened = [(visit["customer"], visit["program_card_c"]) for visit in visits]
    held = {(visit["customer"], visit[card]) for visit in visits for card in ("program_card_a", "program_card_b")}
    assert len(set(opened)) == len(opened) == FEW.ordinary * ROUNDS
    assert not held & set(opened)


def test_each_reward_is_redeemed_once_by_the_customer_who_has_it() -> None:
    visits = [rewarded_visit(turn, size=FEW) for turn in range(FEW.rewarded)]
    assert sorted(visit["reward"] - row_id(Kind.REWARD, 0) for visit in visits) == list(range(FEW.rewarded))
    assert all(
        visit["customer"] - row_id(Kind.CUSTOMER, FEW.ordinary) == visit["reward"] - row_id(Kind.REWARD, 0)
        for visit in visits
    )


def test_people_are_found_as_customers_are() -> None:
    for number in range(0, 1_000_000, 4_999):
        one = person(number)
        names = {"first_name": one.first_name, "last_name": one.last_name}
        assert one.search == search_text(**names, phone=one.phone, email=one.email)
        assert one.sort_name == sort_name(**names, length=SORT_NAME_LENGTH)
        assert one.email == fold_email(one.email)
    people = [person(number) for number in range(5_000)]
    assert len({one.phone for one in people}) == len({one.email for one in people}) == 5_000


def test_what_is_looked_up_is_there() -> None:
    for texts in lookups.questions(2_000).values():
        assert len(texts) > lookups.TEXTS // 2
        people = [person(number).search for number in range(2_000) if lookups.shop_of(number) == 0]
        for text in texts[:10]:
            question = ask_for(text)
            assert question is not None
            assert any(question.is_answered_by(search) for search in people)


@pytest.mark.django_db
def test_the_ledger_of_the_benchmark_adds_up_and_a_wrong_count_is_found() -> None:
    open_stores(FEW, now=utc_now())
    add_customers(FEW, now=utc_now())
    assert _disagreements() == 0
    with current.within(row_id(Kind.RETAILER, 0)):
        assert Customer.objects.count() == FEW.customers // FEW.retailers
        card = Card.objects.filter(state="open", punches__lt=NEED - 1).first()
        assert card is not None
        Card.objects.filter(pk=card.pk).update(punches=card.punches + 1)
    assert _disagreements() == 1


def _disagreements() -> int:
    done = Recount()
    for _ in recount(Retailer.objects.all(), now=utc_now(), into=done):
        pass
    assert done.checked["retailers"] >= FEW.retailers
    return len(done.findings)


@pytest.mark.django_db
def test_a_database_with_a_store_in_it_is_left_alone() -> None:
    cast.make_retailer(name="Corner Pets")
    with pytest.raises(NotEmpty):
        open_stores(FEW, now=NOW)
    assert Retailer.objects.count() == 1


@pytest.mark.django_db
def test_a_column_that_nobody_fills_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"tenancy\.Retailer\.name needs a value"):
        write(Retailer, ["id"], [(1,)])
    with pytest.raises(ValueError, match="has no colour"):
        write(Retailer, ["id", "colour"], [(1, "red")], name="Red Pets")


def test_no_two_slices_meet_the_same_turn() -> None:
    turns = checkouts.Allotment.of(FEW, portions=7.5, redeems=True)
    taken = [turns.take(clients=3) for _ in range(7)] + [turns.take(clients=16, share=0.5)]
    ends = [(first + 3 * each, reward + 3 * rewards) for first, each, reward, rewards in taken[:7]]
    assert [(first, reward) for first, _, reward, _ in taken[1:]] == ends
    assert turns.next_turn <= FEW.visits
    assert turns.next_reward <= FEW.rewarded


# --- the floor


def sums_of(text: str, **given: int) -> dict[str, int]:
    """What pgbench would have in its variables after the `\\set`s of this script."""
    values = dict(given)
    for name, expression in re.findall(r"^\\set (\w+) (.+)$", text, re.MULTILINE):
        python = re.sub(r":(\w+)", r"values['\1']", expression).replace("/", "//")
        values[name] = eval(python, {"values": values})  # noqa: S307 - our own sums
    return values


def sums_with(visit_of: Callable[..., dict[str, Any]]) -> Callable[[Any, Any], dict[str, Any]]:
    return lambda turn, let: visit_of(turn, size=FEW, let=let)


@pytest.mark.parametrize("visit_of", [ordinary_visit, rewarded_visit])
def test_pgbench_does_the_same_sums(visit_of: Callable[..., dict[str, int]]) -> None:
    text = script([Example(Conversation(()), {})], number=1, sums=sums_with(visit_of))
    for turn in (0, 1, 57, 99):
        values = sums_of(text, first1=turn - 10, share1=5, client_id=2, t1=-1, ids1=1)
        known = visit_of(turn, size=FEW)
        assert {name: values[f"b_{name}"] for name in known} == known


def a_conversation(visit: dict[str, int], *, made: int, key: str) -> Conversation:
    return Conversation(
        (
            "BEGIN",
            f"SET LOCAL astro.retailer = '{visit['retailer']}'",
            f'SAVEPOINT "s1_x{made}"',
            f"SELECT 1 FROM card WHERE id IN ({visit['card_a']}, {visit['card_b']}) FOR UPDATE",
            f"UPDATE card SET punches = {visit['first_more']} WHERE id = {visit['card_a']}",
            f"INSERT INTO visit VALUES ({made}, '{key}'::uuid, 'It''s {len(key)} on 2026-11-{made % 20 + 10}')",
            f"INSERT INTO punch SELECT * FROM UNNEST('{{{made + 1},{made + 2}}}'::bigint[], {visit['customer']})",
            "COMMIT",
        )
    )


KEYS = ["01a20368-02f2-7009-98e9-15516a13d32e", "01a20368-02f2-7009-98e9-15516a13d32f"]


def two_examples() -> list[Example]:
    visits = [ordinary_visit(turn, size=FEW) for turn in (3, 12)]
    made = [382_828_883_797_204_000, 382_828_883_797_999_000]
    return [
        Example(a_conversation(visit, made=made[place], key=KEYS[place]), visit) for place, visit in enumerate(visits)
    ]


def test_the_floor_sends_each_statement_in_order_for_another_customer() -> None:
    text = script(two_examples(), number=1, sums=sums_with(ordinary_visit))
    sent = [line for line in text.splitlines() if not line.startswith("\\set")]
    assert sent == [
        "BEGIN;",
        "SET LOCAL astro.retailer = ':b_retailer';",
        'SAVEPOINT "s1_x382828883797204000";',
        "SELECT 1 FROM card WHERE id IN (:b_card_a, :b_card_b) FOR UPDATE;",
        "UPDATE card SET punches = :b_first_more WHERE id = :b_card_a;",
        "INSERT INTO visit VALUES (:b_id0, '018f0001-0000-7000-8000-:b_key0'::uuid, 'It''s 36 on 2026-11-10');",
        "INSERT INTO punch SELECT * FROM UNNEST('{:b_id1,:b_id2}'::bigint[], :b_customer);",
        "COMMIT;",
    ]
    values = sums_of(text, first1=0, share1=1000, client_id=1, t1=6, ids1=5_000)
    assert [values[f"b_id{n}"] - values["b_id0"] for n in range(3)] == [0, 1, 2]
    assert len(str(values["b_key0"])) == 12


def test_checkouts_that_cannot_be_repeated_are_refused() -> None:
    one, other = two_examples()
    shorter = Example(Conversation(other.said.statements[:-1]), other.known)
    with pytest.raises(NotRepeatable, match=r"different numbers of statements: \[7, 8\]"):
        script([one, shorter], number=1, sums=sums_with(ordinary_visit))
    odd = [Example(Conversation((f"UPDATE card SET punches = {n}",)), {"first": 1}) for n in (77, 88)]
    with pytest.raises(NotRepeatable, match=r"Nobody knows what differs between .* 77 .* 88"):
        script(odd, number=1, sums=sums_with(ordinary_visit))


def test_only_the_frame_of_a_transaction_is_not_counted() -> None:
    said = ("BEGIN", "SET LOCAL astro.retailer = '3'", "SET LOCAL ROLE astro_reader", "SELECT 1", "COMMIT")
    assert Conversation(said).counted == ["SET LOCAL ROLE astro_reader", "SELECT 1"]
    assert is_frame("ROLLBACK")
    assert not is_frame('ROLLBACK TO SAVEPOINT "x"')


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_wire_is_taken_down_word_by_word() -> None:
    def talk() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select %s,\n 'F\t10\tQuery\t \"x\"', %s", ['it\'s "ü"\n', 5])

    assert taken_down(talk).statements == ("select 'it''s \"ü\"\n',\n 'F\t10\tQuery\t \"x\"', 5",)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_floor_has_every_statement_of_a_real_checkout() -> None:
    """The texts themselves, but for what belongs to the visit."""
    open_stores(FEW, now=utc_now())
    add_customers(FEW, now=utc_now())
    for found, visit in (
        (examples.ordinary_examples(FEW), ordinary_visit),
        (examples.rewarded_examples(FEW), rewarded_visit),
    ):
        text = script(found, number=1, sums=sums_with(visit))
        sent = "\n".join(line for line in text.splitlines() if not line.startswith("\\set")) + "\n"
        for statement in found[0].said.statements:
            wanted = re.sub(r"\d+|'[^']*'", "", statement)
            here, _, sent = sent.partition(";\n")
            assert re.sub(r":b_\w+|\d+|'[^']*'", "", here) == wanted
        assert sent == ""
        tables = re.findall(r"insert into \"?(\w+)", text, re.IGNORECASE)
        assert {"checkout_visit", "checkout_purchase", "cards_punch"} <= set(tables)
        assert "for update" in text.lower()
        assert "SET LOCAL astro.retailer = ':b_retailer'" in text


@pytest.mark.parametrize(
    ("name", "count"), [("visits", 9), ("visits", 11), ("purchases", 29), ("punches", 31), ("redemptions", 1)]
)
def test_a_floor_that_does_not_write_what_a_checkout_writes_is_no_floor(name: str, count: int) -> None:
    before = dict.fromkeys(("visits", "purchases", "punches", "redemptions"), 0)
    after = {"visits": 10, "purchases": 30, "punches": 30, "redemptions": 2}
    checkouts.check_floor((8, 2), before, after, clients=1)
    with pytest.raises(FloorCheated):
        checkouts.check_floor((8, 2), before, {**after, name: count}, clients=1)


def test_what_pgbench_committed_at_the_last_moment_is_no_cheating() -> None:
    before = dict.fromkeys(("visits", "purchases", "punches", "redemptions"), 5)
    after = {"visits": 17, "purchases": 41, "punches": 41, "redemptions": 8}
    checkouts.check_floor((8, 2), before, after, clients=2)
    with pytest.raises(FloorCheated):
        checkouts.check_floor((8, 2), before, after, clients=1)


def test_reads_what_pgbench_says() -> None:
    told = (
        "number of transactions actually processed: 130\nlatency average = 1.2 ms\n"
        "tps = 64.5 (without initial connection time)\nSQL script 1: a.sql\n - weight: 12\n"
        " - 120 transactions (92.3% of total, tps = 60.0)\nSQL script 2: b.sql\n"
        " - 10 transactions (7.7% of total, tps = 4.5)\n"
    )
    assert pgbench.read(told, scripts=2) == pgbench.Ran((120, 10), 64.5)
    assert pgbench.read(told, scripts=1) == pgbench.Ran((130,), 64.5)
    with pytest.raises(Unreadable):
        pgbench.read("pgbench (PostgreSQL) 99", scripts=1)


# --- the tills


@contextmanager
def answering(*answers: list[bytes]) -> Iterator[int]:
    """A server on a free port that gives these answers, in these pieces, one for each request; the last one for ever.
    An answer without pieces hangs up."""
    left = list(answers)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            while received := self.request.recv(65_536):
                while b"\r\n\r\n" not in received:
                    received += self.request.recv(65_536)
                pieces = left.pop(0) if len(left) > 1 else left[0]
                for piece in pieces:
                    self.request.sendall(piece)
                if not pieces:
                    return

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def plain(body: bytes, *, status: str = "200 OK") -> list[bytes]:
    return [f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body]


GET = b"GET / HTTP/1.1\r\n\r\n"


def test_reads_answers_however_they_are_sent() -> None:
    squeezed = zlib.compressobj(wbits=31)
    zipped = squeezed.compress(b"squeezed") + squeezed.flush()
    chunked = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r",
        b"\n5\r\nfirst\r\n1",
        b"0;x=y\r\n, then sixteen..\r\n0\r\nTrailer: 1\r\n\r\n",
    ]
    gzipped = [
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(zipped) + zipped[:5],
        zipped[5:],
    ]
    with answering(plain(b"known length"), chunked, gzipped, plain(b"gone", status="404 Not Found")) as port:
        connection = Connection("127.0.0.1", port)
        assert connection.ask(GET).body == b"known length"
        assert connection.ask(GET).body == b"first, then sixteen.."
        assert connection.ask(GET).body == b"squeezed"
        assert (connection.ask(GET).status, connection.ask(GET).body) == (404, b"gone")
        connection.close()


def test_a_connection_that_breaks_off_is_told_and_opened_again() -> None:
    with answering([], plain(b"back")) as port:
        connection = Connection("127.0.0.1", port)
        with pytest.raises(Broken):
            connection.ask(GET)
        assert connection.ask(GET).body == b"back"
        connection.close()
    with answering([b"SMTP ready\r\n\r\n"]) as port:
        connection = Connection("127.0.0.1", port)
        with pytest.raises(Broken, match="Not HTTP"):
            connection.ask(GET)


def a_job(port: int, *, turns: int = 10, **more: object) -> Job:
    return Job("127.0.0.1", port, FEW.retailers, FEW.customers, "spread", turns=(0, turns), **more)  # type: ignore[arg-type]


def at_the_till(job: Job) -> Tally:
    connection = Connection(job.host, job.port)
    tally = work(spread(job, connection), seconds=30)
    connection.close()
    return tally


FINISHED = plain(b'<section id="finished">')


def test_every_wrong_answer_is_an_error_and_no_checkout() -> None:
    broken = plain(b"Server error", status="500 Internal Server Error")
    with answering(FINISHED, broken, plain(b"<p>Sign in</p>"), [], FINISHED) as port:
        tally = at_the_till(a_job(port))
    assert (len(tally.milliseconds), tally.errors, tally.redemptions) == (7, 3, 0)
    assert [sample.partition(":")[0] for sample in tally.samples] == ["Unexpected", "Unexpected", "Broken"]
    assert "500 b'Server error'" in tally.samples[0]


def test_every_thirteenth_visit_redeems_until_its_rewards_are_gone() -> None:
    offer = plain(b'<section id="redemption">')
    visits = [*[FINISHED] * 12, offer, FINISHED]
    with answering(*visits, *visits, FINISHED) as port:
        tally = at_the_till(a_job(port, turns=1000, rewards=(0, 2), redeem_every=13))
    assert (len(tally.milliseconds), tally.redemptions, tally.errors) == (26 + 12, 2, 0)


def test_a_till_is_a_process_and_says_what_came_of_its_work() -> None:
    broken = plain(b"Server error", status="500 Internal Server Error")
    with answering(broken, FINISHED) as port:
        tallies = work_together([a_job(port), a_job(port, till=1)], seconds=20)
    total = Total()
    total.add(tallies)
    assert (total.count, total.errors) == (19, 1)
    assert total.rate == pytest.approx(sum(len(one.milliseconds) / one.seconds for one in tallies))


def test_percentiles() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)) == (51.0, 100.0, None)


def test_processor_time_is_that_of_the_whole_family() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        pids = family(os.getpid())
        assert child.pid in pids
        assert cpu_seconds(pids).keys() >= {os.getpid(), child.pid}
        child.communicate(b"\n")
    assert spent({1: 2.0, 2: 5.0}, {1: 3.5, 3: 1.0}) == 2.5


# --- what is told

ASKED_FOR = {
    *("clients", "checkouts_per_s", "floor_per_s", "ratio_to_floor", "p50_ms", "p99_ms", "errors"),
    *("statements_per_checkout", "app_cpu_ms", "db_cpu_ms"),
}


def a_row() -> dict[str, object]:
    found = checkouts.Measured(8, floor_rates=[400.0, 600.0], app_seconds=4.0, database_seconds=1.0)
    found.floor_count, found.floor_seconds = 2000, 4.0
    found.product.add([Tally(milliseconds=[10.0] * 1000, errors=2, seconds=5.0)])
    found.beside = {"retries_per_s": 500.0, "retry_ratio": 2.5, "one_customer_per_s": 100.0, "one_customer_ratio": 0.5}
    return checkouts.row(found, [Example(Conversation(("BEGIN", "SELECT 1", "COMMIT")), {})], [], 0)


def test_a_row_has_what_is_asked_for() -> None:
    row = a_row()
    assert row.keys() >= ASKED_FOR
    told = {name: row[name] for name in ASKED_FOR}
    assert told == {
        "clients": 8,
        "checkouts_per_s": 200.0,
        "floor_per_s": 500.0,
        "ratio_to_floor": 2.5,
        "p50_ms": 10.0,
        "p99_ms": 10.0,
        "errors": 2,
        "statements_per_checkout": 1,
        "app_cpu_ms": 4.0,
        "db_cpu_ms": 1.0,
    }
    assert (row["floor_cpu_ms"], row["cpu_ratio"]) == (2.0, 2.5)


def test_the_command_prints_a_list_or_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[list[str]] = []

    def measured_inside(words: list[str], *, engine: str) -> list[dict[str, object]]:
        heard.append([engine, *words])
        return [a_row()]

    monkeypatch.setattr(bench, "measured_inside", measured_inside)
    out = io.StringIO()
    call_command("bench", "checkout", "--json", "--clients", "8", stdout=out)
    assert json.loads(out.getvalue()) == [a_row()]
    out = io.StringIO()
    call_command("bench", "checkout", "--verify", "--seconds", "2", stdout=out)
    head, line, _, repeats, _together, *verdict = out.getvalue().splitlines()
    assert head.split()[:4] == ["clients", "checkouts/s", "floor/s", "ratio"]
    assert line.split()[:4] == ["8", "200.0", "500.0", "2.5"]
    assert repeats.endswith("500.0 a second, 2.5 times as many as new ones.")
    assert verdict == ["", "astro verify finds 0 disagreements afterwards."]
    options = ["checkout", "--scale", "full", "--count", "300", "--clients"]
    slices = ["--slices", "3", "--seconds"]
    assert heard == [
        ["postgresql", *options, "8", *slices, "5.0"],
        ["postgresql", *options, "1,8,16", "--verify", *slices, "2.0"],
    ]


def test_what_is_measured_beside_the_table_is_told_wherever_it_stands() -> None:
    rows = [{**a_row(), "retry_ratio": None, "statements_per_redeeming_checkout": 60}, a_row()]
    told = report.checkout_report(rows)
    assert "8 clients on one customer: 100.0 a second, 0.5 of the rate on many." in told
    assert "(both requests) takes 60 statements" in told


def test_wrong_words_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="whole numbers with commas between"):
        call_command("bench", "checkout", "--clients", "1,zero")
    with pytest.raises(CommandError, match="There is no engine oracle"):
        call_command("bench", "lookup", "--engines", "oracle")
    monkeypatch.setattr(pgbench.shutil, "which", lambda name: None)
    monkeypatch.setattr(pgbench, "BESIDE_THE_SERVER", Path("/nowhere"))
    with pytest.raises(CommandError, match=r"pgbench is not installed\. On Debian or Ubuntu: sudo apt install"):
        call_command("bench", "checkout")


def test_time_belongs_to_the_part_that_asked_for_it() -> None:
    orm, ours, builtin = ("/x/django/db/models/query.py", 1, "get"), ("/x/astro/cards/a.py", 2, "b"), ("~", 0, "len")
    stats = {
        orm: (1, 1, 3.0, 3.5, {}),
        ours: (1, 1, 1.0, 6.0, {}),
        builtin: (4, 4, 2.0, 2.0, {orm: (1, 1, 0.5, 0.5), ours: (3, 3, 1.5, 1.5)}),
    }
    assert spending.shares(stats) == pytest.approx({spending.ORM: 3.5 / 6, spending.OURS: 2.5 / 6})
    assert spending.part_of("/x/psycopg/cursor.py") == spending.DRIVER
    assert spending.part_of("/x/astro/accounts/middleware.py") == spending.MIDDLEWARE
    assert spending.part_of("/usr/lib/python3.11/json/decoder.py") is None


def test_tables_stand_in_columns() -> None:
    rows = [{"a": 1, "b": None}, {"a": 1234.5, "b": "x"}]
    assert report.table(rows, {"a": "first", "b": "second"}).splitlines() == [
        "  first  second",
        "      1       -",
        "1,234.5       x",
    ]


# --- the whole of it


def run_bench(*words: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "astro", "bench", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True, process_group=0)


@pytest.mark.long
@pytest.mark.once
def test_measures_checkouts_without_errors_and_leaves_a_ledger_that_adds_up() -> None:
    words = ["--scale", "small", "--clients", "1,4", "--slices", "1", "--seconds", "1", "--json", "--verify"]
    with run_bench("checkout", *words) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    rows = json.loads(out)
    assert [row["clients"] for row in rows] == [1, 4]
    for row in rows:
        assert row.keys() >= ASKED_FOR
        assert (row["errors"], row["disagreements"]) == (0, 0)
        assert (
            min(row["checkouts_per_s"], row["floor_per_s"], row["app_cpu_ms"], row["db_cpu_ms"], row["floor_cpu_ms"])
            > 0
        )
    assert sum(row["redemptions"] for row in rows) > 0


@pytest.mark.long
@pytest.mark.once
def test_measures_look_ups_on_both_engines() -> None:
    with run_bench("lookup", "--customers", "1000", "--slices", "1", "--seconds", "0.5", "--json") as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    rows = json.loads(out)
    assert {(row["engine"], row["errors"]) for row in rows} == {("sqlite", 0), ("postgresql", 0)}
    assert len(rows) == 10


@pytest.mark.long
@pytest.mark.once
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents:
        if folder.owner() == tmp_path.owner() and str(folder).startswith("/tmp/"):  # noqa: S108
            folder.chmod(0o755)
    with run_bench("checkout", "--scale", "small", "--clients", "2", "--seconds", "60") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("2 clients"):
                break
        there = family(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    assert cpu_seconds(pid for pid in there if pid != process.pid) == {}
    assert list(tmp_path.iterdir()) == []
