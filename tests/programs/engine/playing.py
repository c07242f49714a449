"""A history in words, played on the bare engine, and the cards told in words again.

A history is what happened, parted by semicolons, the engine's own words nowhere in it:

    1 Jan: 2 x A, B             a visit: two of A and one of B (a second visit of a day comes later that day)
    1 Jan: wash paid $25.00     where the card asks what was paid
    take back A of 1 Jan        the first A of that day that still counts was not bought after all
    put back A of 1 Jan         taking it back was wrong
    bring back A of 1 Jan       the same, where the store lets a card that owes wait for the next purchase
    split A of 1 Jan            it fills a card of its own from now on
    hand out card 1             the reward of card 1 is given; `undo card 1` takes that back
    today 9 Feb                 it is that day now; else the day of the last thing that happened
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from astro.kit.money import format_cents, parse_cents
from astro.programs.engine.dealing import deal
from astro.programs.engine.terms import Dealing, Key, Pinned, Placement, Round, Unit
from astro.programs.rules import RuleOfCard

YEAR = 2027
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
THING = re.compile(r"(?:(?P<count>\d+) x )?(?P<name>[A-Za-z]+)(?: paid (?P<paid>\$[\d.]+))?")
PASS = "pass"
"""What pays for a prepaid card."""


def money(cents: int) -> str:
    return format_cents(cents, "USD", "en-us")


def a_day(told: str) -> date:
    """`31 Jan`, of a year that is no leap year; `29 Feb 2028`, of another one."""
    number, month, *year = told.split()
    return date(int(year[0]) if year else YEAR, MONTHS.index(month) + 1, int(number))


@dataclass
class Table:
    """What one customer has of one program card. `rules`: from which day which one holds, the first from ever."""

    rules: Sequence[tuple[date, RuleOfCard]]
    units: dict[Key, Unit] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    pinned: dict[int, Pinned] = field(default_factory=dict)
    today: date = date(YEAR, 1, 1)
    visits: int = 0

    def play(self, history: str) -> Table:
        for told in filter(None, (part.strip() for part in history.split(";"))):
            word, _, rest = told.partition(" ")
            if word == "today":
                self.today = a_day(rest)
            elif told.startswith("take back "):
                name, _, day = told.removeprefix("take back ").partition(" of ")
                self._take_back(name, a_day(day))
            elif told.startswith("bring back "):
                name, _, day = told.removeprefix("bring back ").partition(" of ")
                self._take_back(name, a_day(day), is_waiting=True)
            elif told.startswith("put back "):
                name, _, day = told.removeprefix("put back ").partition(" of ")
                self.gone.remove(self._named(name, a_day(day), among=self.gone))
            elif told.startswith("split "):
                name, _, day = told.removeprefix("split ").partition(" of ")
                key = self._named(name, a_day(day), among=self.units.keys() - self.gone)
                self.units[key] = replace(self.units[key], pile=key[0])
            elif told.startswith("hand out card "):
                self._hand_out(int(told.rpartition(" ")[2]))
            elif told.startswith("undo card "):
                del self.pinned[int(told.rpartition(" ")[2])]
            else:
                day, _, things = told.partition(": ")
                self._visit(a_day(day), things)
        return self

    def dealt(self) -> Dealing:
        away = self.gone | {unit.key for one in self.pinned.values() for unit in (*one.units, *one.gone)}
        loose = [unit for key, unit in self.units.items() if key not in away]
        return deal(loose, pinned=self.pinned, today=self.today)

    def told(self) -> str:
        """The cards, first to last, as one would read them aloud."""
        dealing = self.dealt()
        return "; ".join(_card(round_, dealing, self.names, self.pinned) for round_ in dealing.rounds) or "none"

    def _visit(self, day: date, things: str) -> None:
        self.visits += 1
        self.today = max(self.today, day)
        rule = [rule for since, rule in self.rules if since <= day][-1]
        moment = datetime.combine(day, time(9), UTC) + timedelta(minutes=self.visits)
        for line, thing in enumerate(things.split(", "), start=1):
            found = THING.fullmatch(thing)
            assert found, f"Nobody can read this: {thing}"
            product_id = sum(ord(letter) * 256**place for place, letter in enumerate(found["name"]))
            self.names[product_id] = found["name"]
            for number in range(1, int(found["count"] or 1) + 1):
                unit = Unit(
                    *(self.visits * 100 + line, number, product_id, moment, day, rule.arithmetic(hash(rule))),
                    pile=rule.pile_of(product_id=product_id, visit_id=self.visits),
                    cents=rule.worth(parse_cents(found["paid"]) if found["paid"] else None),
                    opens=found["name"] == PASS,
                )
                self.units[unit.key] = unit

    def _named(self, name: str, day: date, *, among: Collection[Key]) -> Key:
        mine = [key for key, unit in sorted(self.units.items()) if self.names[unit.product_id] == name]
        return next(key for key in mine if self.units[key].day == day and key in among)

    def _take_back(self, name: str, day: date, *, is_waiting: bool = False) -> None:
        key = self._named(name, day, among=self.units.keys() - self.gone)
        self.gone.add(key)
        for number, one in self.pinned.items():
            left = tuple(unit for unit in one.units if unit.key != key)
            is_mine = is_waiting and len(left) < len(one.units)
            since = datetime.combine(self.today, time(23), UTC) if is_mine else one.owed_from
            self.pinned[number] = replace(one, units=left, owed_from=since)

    def _hand_out(self, number: int) -> None:
        dealing = self.dealt()
        (round_,) = [one for one in dealing.rounds if one.number == number]
        assert round_.is_full, f"Card {number} is not full."
        here = [place for place in dealing.placements if place.number == number]
        on = [place.unit for place in here if place.position]
        off = [place.unit for place in here if place.how == "expired"]
        self.pinned[number] = Pinned(round_.rule, tuple(on), tuple(off), round_.pile, round_.need)


def _card(round_: Round, dealing: Dealing, names: dict[int, str], pinned: dict[int, Pinned]) -> str:
    here = [place for place in dealing.placements if place.number == round_.number]
    on = [names[place.unit.product_id] for place in here if place.position]
    assert [place.position for place in here if place.position] == list(range(1, round_.punches + 1))
    is_open = round_.state == "open" or round_.owes
    places = " ".join([*on, *["-"] * (round_.need - round_.punches if is_open else 0)])
    parts = [f"card {round_.number}: {places}".strip() if places else f"card {round_.number}"]
    parts += _standing(round_, is_given=round_.number in pinned)
    for how, words in _OFF.items():
        off = [names[place.unit.product_id] for place in here if _how(place) == how]
        parts += [f"{words} {' '.join(off)}"] if off else []
    return ", ".join(parts)


_OFF = {
    "expired": "expired",
    "lapsed": "lapsed",
    "limit": "over the limit",
    "beyond": "beyond the month",
    "not paid": "not paid for",
}


def _how(place: Placement) -> str:
    rule = place.unit.rule
    if place.how == "over":
        return "not paid" if rule.is_prepaid else "limit"
    return "lapsed" if place.how == "expired" and rule.is_brief else place.how


def _standing(round_: Round, *, is_given: bool) -> list[str]:
    if round_.owes:
        return [f"handed out, owes {round_.owes}"]
    if is_given:
        return ["handed out"]
    if round_.is_full:
        worth = f" of {money(round_.cents)}" if round_.cents else ""
        return [f"{round_.rewards} reward{'s' * (round_.rewards > 1)}{worth}" if round_.rewards else "used up"]
    return [f"{money(round_.cents)} so far"] if round_.cents else []
