"""Reading what a till kept, and judging its clock: tables of cases."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from astro.checkout.arrivals import (
    AHEAD,
    LONGEST_CODE,
    MOST_RAW,
    OLDEST,
    WORTH_A_LOOK,
    Goods,
    Moment,
    Unknown,
    Who,
    judge,
    read_goods,
    read_sent,
    read_who,
    words_of,
)
from astro.checkout.basket import Line
from astro.checkout.errors import BadVisit

KEY = UUID("0199b6a1-0000-7000-8000-000000000001")
LINE = UUID("0199b6a1-0000-7000-8000-000000000002")
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=one) for one in (1, 60, 3600, 86_400))
NONE = timedelta()


@pytest.mark.parametrize(
    ("told", "off", "counted", "is_sure"),
    [
        (-HOUR, NONE, -HOUR, True),
        (-59 * DAY, NONE, -59 * DAY, True),
        (-OLDEST, NONE, -OLDEST, True),
        (-OLDEST - SECOND, NONE, NONE, False),
        (AHEAD, NONE, NONE, True),  # a little fast: now
        (AHEAD + SECOND, NONE, NONE, False),
        (-HOUR, 2 * MINUTE, -HOUR, True),  # what two honest clocks differ by
        (-HOUR, -2 * MINUTE, -HOUR, True),
        (-HOUR, 3 * MINUTE, -HOUR - 3 * MINUTE, True),
        (-HOUR, -3 * MINUTE, -HOUR + 3 * MINUTE, True),
        (-2 * HOUR + WORTH_A_LOOK, WORTH_A_LOOK, -2 * HOUR, True),
        (-2 * HOUR + WORTH_A_LOOK + SECOND, WORTH_A_LOOK + SECOND, -2 * HOUR, False),
        (730 * DAY - HOUR, 730 * DAY, -HOUR, False),  # two years fast: put right, and shown
        (-730 * DAY - HOUR, -730 * DAY, -HOUR, False),  # two years slow
        (730 * DAY, NONE, NONE, False),  # rung up by a wrong clock that was put right before it sent
        (-730 * DAY, NONE, NONE, False),
    ],
)
def test_clock_is_judged(told, off, counted, is_sure):
    matters = off if abs(off) > 2 * MINUTE else NONE
    assert judge(NOW + told, till_clock=NOW + off, now=NOW) == Moment(NOW + counted, matters, is_sure)


def test_moment_that_cannot_be_read_is_now_and_shown():
    assert judge(None, till_clock=NOW, now=NOW) == Moment(NOW, NONE, is_sure=False)


def test_till_that_does_not_say_its_time_is_believed():
    assert judge(NOW - HOUR, till_clock=None, now=NOW) == Moment(NOW - HOUR, NONE, is_sure=True)


@pytest.mark.parametrize(
    ("told", "clock"),
    [
        (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_moments_at_the_ends_of_time_are_now(told, clock):
    moment = judge(told, till_clock=clock, now=NOW)
    assert (moment.occurred_at, moment.is_sure) == (NOW, False)


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ({"id": "12"}, Who("id", "12")),
        ({"id": 12}, Who("id", "12")),
        ({"code": " C0D4K9ZQ3T1E "}, Who("code", "C0D4K9ZQ3T1E")),
        ({"phone": "(406) 555-0142"}, Who("phone", "(406) 555-0142")),
        ({"note": "Red\ncoat,\x00 two  beagles"}, Who("note", "Red coat, two beagles")),
        ({"note": "x" * 500}, Who("note", "x" * 200)),
        ({"id": "many", "phone": "555"}, Who("phone", "555")),
        ({"id": "9" * 19, "note": "big"}, Who("note", "big")),
        ({"note": "\ud800"}, Who("note", "")),
        ({}, Who("note", "")),
        ({"code": ["C1"]}, Who("note", "")),
        ("Sally", Who("note", "")),
        (None, Who("note", "")),
    ],
)
def test_customer_as_the_till_named_them(told, who):
    assert read_who(told) == who


def a_line(**changed):
    return {"key": str(LINE), "product_id": "7", "quantity": 2, **changed}


@pytest.mark.parametrize(
    ("rows", "lines", "is_whole"),
    [
        (None, (), True),
        ([], (), True),
        ("lines", (), False),
        ([a_line()], (Line(LINE, 7, 2),), True),
        ([a_line(key="?")], (Line(uuid5(KEY, "line 0"), 7, 2),), True),
        ([a_line(product_id="?"), a_line()], (Line(LINE, 7, 2),), False),
        ([a_line(), a_line(product_id="8")], (Line(LINE, 7, 2),), False),
        ([a_line(quantity=0)], (), False),
        ([a_line(quantity=True)], (), False),
        ([a_line(quantity=1.5)], (), False),
        ([a_line(quantity=1000)], (), False),
        ([a_line(quantity=999), a_line(key="?", quantity=1)], (Line(LINE, 7, 999),), False),
        ([None, 3, [], a_line()], (Line(LINE, 7, 2),), False),
    ],
)
def test_lines_that_can_be_read_are_taken(rows, lines, is_whole):
    assert read_goods({"lines": rows}, key=KEY) == (Goods(lines), is_whole)


def test_a_visit_holds_200_lines():
    goods, is_whole = read_goods({"lines": [a_line(key=None, quantity=1)] * 201}, key=KEY)
    assert (len(goods.lines), is_whole) == (200, False)


@pytest.mark.parametrize(
    ("rows", "unknown", "is_whole"),
    [
        ([{"code": "012345", "quantity": 3}], (Unknown("012345", 3),), True),
        ([{"code": "", "quantity": 3}], (), False),
        ([{"code": "1"}], (), False),
        ([{"code": 12, "quantity": 1}], (), False),
        ([{"code": "9" * 200, "quantity": 1}], (Unknown("9" * LONGEST_CODE, 1),), True),
        ([{"code": "1", "quantity": 998}, {"code": "2", "quantity": 2}], (Unknown("1", 998),), False),
        ({"code": "1"}, (), False),
    ],
)
def test_codes_that_the_till_did_not_know(rows, unknown, is_whole):
    assert read_goods({"unknown": rows}, key=KEY) == (Goods(unknown=unknown), is_whole)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"reason": "other", "reason_text": "for the\nshelter"}, ("other", "for the shelter")),
        ({"reason": "breeder", "reason_text": 7}, ("breeder", "")),
        ({"reason": "because", "reason_text": "x"}, ("", "")),
        ({"reason": ["other"]}, ("", "")),
        ({"reason": "other", "reason_text": "x" * 900}, ("other", "x" * 200)),
    ],
)
def test_a_reason_that_cannot_be_read_loses_no_purchase(sent, told):
    goods, is_whole = read_goods({"lines": [a_line()], **sent}, key=KEY)
    assert ((goods.reason, goods.reason_text), goods.lines, is_whole) == (told, (Line(LINE, 7, 2),), True)


def test_only_the_key_must_be_there():
    visit, _data = read_sent(json.dumps({"key": str(KEY)}).encode())
    assert (visit.key, visit.who, visit.goods, visit.told_at, visit.is_whole) == (
        KEY,
        Who("note", ""),
        Goods(),
        None,
        False,
    )


def test_what_is_kept_of_an_unreadable_body_is_bounded_and_printable():
    visit, _data = read_sent(json.dumps({"key": str(KEY), "lines": "\x07" + "x" * MOST_RAW}).encode() + b"\n")
    assert len(visit.raw) == MOST_RAW
    assert visit.raw.isprintable()


def test_line_beyond_what_a_visit_holds_stands_in_what_is_kept():
    """The till forgets the visit when it is taken: what was not recorded stands nowhere else."""
    rows = [
        a_line(key=None, quantity=1, product_id="9007199254740993") | {"key": str(uuid5(KEY, str(one)))}
        for one in range(400)
    ]
    visit, _data = read_sent(json.dumps({"key": str(KEY), "lines": rows}).encode())
    assert (len(visit.goods.lines), visit.is_whole) == (200, False)
    assert all(row["key"] in visit.raw for row in rows)


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b'{"key": "0199', 400), (b"3", 400), (b'{"lines": []}', 422)]
)
def test_what_was_cut_is_told_apart_from_what_has_no_key(body, status):
    with pytest.raises(BadVisit) as problem:
        read_sent(body)
    assert problem.value.status == status


def test_order_and_spaces_do_not_make_another_body():
    assert words_of({"a": [1, {"c": 2, "b": 3}]}) == words_of(json.loads('{ "a": [1, {"b": 3, "c": 2}] }'))
    assert words_of({"a": 1}) != words_of({"a": 2})
