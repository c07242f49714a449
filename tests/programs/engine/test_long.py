"""The bare engine for a million steps: every kind of card, and every way to put things right.

Nothing is asked of a second engine here (`tests/cards/test_ledger_machine.py` has paper cards for the plain kind); what
is asked is what must hold of any dealing, after each step: each unit stands in one place, rounds add up, limits hold,
what was handed out keeps its units, the order of the news does not matter, and what is taken back and put back again
leaves everything as it was.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from random import Random

import pytest

from astro.programs.engine.dealing import deal
from astro.programs.engine.terms import Dealing, Key, Pinned, Unit
from tests.programs.engine.test_properties import FIRST, RULES, told

STEPS_A_STORY = 50
SHORT_STEPS, LONG_STEPS = 4_000, 1_000_000


class Story:
    """What one customer has of one program card, by chance."""

    def __init__(self, seed: str) -> None:
        self.chance = Random(seed)  # noqa: S311 - to be told again, not to be secret
        self.rule = self.chance.choice(RULES)
        self.units: dict[Key, Unit] = {}
        self.gone: set[Key] = set()
        self.pinned: dict[int, Pinned] = {}
        self.today = FIRST
        self.visits = 0

    def step(self) -> None:
        acts = [self.buy] * 4 + [self.late, self.take_back, self.take_back, self.hand_out, self.undo, self.wait]
        self.chance.choice([*acts, self.back_and_again, self.split, self.bring_back])()
        self.check(self.dealt())

    def dealt(self) -> Dealing:
        return deal(self.loose(), pinned=self.pinned, today=self.today)

    def loose(self) -> list[Unit]:
        away = self.gone | {unit.key for one in self.pinned.values() for unit in (*one.units, *one.gone)}
        return [unit for key, unit in self.units.items() if key not in away]

    def buy(self, days: int = 0) -> None:
        self.visits += 1
        day = self.today - timedelta(days=days)
        moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=self.visits)
        for line in range(self.chance.randint(1, 3)):
            product = self.chance.randint(1, 3)
            opens = self.rule.is_prepaid and self.chance.random() < 0.4
            for number in range(1, self.chance.randint(1, 3) + 1):
                unit = Unit(
                    *(self.visits * 10 + line, number, product, moment, day),
                    self.rule.arithmetic(RULES.index(self.rule)),
                    pile=self.rule.pile_of(product_id=product, visit_id=self.visits),
                    cents=self.rule.worth(product * 100),
                    opens=opens,
                )
                self.units[unit.key] = unit

    def late(self) -> None:
        self.buy(self.chance.randint(1, 50))

    def wait(self) -> None:
        self.today += timedelta(days=self.chance.randint(1, 40))

    def living(self) -> list[Key]:
        return sorted(self.units.keys() - self.gone)

    def take_back(self, *, is_waiting: bool = False) -> None:
        living = self.living()
        if not living:
            return
        key = self.chance.choice(living)
        self.gone.add(key)
        for number, one in self.pinned.items():
            units, gone = (tuple(unit for unit in some if unit.key != key) for some in (one.units, one.gone))
            is_mine = is_waiting and len(units) < len(one.units)
            since = datetime.combine(self.today, datetime.max.time(), UTC) if is_mine else one.owed_from
            self.pinned[number] = replace(one, units=units, gone=gone, owed_from=since)
        if self.rule.is_prepaid:  # who paid for nothing has used nothing
            self.pinned = {number: one for number, one in self.pinned.items() if one.units}

    def bring_back(self) -> None:
        self.take_back(is_waiting=True)

    def back_and_again(self) -> None:
        """Of a card that nothing was handed out of: as if it had never been."""
        loose = [unit.key for unit in self.loose()]
        if not loose:
            return
        before = told(self.dealt())
        key = self.chance.choice(loose)
        self.gone.add(key)
        self.check(self.dealt())
        self.gone.remove(key)
        assert told(self.dealt()) == before

    def split(self) -> None:
        loose = [unit for unit in self.loose() if unit.pile == 0]
        if self.rule.piles != "one" or self.rule.is_prepaid or not loose:
            return
        for unit in self.chance.sample(loose, self.chance.randint(1, min(3, len(loose)))):
            self.units[unit.key] = replace(unit, pile=self.chance.randint(1, 2))

    def hand_out(self) -> None:
        dealing = self.dealt()
        full = [one for one in dealing.rounds if one.rewards and not one.is_pinned]
        if not full:
            return
        round_ = self.chance.choice(full)
        here = [place for place in dealing.placements if place.number == round_.number]
        on = tuple(place.unit for place in here if place.position)
        gone = tuple(place.unit for place in here if place.how == "expired")
        self.pinned[round_.number] = Pinned(round_.rule, on, gone, round_.pile, round_.need)
        for number, one in self.pinned.items():  # what paid for a card that owed stays there
            paid = tuple(place.unit for place in dealing.placements if place.number == number and place.position)
            self.pinned[number] = replace(one, units=paid)

    def undo(self) -> None:
        if self.pinned:
            del self.pinned[self.chance.choice(sorted(self.pinned))]

    def check(self, dealing: Dealing) -> None:
        units = {key for key in self.units if key not in self.gone}
        assert Counter(place.unit.key for place in dealing.placements) == Counter(units)
        on = Counter(place.number for place in dealing.placements if place.position)
        for round_ in dealing.rounds:
            assert on[round_.number] == round_.punches <= round_.need
            assert round_.is_pinned == (round_.number in self.pinned)
        piles = Counter(one.pile for one in dealing.rounds if one.state == "open")
        assert self.rule.is_prepaid or all(count == 1 for count in piles.values())
        if self.rule.most:
            given = sum(one.rule.get for one in self.pinned.values())
            assert sum(one.rewards for one in dealing.rounds if not one.is_pinned) + given <= max(self.rule.most, given)
        shuffled = self.loose()
        self.chance.shuffle(shuffled)
        assert told(deal(shuffled, pinned=self.pinned, today=self.today)) == told(dealing)


def play(seed: str, stories: int) -> str:
    """What went wrong, with all that is needed to see it again; nothing where nothing did."""
    for number in range(stories):
        story = Story(f"{seed} {number}")
        for step in range(STEPS_A_STORY):
            try:
                story.step()
            except AssertionError as wrong:
                return f"{seed} {number}, step {step}, {story.rule}: {wrong}"
    return ""


@pytest.mark.once
def test_what_must_hold_of_any_dealing_holds_after_each_step():
    assert play("each time the same", SHORT_STEPS // STEPS_A_STORY) == ""


@pytest.mark.long
@pytest.mark.once
def test_it_holds_for_a_million_steps():
    """Other histories each time; the seed stands in the message of what fails."""
    workers = os.cpu_count() or 1
    seeds = [secrets.token_hex(4) for _worker in range(workers * 4)]
    stories = -(-LONG_STEPS // STEPS_A_STORY // len(seeds))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = [wrong for wrong in pool.map(play, seeds, [stories] * len(seeds)) if wrong]
    assert found == []
