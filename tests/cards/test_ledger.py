"""Dealing punches, by cases that a store owner could stamp by hand, and by random histories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.cards.ledger import Placement, Round, Rule, Unit, deal

TWELVE = Rule(rule_id=1, buy=12)


def units(count: int, cause_id: int = 1) -> list[Unit]:
    return [Unit(cause_id, number, product_id=7) for number in range(1, count + 1)]


def in_progress(number: int, punches: int, need: int = 12) -> Round:
    return Round(number, need, get=1, rule_id=1, punches=punches)


# before (round, punches)   bought   after: (round, punches) of each touched round   rewards
CASES = [
    (None, 0, [], 0),
    (None, 1, [(1, 1)], 0),
    (None, 12, [(1, 12)], 1),
    (None, 13, [(1, 12), (2, 1)], 1),
    (None, 25, [(1, 12), (2, 12), (3, 1)], 2),
    ((1, 11), 1, [(1, 12)], 1),
    ((1, 11), 2, [(1, 12), (2, 1)], 1),
    ((3, 5), 6, [(3, 11)], 0),
    ((3, 5), 20, [(3, 12), (4, 12), (5, 1)], 2),
]


@pytest.mark.parametrize(("before", "bought", "after", "rewards"), CASES)
def test_deals_as_one_stamps_paper_cards(before, bought, after, rewards):
    open_round = in_progress(*before) if before else None
    dealing = deal(units(bought), rule=TWELVE, open_round=open_round, last_number=before[0] if before else 0)
    assert [(round_.number, round_.punches) for round_ in dealing.rounds] == after
    assert dealing.rewards == rewards
    assert len(dealing.placements) == bought


def test_after_a_full_card_the_next_unit_opens_the_next_round():
    dealing = deal(units(1), rule=TWELVE, open_round=None, last_number=4)
    assert dealing.placements == (Placement(5, 1, units(1)[0]),)


def test_a_round_keeps_the_rule_it_was_opened_under_and_the_next_takes_the_rule_of_the_day():
    old = Round(1, need=8, get=2, rule_id=1, punches=7)
    dealing = deal(units(2), rule=Rule(rule_id=2, buy=10, get=1), open_round=old, last_number=1)
    assert dealing.rounds == (Round(1, 8, 2, 1, 8), Round(2, 10, 1, 2, 1))
    assert dealing.rewards == 2


def test_buy_one_get_one_fills_a_card_a_unit():
    dealing = deal(units(3), rule=Rule(rule_id=1, buy=1), open_round=None, last_number=0)
    assert [round_.is_full for round_ in dealing.rounds] == [True, True, True]


def test_tells_what_a_visit_added_to_each_round_and_what_it_earned():
    dealing = deal(units(14), rule=Rule(rule_id=1, buy=12, get=2), open_round=None, last_number=0)
    assert [(dealing.added_to(one), one.rewards) for one in dealing.rounds] == [(12, 2), (2, 0)]


@pytest.mark.parametrize("wrong", [in_progress(1, 12), in_progress(1, 3)])
def test_refuses_rows_that_were_wrong_before(wrong):
    with pytest.raises(ValueError, match="open round"):
        deal(units(1), rule=TWELVE, open_round=wrong, last_number=2 if wrong.punches == 3 else 1)


@pytest.mark.parametrize(("buy", "get"), [(0, 1), (5, 0), (-1, 1)])
def test_a_rule_asks_and_gives(buy, get):
    with pytest.raises(ValueError, match="at least one"):
        Rule(rule_id=1, buy=buy, get=get)


@given(
    need=st.integers(1, 15),
    get=st.integers(1, 3),
    visits=st.lists(st.integers(1, 30), max_size=12),
)
def test_any_history_in_any_portions_ends_like_one_long_visit(need, get, visits):
    rule = Rule(rule_id=1, buy=need, get=get)
    rounds: dict[int, Round] = {}
    placed: list[tuple[int, int]] = []
    rewards = 0
    for cause_id, bought in enumerate(visits, start=1):
        last = max(rounds, default=0)
        open_round = rounds[last] if last and not rounds[last].is_full else None
        dealing = deal(units(bought, cause_id), rule=rule, open_round=open_round, last_number=last)
        rounds |= {round_.number: round_ for round_ in dealing.rounds}
        placed += [(placement.number, placement.position) for placement in dealing.placements]
        rewards += dealing.rewards
    total = sum(visits)
    assert placed == [(n // need + 1, n % need + 1) for n in range(total)]
    assert rewards == total // need * get
    assert sum(round_.punches for round_ in rounds.values()) == total
    assert all(round_.punches <= need for round_ in rounds.values())
