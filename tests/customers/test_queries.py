"""Look-up on the engine at hand, against the same question asked in plain Python."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from astro.customers.actions import give_code, retire_customer, seen_at
from astro.customers.look_up import ask
from astro.customers.models import Customer
from astro.customers.queries import Lookalike, customers_matching, ids_matching, lookalikes
from astro.tenancy.current import NoRetailer, across_retailers
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_customer

pytestmark = pytest.mark.django_db

PEOPLE = [
    ("Zoë", "Ortiz", "4065550142", "zoe.ortiz@example.com"),
    ("Ben", "O’Ortizan", "4065550199", "BEN@example.com"),
    ("Ann & Bob", "van der Berg", "4064014255", ""),
    ("O%_\\'\"", "Percent", "", "a_b%c@example.com"),
    ("🐶🐱🐭", "Emoji", "", ""),
    ("שרה", "כהן", "", "sara@example.com"),
    ("<script>", "alert(1)", "", ""),
    ("İstanbul", "Straße", "+442079460123", ""),
    ("李明", "王小明", "", ""),
    ("Barn 0142", "Four 55", "", "b0142@example.com"),
]


@pytest.fixture
def people(huxley: Retailer, midtown: Location, otherpaws: Retailer, elsewhere: Location) -> list[Customer]:
    """Huxley's customers; another retailer has the very same people, and one of Huxley's was retired."""
    with inside(otherpaws):
        for first, last, phone, email in PEOPLE:
            make_customer(first_name=first, last_name=last, phone=phone, email=email, at=elsewhere)
    with inside(huxley):
        gone = make_customer(first_name="Zoë", last_name="Ortiz", at=midtown)
        retire_customer(gone, at=midtown, by=None, now=NOW)
        return [
            make_customer(first_name=first, last_name=last, phone=phone, email=email, at=midtown)
            for first, last, phone, email in PEOPLE
        ]


def by_rank(found: list[Customer], text: str) -> list[list[int]]:
    """Ids in groups of equal rank: within one, each engine sorts names by its own alphabet."""
    question = ask(text)
    groups: dict[int | None, list[int]] = {}
    for one in found:
        groups.setdefault(question.rank(one.search) if question else 0, []).append(one.pk)
    return [sorted(group) for group in groups.values()]


def naive(people: list[Customer], text: str) -> list[list[int]]:
    """The same, of everybody whom plain Python finds."""
    question = ask(text)
    if question is None:
        return []
    found = [one for one in people if question.is_answered_by(one.search)]
    return by_rank(sorted(found, key=lambda one: question.rank(one.search) or 0), text)


pieces = st.sampled_from(
    [text for row in PEOPLE for text in row if text]
    + ["0142", "555", "+1 406", "example", "zo", "%", "_", '"', "\\", "'"]
)


@st.composite
def questions(draw: st.DrawFn) -> str:
    """Cuts out of what is stored, glued together; now and then anything at all."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.text(max_size=12))
    words = []
    for piece in draw(st.lists(pieces, min_size=1, max_size=3)):
        start = draw(st.integers(0, max(len(piece) - 1, 0)))
        words.append(piece[start : start + draw(st.integers(1, 12))])
    return draw(st.sampled_from([" ", "  ", "-"])).join(words)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=questions())
def test_the_engine_finds_what_python_finds(huxley: Retailer, people: list[Customer], text: str) -> None:
    with inside(huxley):
        found = customers_matching(text, limit=50)
    assert by_rank(found, text) == naive(people, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoe", ["Zoë Ortiz"]),
        ("ZOË", ["Zoë Ortiz"]),
        ("zo", ["Zoë Ortiz"]),
        ("ort", ["Zoë Ortiz", "Ben O’Ortizan"]),
        ("bob van", ["Ann & Bob van der Berg"]),
        ("555-0142", ["Zoë Ortiz"]),
        ("0142", ["Zoë Ortiz", "Barn 0142 Four 55", "Ann & Bob van der Berg"]),
        ("ben@EXAMPLE", ["Ben O’Ortizan"]),
        ("%_\\", ["O%_\\'\" Percent"]),
        ("\\'\"", ["O%_\\'\" Percent"]),
        ("'\"", []),
        ("🐱🐭", []),
        ("🐶🐱", ["🐶🐱🐭 Emoji"]),
        ("🐶🐱🐭", ["🐶🐱🐭 Emoji"]),
        ("<script>", ["<script> alert(1)"]),
        ("istanbul strasse", ["İstanbul Straße"]),
        ("020 7946 0123", ["İstanbul Straße"]),
        ("小明", []),
        ("王小", ["李明 王小明"]),
        ("שרה", ["שרה כהן"]),
        ("e", []),
        ("%", []),
        ("' or 1=1 --", []),
        ('" OR search : "zoe', []),
        ("zoe\x00", ["Zoë Ortiz"]),
        ("zoe " * 120, ["Zoë Ortiz"]),
        ("zoe " * 2500, []),
        ("", []),
    ],
    ids=lambda value: None if isinstance(value, list) else ascii(value[:20]),
)
def test_finds(huxley: Retailer, people: list[Customer], text: str, found: list[str]) -> None:
    with inside(huxley):
        assert [one.name for one in customers_matching(text, limit=50)] == found


def test_the_other_retailer_finds_its_own(otherpaws: Retailer, people: list[Customer]) -> None:
    with inside(otherpaws):
        found = customers_matching("zoe ortiz", limit=50)
        assert [one.retailer_id for one in found] == [otherpaws.pk]
        assert found[0] not in people


def test_nobody_looks_up_without_a_retailer(people: list[Customer]) -> None:
    with pytest.raises(NoRetailer):
        customers_matching("zoe", limit=50)


