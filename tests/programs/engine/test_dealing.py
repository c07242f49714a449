"""Dealing punches, by cases that a store owner could check with paper cards and a calendar.

Each case is a row: what was bought, a letter a unit, with its date; then the cards, first to last, as one would read
them aloud: `AB-` is a card of three with two punches, `(A)` a punch that expired off it, `ABC!` a full one that earns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from string import ascii_uppercase

import pytest

from astro.programs.engine.dealing import deal
from astro.programs.engine.stamping import Standing, stamp
from astro.programs.engine.terms import Dealing, Pinned, Round, Rule, Unit, add_months

YEAR = 2027
THREE = Rule(1, buy=3)
THREE_A_MONTH = Rule(2, buy=3, expiry_months=1)
TWO_GET_TWO = Rule(3, buy=2, get=2)
ONE = Rule(4, buy=1)
FOUR = Rule(5, buy=4)
FOUR_TWO_MONTHS = Rule(6, buy=4, expiry_months=2)


def a_day(told: str) -> date:
    """`31 Jan`, this year; `31 Jan 2028`, another one."""
    number, month, *year = told.split()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return date(int(year[0]) if year else YEAR, months.index(month) + 1, int(number))


def bought(*days: str, rule: Rule = THREE) -> list[Unit]:
    """A unit for each day, lettered A, B, C and so on."""
    return [
        Unit(number, 1, 7, datetime.combine(a_day(day), time(12), UTC), a_day(day), rule)
        for number, day in enumerate(days, start=1)
    ]


def letter(unit: Unit) -> str:
    return ascii_uppercase[unit.cause_id - 1]


def read(dealing: Dealing) -> str:
    """The cards, one after the other."""
    return " ".join(_card(round_, dealing) for round_ in dealing.rounds)


def _card(round_: Round, dealing: Dealing) -> str:
    here = [place for place in dealing.placements if place.number == round_.number]
    gone = "".join(letter(place.unit) for place in here if place.position is None)
    on = "".join(letter(place.unit) for place in here if place.position)
    assert [place.position for place in here if place.position] == list(range(1, round_.punches + 1))
    return f"{f'({gone})' if gone else ''}{on}{'-' * (round_.need - round_.punches)}{'!' * round_.rewards}"


def dealt(units: Sequence[Unit], today: str = "31 Dec", pinned: dict[int, Pinned] | None = None) -> str:
    return read(deal(units, pinned=pinned or {}, today=a_day(today)))


# A unit a day on the first days of January: how many, by which rule, and the cards.
COUNTS = [
    (0, THREE, ""),
    (1, THREE, "A--"),
    (2, THREE, "AB-"),
    (3, THREE, "ABC!"),
    (4, THREE, "ABC! D--"),
    (7, THREE, "ABC! DEF! G--"),
    (1, ONE, "A!"),
    (3, ONE, "A! B! C!"),
    (1, TWO_GET_TWO, "A-"),
    (2, TWO_GET_TWO, "AB!!"),
    (5, TWO_GET_TWO, "AB!! CD!! E-"),
    (13, Rule(9, buy=12), "ABCDEFGHIJKL! M-----------"),
]


@pytest.mark.parametrize(("count", "rule", "cards"), COUNTS)
def test_units_fill_cards_and_full_cards_earn(count, rule, cards):
    units = bought(*[f"{day} Jan" for day in range(1, count + 1)], rule=rule)
    assert dealt(units) == cards
    assert read(stamp(units, Standing())) == cards


# The same, with the last day on which each unit counts: the same day of the next month, or that month's end.
EXPIRIES = [
    (["10 Jan"], "9 Feb", "A--"),
    (["10 Jan"], "10 Feb", "A--"),
    (["10 Jan"], "11 Feb", "(A)---"),
    (["31 Jan"], "28 Feb", "A--"),
    (["31 Jan"], "1 Mar", "(A)---"),
    (["29 Jan", "30 Jan", "31 Jan"], "31 Dec", "ABC!"),
    (["31 Mar"], "30 Apr", "A--"),
    (["31 Mar"], "1 May", "(A)---"),
    (["31 Dec"], "31 Jan 2028", "A--"),
    (["31 Dec"], "1 Feb 2028", "(A)---"),
    (["31 Jan 2028"], "29 Feb 2028", "A--"),
    (["10 Jan", "20 Jan"], "15 Feb", "(A)B--"),
    (["10 Jan", "20 Jan"], "21 Feb", "(AB)---"),
    # the second comes on the last day of the first, and then one day later
    (["10 Jan", "10 Feb"], "10 Feb", "AB-"),
    (["10 Jan", "11 Feb"], "11 Feb", "(A)--- B--"),
    # one leaves, another is still there: the card goes on
    (["10 Jan", "20 Jan", "15 Feb"], "15 Feb", "(A)BC-"),
    (["10 Jan", "20 Jan", "15 Feb", "16 Feb"], "16 Feb", "(A)BCD!"),
    # a full card keeps its punches for ever
    (["10 Jan", "20 Jan", "10 Feb"], "31 Dec", "ABC!"),
    (["10 Jan", "20 Jan", "10 Feb", "1 Mar"], "2 Apr", "ABC! (D)---"),
]


@pytest.mark.parametrize(("days", "today", "cards"), EXPIRIES)
def test_a_punch_counts_through_the_last_day_of_its_month(days, today, cards):
    assert dealt(bought(*days, rule=THREE_A_MONTH), today) == cards


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("31 Jan", 1, "28 Feb"),
        ("31 Jan 2028", 1, "29 Feb 2028"),
        ("30 Jan", 1, "28 Feb"),
        ("28 Feb", 1, "28 Mar"),
        ("31 Aug", 6, "29 Feb 2028"),
        ("29 Feb 2028", 12, "28 Feb 2029"),
        ("31 Dec", 2, "29 Feb 2028"),
        ("15 May", 24, "15 May 2029"),
    ],
)
def test_months_are_those_of_the_calendar(day, months, last):
    assert add_months(a_day(day), months) == a_day(last)


def test_a_card_keeps_the_rule_of_the_day_it_was_opened():
    units = [*bought("1 Jan", "2 Jan"), *bought("3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan", rule=FOUR)]
    lettered = [Unit(place, 1, 7, one.occurred_at, one.day, one.rule) for place, one in enumerate(units, start=1)]
    assert dealt(lettered) == "ABC! DEFG!"
    # the first two were not bought after all: now the third opens the card, with the rule of its day
    assert dealt(lettered[2:]) == "CDEF! G---"


def test_a_punch_expires_by_the_rule_of_its_own_day():
    """The card asks for three and its first punch does not expire; the second does, after a month."""
    a, b, c = bought("1 Jan", "2 Jan", "3 Mar")
    b = Unit(2, 1, 7, b.occurred_at, b.day, THREE_A_MONTH)
    assert dealt([a, b], "2 Feb") == "AB-"
    assert dealt([a, b], "3 Feb") == "(B)A--"
    assert dealt([a, b, c], "3 Mar") == "(B)AC-"


# What came late, and where it goes: by its own date, as if it had been there all along.
def test_a_late_unit_goes_where_its_date_says():
    a, b, c, d = bought("1 Jan", "2 Jan", "3 Jan", "4 Jan")
    assert dealt([a, c, d]) == "ACD!"
    assert dealt([a, c, d, b]) == "ABC! D--"


def test_a_late_unit_brings_a_card_back_that_had_expired():
    a, b, c, late = bought("10 Jan", "20 Jan", "15 Feb", "9 Feb", rule=THREE_A_MONTH)
    assert dealt([a, b, c], "15 Feb") == "(A)BC-"
    assert dealt([a, b, c, late], "15 Feb") == "ABD! C--"


# Removed again: the same as if it had never been.
@pytest.mark.parametrize("gone", range(7))
def test_what_was_removed_leaves_no_trace(gone):
    units = bought(*[f"{day} Jan" for day in range(1, 8)])
    left = [unit for place, unit in enumerate(units) if place != gone]
    letters = "".join(letter(unit) for unit in left)
    assert dealt(left) == f"{letters[:3]}! {letters[3:]}!"


def pin(number: int, rule: Rule, units: Collection[Unit], gone: Collection[Unit] = ()) -> dict[int, Pinned]:
    return {number: Pinned(rule, tuple(units), tuple(gone))}


def test_a_redeemed_card_keeps_its_punches_whatever_comes_late():
    a, b, c, d, late = bought("2 Jan", "3 Jan", "4 Jan", "5 Jan", "1 Jan")
    assert dealt([d, late], pinned=pin(1, THREE, [a, b, c])) == "ABC! ED-"


def test_a_redeemed_card_that_lost_a_punch_owes_it_until_the_next_unit_pays():
    a, _b, c, d, e = bought("1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan")
    (owing,) = deal([], pinned=pin(1, THREE, [a, c]), today=a_day("3 Jan")).rounds
    assert (owing.owes, owing.rewards, owing.state, owing.is_pinned) == (1, 0, "full", True)
    assert dealt([d], pinned=pin(1, THREE, [a, c])) == "ACD!"
    assert dealt([d, e], pinned=pin(1, THREE, [a, c])) == "ACD! E--"


def test_what_is_owed_is_taken_from_a_card_in_progress_and_the_rest_moves_up():
    a, _b, c, d, e, f, g = bought("1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan")
    assert dealt([d, e, f, g], pinned=pin(1, THREE, [a, c])) == "ACD! EFG!"


def test_two_cards_that_owe_are_paid_the_lower_number_first():
    a, b, c, d, e, f = bought("1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan")
    pinned = pin(1, THREE, [a, b]) | pin(2, THREE, [c])
    assert dealt([d], pinned=pinned) == "ABD! C--"
    assert dealt([d, e, f], pinned=pinned) == "ABD! CEF!"


def test_other_cards_take_the_numbers_that_redeemed_ones_leave():
    a, b, c, d, e, f, g = bought(*[f"{day} Jan" for day in range(1, 8)])
    assert dealt([a, b, c, g], pinned=pin(2, THREE, [d, e, f])) == "ABC! DEF! G--"


def test_what_expired_off_a_redeemed_card_stays_with_it():
    a, b, c, d, e = bought("1 Jan", "20 Jan", "10 Feb", "15 Feb", "16 Feb", rule=THREE_A_MONTH)
    assert dealt([a, b, c, d], "15 Feb") == "(A)BCD!"
    assert dealt([e], "16 Feb", pin(1, THREE_A_MONTH, [b, c, d], [a])) == "(A)BCD! E--"


def test_an_expired_punch_does_not_pay_what_is_owed():
    a, b, c, d, e = bought("1 Jan", "20 Jan", "10 Feb", "15 Feb", "16 Feb", rule=THREE_A_MONTH)
    assert dealt([e], "16 Feb", pin(1, THREE_A_MONTH, [c, d], [a])) == "(A)CDE!"
    # without the last one the first had still counted: on the day of the second it was there
    assert dealt([], "16 Feb", pin(1, THREE_A_MONTH, [b], [a])) == "BA-"


def test_stamping_goes_on_where_the_open_card_stands():
    units = bought("1 Jan", "2 Jan", "3 Jan", "4 Jan")
    open_round = Round(2, THREE, 2, "open", units[0].occurred_at, units[1].occurred_at)
    after = stamp(units[2:], Standing({0: open_round}, frozenset({1, 2}), units[1].occurred_at))
    assert [(one.number, one.punches, one.rewards) for one in after.rounds] == [(2, 3, 1), (3, 1, 0)]
    assert after.added({units[2].key, units[3].key}) == {2: 1, 3: 1}


def test_stamping_takes_the_lowest_number_that_is_free():
    (unit,) = bought("1 Jan")
    assert stamp([unit], Standing(numbers=frozenset({1, 2, 4}))).rounds[0].number == 3


def test_stamping_refuses_rows_that_were_wrong_before():
    full = Round(1, THREE, 3, "open", None, None)
    with pytest.raises(ValueError, match="room"):
        stamp(bought("1 Jan"), Standing({0: full}))


TODAY = "5 Jan"
OPEN = Round(1, THREE, 1, "open", None, None, next_expiry_on=a_day("5 Jan"))
LAST_AT = datetime.combine(a_day("4 Jan"), time(12), UTC)
TAKES = [
    ("of today", Standing(), ["5 Jan"], True),
    ("behind the last one", Standing(last_at=LAST_AT), ["5 Jan"], True),
    ("late", Standing(last_at=LAST_AT), ["3 Jan"], False),
    ("of yesterday, though the latest", Standing(), ["4 Jan"], False),
    ("of the very same moment", Standing(last_at=datetime.combine(a_day(TODAY), time(12), UTC)), ["5 Jan"], False),
    ("one of them late", Standing(), ["5 Jan", "4 Jan"], False),
    ("where something is owed or empty", Standing(is_untidy=True), ["5 Jan"], False),
    ("on the last day of another", Standing({0: OPEN}), ["5 Jan"], True),
]


@pytest.mark.parametrize(("_what", "standing", "days", "takes"), TAKES, ids=[row[0] for row in TAKES])
def test_new_units_simply_go_on_top_only_where_dealing_says_the_same(_what, standing, days, takes):
    assert standing.takes(bought(*days), today=a_day(TODAY)) is takes


def test_units_do_not_simply_go_on_top_of_one_that_expired():
    assert not Standing({0: OPEN}).takes(bought("6 Jan"), today=a_day("6 Jan"))


def test_units_out_of_order_are_dealt():
    first, second = bought(TODAY, TODAY)
    assert Standing().takes([first, second], today=a_day(TODAY))
    assert not Standing().takes([second, first], today=a_day(TODAY))


@pytest.mark.parametrize(("buy", "get", "months"), [(0, 1, None), (5, 0, None), (-1, 1, None), (3, 1, 0)])
def test_a_rule_asks_gives_and_lasts(buy, get, months):
    with pytest.raises(ValueError, match="at least one"):
        Rule(1, buy, get, months)
