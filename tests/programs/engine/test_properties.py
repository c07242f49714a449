"""What holds for every kind of card, whatever happens in whatever order: random histories, short and many."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from astro.programs.engine.dealing import deal
from astro.programs.engine.effects import History, evaluate
from astro.programs.engine.stamping import Standing
from astro.programs.engine.terms import Dealing, Pinned, Unit
from astro.programs.rules import RuleOfCard

FIRST = date(2027, 1, 1)
LAST = date(2028, 12, 31)
RULES = [
    RuleOfCard(3),
    RuleOfCard(2, 2, expiry_months=1),
    RuleOfCard(2, piles="item"),
    RuleOfCard(2, piles="item", most=2, expiry_months=2),
    RuleOfCard(2, piles="visit"),
    RuleOfCard(1, piles="visit", most=2),
    RuleOfCard(2, most=2),
    RuleOfCard(2, monthly=3),
    RuleOfCard(2, most=2, monthly=2, expiry_months=1),
    RuleOfCard(3, gives="back", back_points=500),
    RuleOfCard(3, 0, is_prepaid=True, gives="nothing"),
    RuleOfCard(2, takes_over=True),
    RuleOfCard(4, takes_over=True),
]

visits = st.tuples(
    st.integers(0, 120),  # days after the first
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.booleans()), min_size=1, max_size=3),
)


def bought(rule: RuleOfCard, told: list[tuple[int, list[tuple[int, int, bool]]]]) -> list[list[Unit]]:
    """A list of units for each visit; lines are product, count, and whether it pays for a prepaid card."""
    found = []
    for visit, (days, lines) in enumerate(told, start=1):
        day = FIRST + timedelta(days=days)
        moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9, minutes=visit)
        found.append(
            [
                Unit(
                    *(visit * 10 + line, number, product, moment, day, rule.arithmetic(RULES.index(rule))),
                    pile=rule.pile_of(product_id=product, visit_id=visit),
                    cents=rule.worth(product * 100),
                    opens=opens and rule.is_prepaid,
                )
                for line, (product, count, opens) in enumerate(lines)
                for number in range(1, count + 1)
            ]
        )
    return found


def told(dealing: Dealing) -> tuple[object, ...]:
    rounds = tuple((one.number, one.pile, one.punches, one.need, one.state, one.cents) for one in dealing.rounds)
    return rounds, sorted((one.unit.key, one.number, one.position or 0, one.how) for one in dealing.placements)


histories = st.tuples(st.sampled_from(RULES), st.lists(visits, max_size=8))


@given(histories, st.randoms(use_true_random=False))
@settings(max_examples=400, derandomize=True)
def test_the_order_in_which_news_arrives_does_not_matter(history, chance):
    units = [unit for visit in bought(*history) for unit in visit]
    shuffled = chance.sample(units, len(units))
    assert told(deal(shuffled, pinned={}, today=LAST)) == told(deal(units, pinned={}, today=LAST))


@given(histories)
@settings(max_examples=400, derandomize=True)
def test_every_unit_stands_somewhere_once_and_rounds_add_up(history):
    rule, units = history[0], [unit for visit in bought(*history) for unit in visit]
    dealing = deal(units, pinned={}, today=LAST)
    assert Counter(one.unit.key for one in dealing.placements) == Counter(unit.key for unit in units)
    on: dict[int, list[Unit]] = defaultdict(list)
    for place in dealing.placements:
        assert (place.position is not None) == (place.how == "counts")
        if place.position:
            on[place.number].append(place.unit)
    for round_ in dealing.rounds:
        mine = on[round_.number]
        assert len(mine) == round_.punches <= round_.need
        assert {unit.pile for unit in mine} <= {round_.pile}
        assert round_.cents == sum(unit.cents for unit in mine)
        if rule.is_brief:
            assert not mine or round_.is_full
    if rule.most:
        assert sum(round_.rewards for round_ in dealing.rounds) <= rule.most
    if rule.is_prepaid:
        paid = sum(unit.opens for unit in units)
        assert len(dealing.rounds) == paid or (paid == 0 and len(dealing.rounds) <= 1)
    in_progress = Counter(round_.pile for round_ in dealing.rounds if round_.state == "open")
    assert rule.is_prepaid or all(count == 1 for count in in_progress.values())


@given(histories, st.data())
@settings(max_examples=300, derandomize=True)
def test_what_was_handed_out_keeps_its_units_and_uses_the_limit(history, data):
    rule, units = history[0], [unit for visit in bought(*history) for unit in visit]
    before = deal(units, pinned={}, today=LAST)
    full = [round_ for round_ in before.rounds if round_.rewards]
    if not full:
        return
    given_ = data.draw(st.sampled_from(full))
    here = [place for place in before.placements if place.number == given_.number]
    on = tuple(place.unit for place in here if place.position)
    gone = tuple(place.unit for place in here if place.how == "expired")
    pinned = {given_.number: Pinned(given_.rule, on, gone, given_.pile, given_.need)}
    away = {unit.key for unit in (*on, *gone)}
    removed = data.draw(st.sets(st.sampled_from([unit.key for unit in units]), max_size=3)) - away
    left = [unit for unit in units if unit.key not in away | removed]
    after = deal(left, pinned=pinned, today=LAST)
    (kept,) = [round_ for round_ in after.rounds if round_.number == given_.number]
    assert (kept.punches, kept.is_pinned, kept.owes) == (given_.need, True, 0)
    if rule.most:
        assert sum(round_.rewards for round_ in after.rounds) <= rule.most


@given(histories)
@settings(max_examples=400, derandomize=True)
def test_the_quick_way_comes_to_the_same_wherever_it_is_taken(history):
    visited = bought(*history)
    done: list[Unit] = []
    for fresh in sorted(visited, key=lambda units: units[0].order):
        today = fresh[0].day
        before = deal(done, pinned={}, today=today)
        standing = Standing(
            {one.pile: one for one in before.rounds if one.state == "open"},
            frozenset(one.number for one in before.rounds),
            max((one.last_at for one in before.rounds if one.last_at), default=None),
            any(one.state == "empty" for one in before.rounds),
        )
        whole = evaluate(History(done), fresh, today=today)
        if standing.takes(fresh, today=today):
            quick = evaluate(standing, fresh, today=today)
            assert sorted(quick.touched(), key=lambda one: one[0].number) == whole.touched()
            assert [(one.number, one.position) for one in quick.punches] == [
                (one.number, one.position) for one in sorted(whole.punches, key=lambda one: one.unit.order)
            ]
            assert quick.why_not == whole.why_not == []
        done += fresh


@given(histories)
@settings(max_examples=200, derandomize=True)
def test_nothing_of_a_visit_that_goes_on_has_lapsed_yet(history):
    rule, visited = history[0], bought(*history)
    if not visited or not rule.is_brief:
        return
    last = visited[-1]
    before = History([unit for units in visited[:-1] for unit in units])
    effects = evaluate(before, last, today=LAST, unfinished=last[0].pile)
    assert "lapsed" not in {one.why for one in effects.why_not}
