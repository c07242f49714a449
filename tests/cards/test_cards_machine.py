"""The same against the database, through the actions that the pages use: after every step the tables say what paper
cards would, no reward is handed out twice, and everything that was handed out is owed to the store.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.cards.shop import Life, Shop, open_shop

pick = st.integers(0, 30)


class CardsMachine(RuleBasedStateMachine):
    """Two customers of `shop`. Each story is undone afterwards, unless it commits."""

    shop: Shop
    happened: Counter[str]
    commits = False

    def __init__(self) -> None:
        super().__init__()
        self.outer = None if self.commits else transaction.atomic()
        if self.outer:
            self.outer.__enter__()
        self.life = Life(self.shop, self.happened)

    def teardown(self) -> None:
        if self.outer:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    @rule(whose=st.integers(0, 1), bags=st.integers(0, 4), cans=st.integers(0, 3), ago=st.integers(0, 47))
    def buy(self, whose: int, bags: int, cans: int, ago: int) -> None:
        if bags or cans:
            self.life.buy(whose, bags, cans, timedelta(hours=ago))

    @rule(whose=st.integers(0, 1), bags=st.integers(1, 4))
    def buy_now(self, whose: int, bags: int) -> None:
        self.life.buy(whose, bags, 0, timedelta())

    @rule(whose=st.integers(0, 1), bags=st.integers(1, 3), days=st.integers(3, 70))
    def enter_late(self, whose: int, bags: int, days: int) -> None:
        self.life.enter_late(whose, bags, days)

    @rule(purchase=pick, first=pick, count=st.integers(1, 3))
    def remove(self, purchase: int, first: int, count: int) -> None:
        self.life.remove(purchase, first, count)

    @precondition(lambda self: self.life.has_free)
    @rule(purchase=pick)
    def remove_what_was_given(self, purchase: int) -> None:
        self.life.remove_free(purchase)

    @precondition(lambda self: self.life.has_handed)
    @rule(purchase=pick, first=pick)
    def remove_under_a_redeemed_card(self, purchase: int, first: int) -> None:
        self.life.remove(purchase, first, 1, is_redeemed=True)

    @precondition(lambda self: self.life.has_ready)
    @rule(
        whose=st.integers(0, 1),
        picks=st.lists(st.tuples(pick, st.integers(0, 1)), min_size=1, max_size=2),
        visit=st.integers(0, 5),
    )
    def finish(self, whose: int, picks: list[tuple[int, int]], visit: int) -> None:
        self.life.finish(whose, picks, visit)

    @precondition(lambda self: self.life.has_ready)
    @rule(whose=st.integers(0, 1), reward=pick)
    def hand_out(self, whose: int, reward: int) -> None:
        self.life.finish(whose, [(reward, 0)], reward)

    @precondition(lambda self: self.life.has_ready)
    @rule(whose=st.integers(0, 1), reward=pick)
    def hand_out_what_was_scanned(self, whose: int, reward: int) -> None:
        self.life.buy(whose, 2, 0, timedelta())
        self.life.finish(whose, [(reward, 1)], 0)

    @precondition(lambda self: self.life.has_handed)
    @rule(redemption=pick)
    def undo(self, redemption: int) -> None:
        self.life.undo(redemption)

    @precondition(lambda self: len(self.life.visits) > 5)
    @rule(visit=pick)
    def undo_visit(self, visit: int) -> None:
        self.life.undo_visit(visit)

    @rule(days=st.integers(0, 35), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.life.wait(days, hours)

    @rule()
    def expire(self) -> None:
        self.life.expire()

    @rule(days=st.integers(20, 62))
    def wait_and_expire(self, days: int) -> None:
        self.life.wait(days, 0)
        self.life.expire()

    @rule()
    def deal_again(self) -> None:
        self.life.deal_again()

    @precondition(lambda self: not self.life.is_merged)
    @rule()
    def merge(self) -> None:
        self.life.merge()

    @invariant()
    def tables_and_paper_agree(self) -> None:
        self.life.check()


USUAL = {"bought", "entered late", "removed", "redeemed", "redeemed as scanned", "redemption refused"}
RARE = {"removal refused", "redemption undone", "visit undone", "expired", "merged", "owed"}


def play(shop: Shop, *, stories: int, steps: int, is_new: bool = False, commits: bool = False) -> Counter[str]:
    """What happened how often. `is_new`: other stories each time."""
    happened: Counter[str] = Counter()
    machine = type("CardsMachine", (CardsMachine,), {"shop": shop, "happened": happened, "commits": commits})
    wanted = settings(
        max_examples=stories, stateful_step_count=steps, deadline=None, derandomize=not is_new, database=None
    )
    run_state_machine_as_test(machine, settings=wanted)
    return happened


@pytest.mark.django_db
def test_the_tables_say_what_paper_cards_would(midtown, owner):
    happened = play(open_shop(midtown, owner), stories=30, steps=30)

    assert all(happened[name] for name in USUAL)


@pytest.mark.django_db(transaction=True)
def test_so_they_do_where_every_step_is_committed(midtown, owner):
    happened = play(open_shop(midtown, owner), stories=8, steps=25, commits=True)

    assert happened["redeemed"]


@pytest.mark.long
@pytest.mark.django_db
def test_the_tables_say_what_paper_cards_would_for_twenty_thousand_steps(midtown, owner):
    shop, happened = open_shop(midtown, owner), Counter()
    while happened["steps"] < 20_000:
        happened += play(shop, stories=100, steps=50, is_new=True)
    assert min(happened[name] for name in USUAL | RARE) > 20
