"""The bare engine against paper cards: whatever happens in whatever order, both tell the same after every step.

`story.py` says what can happen and what is compared: places, counts, states, rewards ready and handed out, what is
owed; that stamping came to the same as dealing; and that dealing once more changes nothing.
"""

import os
import secrets
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.cards.story import RULES, Step, Story, a_story, a_unit, fails, shortest

pytestmark = pytest.mark.once
whose = st.integers(0, 239)
number = st.integers(0, 239)

STEPS_A_STORY = 40
LONG_STEPS = 1_000_000


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.story = Story()

    @rule(whose=whose, count=number, chosen=number)
    def buy(self, whose: int, count: int, chosen: int) -> None:
        self.story.play(("buy", whose, count, chosen))

    @rule(whose=whose, count=number, chosen=number)
    def buy_things_of_several_days(self, whose: int, count: int, chosen: int) -> None:
        self.story.play(("several", whose, count, chosen))

    @rule(whose=whose, days=number, chosen=number)
    def enter_late(self, whose: int, days: int, chosen: int) -> None:
        self.story.play(("late", whose, days, chosen))

    @rule(whose=whose, pick=number, count=number)
    def void(self, whose: int, pick: int, count: int) -> None:
        self.story.play(("void", whose, pick, count))

    @rule(whose=whose, pick=number, scanned=number)
    def redeem(self, whose: int, pick: int, scanned: int) -> None:
        self.story.play(("redeem", whose, pick, scanned))

    @rule(whose=whose, pick=number)
    def undo(self, whose: int, pick: int) -> None:
        self.story.play(("undo", whose, pick, 0))

    @rule(whose=whose, days=number, hours=number)
    def wait(self, whose: int, days: int, hours: int) -> None:
        self.story.play(("wait", whose, days, hours))

    @rule(whose=whose)
    def expire(self, whose: int) -> None:
        self.story.play(("expire", whose, 0, 0))

    @rule(whose=whose)
    def merge(self, whose: int) -> None:
        self.story.play(("merge", whose, 0, 0))


def test_the_engine_agrees_with_paper_cards_step_by_step():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(max_examples=80, stateful_step_count=40, deadline=None, derandomize=True),
    )


def test_the_engine_agrees_with_paper_cards_over_many_stories():
    assert tell(range(100)) == []


@pytest.mark.long
def test_the_engine_agrees_with_paper_cards_for_a_million_steps():
    """Other stories each time, told on every processor at once."""
    first = secrets.randbelow(10**12)
    stories, cores = LONG_STEPS // STEPS_A_STORY, os.cpu_count() or 1
    chunks = [range(first + start, first + min(start + 250, stories)) for start in range(0, stories, 250)]
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
        for told in as_completed([pool.submit(tell, chunk) for chunk in chunks]):
            assert told.result() == []


def tell(seeds: range) -> list[Step]:
    """Play a story for each seed. The shortest form of the first that fails."""
    for seed in seeds:
        steps = a_story(seed, STEPS_A_STORY)
        if fails(steps):
            return shortest(steps)
    return []


purchases = st.lists(
    st.tuples(st.integers(0, 150), st.integers(0, 2), st.integers(1, 3), st.integers(0, len(RULES) - 1)),
    min_size=1,
    max_size=12,
)


@given(bought=purchases, order=st.randoms(use_true_random=False), removed=st.sets(st.integers(0, 11), max_size=4))
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_neither_the_order_of_arrival_nor_what_was_removed_again_leaves_a_trace(bought, order, removed):
    """Rounds and places depend on what was bought alone, as long as nothing was handed out."""
    everything = [
        [a_unit(cause_id, unit, days=days, hours=hours, rule=RULES[chosen]) for unit in range(1, count + 1)]
        for cause_id, (days, hours, count, chosen) in enumerate(bought, start=1)
    ]
    meant = [units for place, units in enumerate(everything) if place not in removed]
    in_order, shuffled = Story(), Story()
    for units in sorted(meant, key=lambda units: units[0].order):
        in_order.bring(units)
    for units in order.sample(everything, len(everything)):
        shuffled.bring(units)
    for place in order.sample(sorted(removed), len(removed)):
        if place < len(everything):
            shuffled.take_back(everything[place])
    assert shuffled.settled() == in_order.settled()
