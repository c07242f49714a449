"""What can happen to the cards of two customers, played on the bare engine and on paper (`model.py`) side by side.

A step is a few small numbers, each taken modulo what there is to choose from. So any list of steps is a story, and one
that fails can be shortened by leaving steps out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import shake_256

from astro.programs.engine.dealing import deal
from astro.programs.engine.stamping import Standing, stamp
from astro.programs.engine.terms import Dealing, Key, Pinned, Placement, Round, Rule, Unit
from tests.cards.model import Box, Slip, last_day, told

RULES = [
    Rule(1, buy=3),
    Rule(2, buy=1),
    Rule(3, buy=2, get=2),
    Rule(4, buy=3, expiry_months=1),
    Rule(5, buy=4, get=2, expiry_months=2),
    Rule(6, buy=5, expiry_months=1),
]
KINDS = ("buy", "buy", "buy", "several", "late", "void", "redeem", "redeem", "undo", "wait", "expire", "merge")
Step = tuple[str, int, int, int]
START = datetime(2027, 1, 29, 12, tzinfo=UTC)
LATEST = date(2027, 7, 15)


@dataclass(slots=True)
class Table:
    """Rows as the database would keep them, for one customer and program card; every change goes through the engine."""

    rounds: dict[int, Round] = field(default_factory=dict)
    places: dict[Key, Placement] = field(default_factory=dict)
    handed: dict[tuple[int, int], Key | None] = field(default_factory=dict)
    taken: dict[Key, Unit] = field(default_factory=dict)
    highest: int = 0

    def arrive(self, units: Sequence[Unit], today: date) -> None:
        """New units: stamped where the engine says that this is the same, otherwise dealt. And it is the same."""
        standing = self.standing()
        if not standing.takes(units, today=today):
            self._write(deal([*self._loose(), *units], pinned=self._pinned(), today=today))
            return
        whole = deal([*self._loose(), *units], pinned=self._pinned(), today=today)
        dealing = stamp(units, standing)
        self.rounds |= {round_.number: round_ for round_ in dealing.rounds}
        self.places |= {place.unit.key: place for place in dealing.placements}
        self.highest = max([self.highest, *self.rounds])
        assert _stored(_by_number(whole.rounds)) == _stored(self.rounds)
        assert {place.unit.key: place for place in whole.placements} == self.places

    def void(self, keys: Iterable[Key], today: date) -> None:
        for key in keys:
            del self.places[key]
        self.deal_again(today)

    def may_redeem(self, number: int, reward: int, taken: Key | None, today: date) -> bool:
        """Whether the reward would still be ready without the unit that is to be the free item, and nothing owe it."""
        if not taken:
            return (number, reward) in self.ready()
        trial = Table(dict(self.rounds), dict(self.places), dict(self.handed), {}, self.highest)
        trial.void([taken], today)
        return (number, reward) in trial.ready() and trial.owed() <= self.owed()

    def redeem(self, number: int, reward: int, taken: Key | None, today: date) -> None:
        if taken:
            self.taken[taken] = self.places[taken].unit
            self.void([taken], today)
        self.handed[number, reward] = taken

    def undo(self, number: int, reward: int, today: date) -> None:
        taken = self.handed.pop((number, reward))
        back = [self.taken.pop(taken)] if taken else []
        self._write(deal([*self._loose(), *back], pinned=self._pinned(), today=today))

    def merge(self, other: Table, today: date) -> None:
        behind = self.highest
        for key, place in other.places.items():
            self.places[key] = Placement(place.number + behind, place.position, place.unit)
        self.rounds |= {number + behind: round_ for number, round_ in other.rounds.items()}
        self.handed |= {(number + behind, reward): taken for (number, reward), taken in other.handed.items()}
        self.taken |= other.taken
        self.highest = behind + other.highest
        self.deal_again(today)

    def deal_again(self, today: date) -> None:
        self._write(deal(self._loose(), pinned=self._pinned(), today=today))

    def is_settled(self, day: date) -> bool:
        """Whether dealing once more changes nothing; and where nothing was handed out, from the bare units too."""
        again = deal(self._loose(), pinned=self._pinned(), today=day)
        same = _stored(_by_number(again.rounds)) == _stored(self.rounds)
        if not self.handed:
            fresh = deal([place.unit for place in self.places.values()], pinned={}, today=day)
            same = same and fresh == again
        return same and {place.unit.key: place for place in again.placements} == self.places

    def ready(self) -> set[tuple[int, int]]:
        every = {(number, unit) for number, one in self.rounds.items() for unit in range(1, one.rewards + 1)}
        return every - set(self.handed)

    def owed(self) -> int:
        return sum(self.rounds[number].need - self.rounds[number].punches for number in self._pinned())

    def standing(self) -> Standing:
        opened = [round_ for round_ in self.rounds.values() if round_.state == "open"]
        assert len(opened) <= 1
        return Standing(
            open_rounds={one.pile: one for one in opened},
            numbers=frozenset(self.rounds),
            last_at=max((round_.last_at for round_ in self.rounds.values() if round_.last_at), default=None),
            is_untidy=self.highest > len(self.rounds) or self.owed() > 0,
        )

    def read(self) -> list[tuple[object, ...]]:
        """The rounds as `model.told` tells the paper cards."""
        return [self._read(number) for number in sorted(self.rounds)]

    def _read(self, number: int) -> tuple[object, ...]:
        round_ = self.rounds[number]
        here = [place for place in self.places.values() if place.number == number]
        on = sorted((place.position, place.unit.key) for place in here if place.position)
        assert [position for position, _key in on] == list(range(1, round_.punches + 1))
        given = [reward for row, reward in self.handed if row == number]
        state = ("redeemed" if len(given) == round_.rule.get else "full") if given else round_.state
        struck = sorted(place.unit.key for place in here if not place.position)
        return number, round_.need, state, tuple(key for _position, key in on), tuple(struck)

    def _pinned(self) -> dict[int, Pinned]:
        pinned = {}
        for number in {row for row, _reward in self.handed}:
            here = [place for place in self.places.values() if place.number == number]
            on = sorted((place.position, place.unit.key) for place in here if place.position)
            gone = tuple(place.unit for place in here if not place.position)
            pinned[number] = Pinned(self.rounds[number].rule, tuple(self.places[key].unit for _, key in on), gone)
        return pinned

    def _loose(self) -> list[Unit]:
        pinned = {row for row, _reward in self.handed}
        return [place.unit for place in self.places.values() if place.number not in pinned]

    def _write(self, dealing: Dealing) -> None:
        self.rounds = _by_number(dealing.rounds)
        self.places = {place.unit.key: place for place in dealing.placements}
        self.highest = max([self.highest, *self.rounds])


def _by_number(rounds: Iterable[Round]) -> dict[int, Round]:
    return {round_.number: round_ for round_ in rounds}


def _stored(rounds: Mapping[int, Round]) -> dict[int, Round]:
    """What the rows keep of rounds: that one is pinned is known from its rewards."""
    return {number: replace(round_, is_pinned=False) for number, round_ in rounds.items()}


@dataclass(slots=True)
class Story:
    """Two customers with one program card, until they become one; then another one comes."""

    now: datetime = START
    boxes: list[Box] = field(default_factory=lambda: [Box(), Box()])
    tables: list[Table] = field(default_factory=lambda: [Table(), Table()])
    dealt_on: list[date] = field(default_factory=lambda: [START.date(), START.date()])
    causes: int = 0

    def play(self, step: Step) -> None:
        kind, whose, *numbers = step
        getattr(self, kind)(whose, *numbers)
        self.check(whose % 2)

    def buy(self, whose: int, count: int, rule: int) -> None:
        self.now += timedelta(minutes=whose // 2 % 3)  # now and then two at the very same moment
        self._arrive(whose % 2, self._units(self.now, count % 4 + 1, rule))

    def several(self, whose: int, count: int, rule: int) -> None:
        """A paper card with several dates on it, or a visit with several lines."""
        days = [(number * (count % 40)) for number in range(count % 3 + 2)]
        units = [one for back in days for one in self._units(self.now - timedelta(days=back), 1, rule + back)]
        self._arrive(whose % 2, units if whose % 4 < 2 else sorted(units, key=lambda one: one.order))

    def late(self, whose: int, days: int, rule: int) -> None:
        self._arrive(whose % 2, self._units(self.now - timedelta(days=days % 100, hours=1), days % 3 + 1, rule))

    def void(self, whose: int, pick: int, count: int) -> None:
        box, table = self.boxes[whose % 2], self.tables[whose % 2]
        living = sorted(table.places)
        if living:
            first = pick % len(living)
            keys = living[first : first + count % 3 + 1]
            table.void(keys, self.today)
            box.take_back(keys, self.today)
            self.dealt_on[whose % 2] = self.today

    def redeem(self, whose: int, pick: int, scanned: int) -> None:
        box, table = self.boxes[whose % 2], self.tables[whose % 2]
        if not (ready := sorted(table.ready())):
            return
        number, reward = ready[pick % len(ready)]
        living = sorted(key for key, place in table.places.items() if place.position)
        taken = living[-1 - scanned // 3 % len(living)] if scanned % 3 == 0 else None
        may = table.may_redeem(number, reward, taken, self.today)
        assert may == box.may_hand_out(number, reward, taken, self._day_of(whose % 2, taken))
        if may:
            table.redeem(number, reward, taken, self.today)
            box.hand_out(number, reward, taken, self._day_of(whose % 2, taken))
            if taken:
                self.dealt_on[whose % 2] = self.today

    def undo(self, whose: int, pick: int, _unused: int) -> None:
        box, table = self.boxes[whose % 2], self.tables[whose % 2]
        if handed := sorted(table.handed):
            number, reward = handed[pick % len(handed)]
            table.undo(number, reward, self.today)
            box.undo(number, reward, self.today)
            self.dealt_on[whose % 2] = self.today

    def wait(self, _whose: int, days: int, hours: int) -> None:
        self.now += timedelta(days=days % 40, hours=hours % 24)

    def expire(self, whose: int, _pick: int, _unused: int) -> None:
        """The job: it looks only at open rounds that say that they have something to expire."""
        table = self.tables[whose % 2]
        opened = table.standing().open_rounds.get(0)
        if opened and opened.next_expiry_on and opened.next_expiry_on < self.today:
            table.deal_again(self.today)
        self.dealt_on[whose % 2] = self.today

    def merge(self, whose: int, pick: int, _unused: int) -> None:
        if pick % 3 == 0:
            kept, gone = whose % 2, 1 - whose % 2
            self.tables[kept].merge(self.tables[gone], self.today)
            self.boxes[kept].merge(self.boxes[gone], self.today)
            self.tables[gone], self.boxes[gone] = Table(), Box()
            self.dealt_on[kept] = self.today

    def bring(self, units: Sequence[Unit]) -> None:
        """To the first customer, at the latest on the day of these units."""
        self.now = max(self.now, units[-1].occurred_at)
        self._arrive(0, units)

    def take_back(self, units: Iterable[Unit]) -> None:
        self.tables[0].void([unit.key for unit in units], self.today)

    def settled(self) -> list[tuple[object, ...]]:
        """The first customer's cards, as the job leaves them after everything."""
        self.tables[0].deal_again(LATEST)
        return self.tables[0].read()

    @property
    def today(self) -> date:
        return self.now.date()

    def check(self, whose: int) -> None:
        """Both tell the same. Until the job has run, a card may still show what has just expired."""
        box, table = self.boxes[whose], self.tables[whose]
        day = self.dealt_on[whose]
        papers = box.lay_out(day)
        assert table.read() == [told(number, paper, handed=box.handed) for number, paper in sorted(papers.items())]
        assert table.ready() == box.ready(papers)
        assert set(table.handed) == set(box.handed)
        assert table.owed() == box.owed()
        assert set(table.places) == set(box.slips) - box.away
        assert table.is_settled(day)

    def _arrive(self, whose: int, units: Sequence[Unit]) -> None:
        self.tables[whose].arrive(units, self.today)
        self.dealt_on[whose] = self.today
        self.boxes[whose].add([a_slip(unit) for unit in units], self.today)

    def _units(self, at: datetime, count: int, rule: int) -> list[Unit]:
        self.causes += 1
        chosen = RULES[rule % len(RULES)]
        return [Unit(self.causes, number, 7, at, at.date(), chosen) for number in range(1, count + 1)]

    def _day_of(self, whose: int, taken: Key | None) -> date:
        return self.today if taken else self.dealt_on[whose]


def a_unit(cause_id: int, number: int, *, days: int, hours: int, rule: Rule) -> Unit:
    at = START + timedelta(days=days, hours=hours)
    return Unit(cause_id, number, 7, at, at.date(), rule)


def a_slip(unit: Unit) -> Slip:
    rule = unit.rule
    return Slip(unit.occurred_at, unit.key, unit.day, last_day(unit.day, rule.expiry_months), rule.buy, rule.get)


def a_story(seed: int, steps: int = 40) -> list[Step]:
    """The same steps for the same seed, anywhere."""
    told = shake_256(str(seed).encode()).digest(4 * steps)
    return [(KINDS[told[at] % len(KINDS)], *told[at + 1 : at + 4]) for at in range(0, len(told), 4)]


def fails(steps: Iterable[Step]) -> bool:
    story = Story()
    try:
        for step in steps:
            story.play(step)
    except Exception:
        return True
    return False


def shortest(steps: Sequence[Step]) -> list[Step]:
    """A story that still fails, with no step in it that it could do without."""
    left = list(steps)
    place = 0
    while place < len(left):
        without = left[:place] + left[place + 1 :]
        if fails(without):
            left, place = without, 0
        else:
            place += 1
    return left
