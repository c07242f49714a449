"""What a till may send, and the sentence it gets for anything else."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.checkout.basket import MOST_LINES, REASONS, Line, read_basket, read_json, read_lines
from astro.checkout.errors import BadVisit
from astro.checkout.models import Reason
from astro.kit.ids import MAX_ID

KEY = "0192f0c1-2222-7abc-8def-001122334455"
LINE = {"key": "0192f0c1-1111-7abc-8def-001122334455", "product_id": "912", "quantity": 2}


def visit(**changes):
    return {"key": KEY, "occurred_at": "2026-11-20T10:00:00-07:00", "lines": [LINE]} | changes


def test_reads_a_visit():
    basket = read_basket(visit(), customer_id=5)
    assert basket.key == UUID(KEY)
    assert basket.occurred_at == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert basket.lines == (Line(UUID(LINE["key"]), 912, 2),)


def test_the_same_body_has_the_same_fingerprint_whatever_its_spelling():
    first = read_basket(visit(), customer_id=5)
    again = read_basket(visit(key=KEY.upper(), occurred_at="2026-11-20T17:00:00Z"), customer_id=5)
    assert first.fingerprint == again.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"lines": [LINE | {"quantity": 3}]},
        {"lines": [LINE | {"product_id": "913"}]},
        {"occurred_at": "2026-11-20T10:00:01-07:00"},
        {"lines": [LINE, LINE | {"key": KEY}]},
    ],
)
def test_another_body_has_another_fingerprint(other):
    assert read_basket(visit(**other), customer_id=5).fingerprint != read_basket(visit(), customer_id=5).fingerprint


def test_another_customer_has_another_fingerprint():
    assert read_basket(visit(), customer_id=6).fingerprint != read_basket(visit(), customer_id=5).fingerprint


BAD = [
    ({"lines": "none"}, "holds up to 200 lines"),
    ({"reason": "because"}, "choose one of the reasons"),
    ({"reason": ["other"]}, "choose one of the reasons"),
    ({"reason": "other", "reason_text": "x" * 201}, "holds up to 200 characters"),
    ({"reason": "other", "reason_text": 7}, "holds up to 200 characters"),
    ({"lines": "twelve bags"}, "lines"),
    ({"lines": [LINE] * (MOST_LINES + 1)}, "lines"),
    ({"lines": [LINE, LINE]}, "same key"),
    ({"lines": ["bag"]}, "line"),
    ({"lines": [LINE | {"quantity": 0}]}, "quantity"),
    ({"lines": [LINE | {"quantity": -3}]}, "quantity"),
    ({"lines": [LINE | {"quantity": 1000}]}, "quantity"),
    ({"lines": [LINE | {"quantity": 999}, LINE | {"key": KEY}]}, "999 items"),
    ({"lines": [LINE | {"quantity": 1.5}]}, "quantity"),
    ({"lines": [LINE | {"quantity": True}]}, "quantity"),
    ({"lines": [LINE | {"quantity": "2"}]}, "quantity"),
    ({"lines": [LINE | {"product_id": "x"}]}, "product"),
    ({"lines": [LINE | {"product_id": "9" * 30}]}, "product"),
    ({"lines": [LINE | {"product_id": str(MAX_ID + 1)}]}, "product"),
    ({"lines": [LINE | {"product_id": "٣"}]}, "product"),
    ({"lines": [LINE | {"key": "x"}]}, "key"),
    ({"key": None}, "key"),
    ({"key": 12}, "key"),
    ({"key": "not-a-key"}, "key"),
    ({"occurred_at": "yesterday"}, "when"),
    ({"occurred_at": None}, "when"),
    ({"occurred_at": 1763650800}, "when"),
    ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "when"),
]


@pytest.mark.parametrize(("changes", "told"), BAD)
def test_refuses_with_a_sentence(changes, told):
    with pytest.raises(BadVisit) as refusal:
        read_basket(visit(**changes), customer_id=5)
    assert told in str(refusal.value).lower()
    assert refusal.value.status == 422


@pytest.mark.parametrize("body", [b"", b"[" * 200_000, b"{", b"[]", b"null", b"\xff\xfe", b'"visit"', b"NaN"])
def test_refuses_what_is_no_object(body):
    with pytest.raises(BadVisit):
        read_json(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["key", "occurred_at", "lines"]), json_values)
    | st.builds(lambda line: visit(lines=[line]), st.dictionaries(st.sampled_from([*LINE]), json_values))
)
def test_anything_is_either_read_or_refused(data):
    try:
        basket = read_basket(json.loads(json.dumps(data)), customer_id=5)
    except BadVisit:
        return
    assert basket.lines == read_lines(data)


def test_the_reasons_that_are_read_are_those_that_are_kept():
    """The reader is pure and names them itself; what a visit stores must know every one of them."""
    assert set(Reason.values) == REASONS