def test_a_scanned_code_finds_its_customer_alone(huxley: Retailer, otherpaws: Retailer, people: list[Customer]) -> None:
    with inside(huxley):
        code = give_code(people[1], now=NOW).code
        assert customers_matching(code, limit=50) == [people[1]]
    with inside(otherpaws):
        assert customers_matching(code, limit=50) == []


def test_who_was_here_last_comes_first_among_equals(huxley: Retailer, midtown: Location, riverside: Location) -> None:
    with inside(huxley):
        far, adam, bea = (
            make_customer(first_name=name, last_name="Smith", at=where)
            for name, where in [("Aaron", riverside), ("Adam", midtown), ("Bea", midtown)]
        )
        inner = make_customer(first_name="Cy", last_name="Goldsmith", at=midtown)
        seen_at(bea, at=midtown, now=NOW + timedelta(days=1))
        seen_at(inner, at=midtown, now=NOW + timedelta(days=2))
        assert customers_matching("smith", limit=9, at=midtown) == [bea, adam, far, inner]
        assert customers_matching("smith", limit=9, at=riverside) == [far, adam, bea, inner]
        assert customers_matching("smith", limit=9) == [far, adam, bea, inner]
        assert customers_matching("smith", limit=2, at=midtown) == [bea, adam]


def test_only_those_whom_a_location_has_met(huxley: Retailer, midtown: Location, riverside: Location) -> None:
    with inside(huxley):
        make_customer(first_name="Aaron", last_name="Smith", at=riverside)
        adam = make_customer(first_name="Adam", last_name="Smith", at=midtown)
        question = ask("smith")
        assert question is not None
        assert ids_matching(question, limit=9, only_at=midtown) == [adam.pk]


def test_a_look_up_costs_the_same_for_one_and_three(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        make_customer(last_name="Smith", at=midtown)
        with CaptureQueriesContext(
            connection,
        ) as one:
            assert len(customers_matching("smith", limit=9, at=midtown)) == 1
        for _row in range(2):
            make_customer(last_name="Smith", at=midtown)
        with CaptureQueriesContext(connection) as three:
            assert len(customers_matching("smith", limit=9, at=midtown)) == 3
    assert len(one) == len(three) == 3


def test_the_index_answers(huxley: Retailer, people: list[Customer]) -> None:
    """On PostgreSQL not behind the wall, which is the reason for two steps. It would walk ten rows anyhow, so there the
    retailer, whom other indexes know too, is left out of the question."""
    with inside(huxley):
        if connection.vendor == "sqlite":
            plan = plan_of(statement_of("ortiz"))
            assert "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)" in plan
            assert any("VIRTUAL TABLE INDEX" in step for step in plan)
            with CaptureQueriesContext(connection) as asked:
                assert len(customers_matching("ort", limit=5)) == 2
            # Of many ids in an order, SQLite would take the index of the order, and walk all customers by name.
            assert "ORDER BY" not in asked.captured_queries[-1]["sql"]
            return
        assert "c.search like '% ortiz%'" in statement_of("ortiz")
        bare = "select id from customers_customer where search like '%%ortiz%%'"
        assert not narrowed_by_text(plan_of(bare))
        with across_retailers("the plan, no rows"):
            assert narrowed_by_text(plan_of(bare))


def narrowed_by_text(plan: list[str]) -> bool:
    """Whether an index found the text, instead of a filter reading every row."""
    return any("Index Cond" in step and "search ~~" in step for step in plan)


def plan_of(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"explain query plan {statement}")
            return [row[3] for row in cursor.fetchall()]
        for way in ("seqscan", "indexscan", "indexonlyscan"):  # a small table is walked whatever indexes it has
            cursor.execute(f"set local enable_{way} = off")
        cursor.execute(f"explain {statement}", [])
        return [row[0] for row in cursor.fetchall()]


def statement_of(text: str) -> str:
    question = ask(text)
    assert question is not None
    with CaptureQueriesContext(connection) as asked:
        ids_matching(question, limit=5)
    return next(query["sql"] for query in asked.captured_queries if "customers_customer" in query["sql"])


def test_lookalikes_share_phone_email_or_name(
    huxley: Retailer, midtown: Location, otherpaws: Retailer, elsewhere: Location
) -> None:
    with inside(otherpaws):
        make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", email="b@example.com", at=elsewhere)
    with inside(huxley):
        by_name = make_customer(first_name="Bén", last_name="ORTIZ", at=midtown)
        by_email = make_customer(first_name="Bee", email="B@example.com", at=midtown)
        by_phone = make_customer(first_name="Bo", phone="4065550142", at=midtown)
        gone = make_customer(first_name="Ben", last_name="Ortiz", at=midtown)
        retire_customer(gone, at=midtown, by=None, now=NOW)
        typed = {"first_name": "ben", "last_name": "ortiz", "phone": "+14065550142", "email": "b@EXAMPLE.com"}
        assert lookalikes(**typed, limit=5) == [
            Lookalike(by_phone, "phone"),
            Lookalike(by_email, "email"),
            Lookalike(by_name, "name"),
        ]
        assert lookalikes(**typed, limit=1) == [Lookalike(by_phone, "phone")]
        assert lookalikes(first_name="", last_name="", phone="", email="", limit=5) == []


def test_many_of_one_name_do_not_hide_who_has_the_phone(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        by_phone = make_customer(first_name="Bo", phone="4065550142", at=midtown)
        for number in range(12):
            make_customer(first_name="Ben", last_name="Ortiz", at=midtown, now=NOW + timedelta(days=number))
        found = lookalikes(first_name="Ben", last_name="Ortiz", phone="+14065550142", email="", limit=3)
        assert [one.shares for one in found] == ["phone", "name", "name"]
        assert found[0].customer == by_phone
