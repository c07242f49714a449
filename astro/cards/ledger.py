"""Dealing units to rounds, as a cashier would stamp paper cards.

A round takes as many punches as its rule asks. Units go on in the order in which they were bought; the unit that opens
a round brings the rule of its own day, and the round keeps it. The unit that fills a round closes it and earns its
rewards; the next one opens the next round.

Three things make it more than counting:

- A *pinned* round is one whose reward was handed out. It keeps the units that it was judged on. Where one of them was
  voided the round *owes*, and the first unit that stands on no pinned round and had not expired before the others came
  goes there, as if the voided one had never been.
- A unit counts through its last day. While a round is open, units past theirs leave it, and a round that all have left
  closes as expired. A round that filled keeps its units for ever.
- Whatever comes late, or is taken back, is dealt with by dealing everything again: `deal` looks only at the units, the
  pinned rounds and the day, so the order in which the news arrived cannot matter. `stamp` is the quick way for the
  usual case, where new units simply go on top; `Standing.takes` says when that is the same.

No clock, no database: what is here can be tried on paper.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count, pairwise
from typing import Literal

State = Literal["open", "full", "expired"]
Key = tuple[int, int]
"""Which unit: the id of what brought it, and its number within that."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a program card asks and gives: `buy` punches fill a round, which earns `get` free units."""

    rule_id: int
    buy: int
    get: int = 1
    expiry_months: int | None = None

    def __post_init__(self) -> None:
        if self.buy < 1 or self.get < 1 or (self.expiry_months is not None and self.expiry_months < 1):
            raise ValueError("A card asks for at least one unit, gives at least one, and lasts at least a month.")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of one purchase: `cause_id` names the purchase, `unit` counts from 1 within it.

    `day` is the location's day of the purchase, `rule` the program card's rule on that day.
    """

    cause_id: int
    unit: int
    product_id: int
    occurred_at: datetime
    day: date
    rule: Rule

    @property
    def key(self) -> Key:
        return self.cause_id, self.unit

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.occurred_at, self.cause_id, self.unit

    @property
    def expires_on(self) -> date | None:
        """The last day on which it counts; None: it does not expire."""
        return add_months(self.day, self.rule.expiry_months) if self.rule.expiry_months else None


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it stands. `filled_by` is the unit that filled it; `is_pinned`: its reward was handed out.

    The moments are those of its units; None where a pinned round has lost all of them.
    """

    number: int
    rule: Rule
    punches: int
    state: State
    opened_at: datetime | None
    last_at: datetime | None
    filled_by: Unit | None = None
    next_expiry_on: date | None = None
    is_pinned: bool = False

    @property
    def need(self) -> int:
        return self.rule.buy

    @property
    def is_full(self) -> bool:
        return self.punches >= self.need

    @property
    def rewards(self) -> int:
        """What it has earned: nothing before it is full."""
        return self.rule.get if self.is_full else 0

    @property
    def owes(self) -> int:
        """Punches that are missing under a reward that was handed out."""
        return self.need - self.punches if self.is_pinned else 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a unit landed: round `number`, punch `position` (from 1; None: it expired there)."""

    number: int
    position: int | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Dealing:
    """What dealing came to: rounds as they stand afterwards, and where each unit went.

    After `stamp` these are the touched rounds and the new units; after `deal` all of them.
    """

    rounds: tuple[Round, ...]
    placements: tuple[Placement, ...]

    @property
    def rewards(self) -> int:
        return sum(round_.rewards for round_ in self.rounds)

    def added(self, keys: Collection[Key]) -> dict[int, int]:
        """How many of these units each round got, by number."""
        return Counter(one.number for one in self.placements if one.position and one.unit.key in keys)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A round whose reward was handed out: its rule, and the units it keeps, in their order on the card.

    `gone` had expired off it before it filled. They stay its own, so that they neither open a round nor pay for one.
    """

    rule: Rule
    units: tuple[Unit, ...]
    gone: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on the table before new units come: the open round, if any, the numbers in use, the latest punch.

    `is_untidy`: a round owes, or was left empty by a void, so that new units do not simply go on top.
    """

    open_round: Round | None = None
    numbers: frozenset[int] = frozenset()
    last_at: datetime | None = None
    is_untidy: bool = False

    def takes(self, units: Sequence[Unit], *, today: date) -> bool:
        """Whether these units simply go on top: nothing is untidy, they come in order, and none is late or expires.

        One of an earlier day is late even as the latest of all: it may have come before something expired.
        """
        if self.is_untidy or any(unit.day != today for unit in units):
            return False
        if any(after.order < before.order for before, after in pairwise(units)):
            return False
        if self.last_at and any(unit.occurred_at <= self.last_at for unit in units[:1]):
            return False
        first_expiry = self.open_round.next_expiry_on if self.open_round else None
        return first_expiry is None or today <= first_expiry


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months on; the end of a shorter month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def stamp(units: Sequence[Unit], standing: Standing) -> Dealing:
    """Put `units` on top, in order. The same as `deal` wherever `standing.takes(units, today=today)`.

    Raises ValueError when the open round is full: then the rows were wrong before.
    """
    current = standing.open_round
    if current and current.is_full:
        raise ValueError("The open round must have room for a punch.")
    free_numbers = (number for number in count(1) if number not in standing.numbers)
    touched: dict[int, Round] = {}
    placements = []
    for unit in units:
        if current is None:
            current = Round(next(free_numbers), unit.rule, 0, "open", unit.occurred_at, unit.occurred_at)
        current = _punched(current, unit)
        touched[current.number] = current
        placements.append(Placement(current.number, current.punches, unit))
        if current.is_full:
            current = None
    return Dealing(tuple(touched.values()), tuple(placements))


def deal(units: Iterable[Unit], *, pinned: Mapping[int, Pinned], today: date) -> Dealing:
    """Deal everything anew: all units that were neither voided nor given away, those of pinned rounds apart.

    Pinned rounds keep their numbers; the others take the lowest free ones in the order in which they open.
    """
    kept = {
        number: _Open(number, one.rule, list(one.units), is_pinned=True, gone=list(one.gone))
        for number, one in sorted(pinned.items())
    }
    homes = {unit.key: round_ for round_ in kept.values() for unit in round_.gone}
    owing = [round_ for round_ in kept.values() if round_.has_room]
    free_numbers = (number for number in count(1) if number not in kept)
    rounds = list(kept.values())
    current: _Open | None = None
    for unit in sorted([*units, *(unit for round_ in owing for unit in round_.gone)], key=lambda one: one.order):
        home = homes.get(unit.key)
        debtor = next((one for one in owing if home in (None, one) and one.is_owed(unit)), None)
        if debtor:
            debtor.units.append(unit)
            if home:
                home.gone.remove(unit)
        if debtor or home:
            continue
        if current:
            current.expire(unit.day)
        if current is None or not current.units:
            current = _Open(next(free_numbers), unit.rule, [])
            rounds.append(current)
        current.units.append(unit)
        if not current.has_room:
            current = None
    if current:
        current.expire(today)
    rounds.sort(key=lambda one: one.number)
    return Dealing(
        tuple(one.closed() for one in rounds),
        tuple(place for one in rounds for place in one.placements()),
    )


@dataclass(slots=True)
class _Open:
    """A round while it is dealt to: `units` are on it, `gone` have expired off it."""

    number: int
    rule: Rule
    units: list[Unit]
    is_pinned: bool = False
    gone: list[Unit] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        return len(self.units) < self.rule.buy

    def is_owed(self, unit: Unit) -> bool:
        """Whether it takes the place of one that is missing: it still counted when those after it came."""
        last = unit.expires_on
        return self.has_room and (
            last is None or all(other.day <= last for other in self.units if other.order > unit.order)
        )

    def expire(self, day: date) -> None:
        """Units whose last day lies before `day` leave."""
        late = [unit for unit in self.units if unit.expires_on and unit.expires_on < day]
        self.gone += late
        self.units = [unit for unit in self.units if unit not in late]

    def closed(self) -> Round:
        moments = [unit.occurred_at for unit in [*self.gone, *self.units]]
        is_full = not self.has_room
        return Round(
            number=self.number,
            rule=self.rule,
            punches=len(self.units),
            state="full" if is_full or self.is_pinned else "open" if self.units else "expired",
            opened_at=min(moments, default=None),
            last_at=max(moments, default=None),
            filled_by=max(self.units, key=lambda unit: unit.order) if is_full else None,
            next_expiry_on=None if is_full or self.is_pinned else _first_expiry(self.units),
            is_pinned=self.is_pinned,
        )

    def placements(self) -> list[Placement]:
        on = [Placement(self.number, position, unit) for position, unit in enumerate(self.units, start=1)]
        return on + [Placement(self.number, None, unit) for unit in self.gone]


def _punched(round_: Round, unit: Unit) -> Round:
    """The round with one unit more."""
    punches = round_.punches + 1
    is_full = punches >= round_.need
    expiries = [day for day in (round_.next_expiry_on, unit.expires_on) if day]
    return replace(
        round_,
        punches=punches,
        state="full" if is_full else "open",
        last_at=unit.occurred_at,
        filled_by=unit if is_full else None,
        next_expiry_on=min(expiries, default=None) if not is_full else None,
    )


def _first_expiry(units: Iterable[Unit]) -> date | None:
    return min((unit.expires_on for unit in units if unit.expires_on), default=None)
