"""Dealing units to rounds, as a cashier would stamp paper cards.

A round takes at most `need` punches. A unit goes onto the open round; where there is none, it opens the next one, under
the rule of the day. The unit that fills a round closes it and earns its rewards; the next unit opens the next round.
No clock, no database: what is here can be tried on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What a program card asks and gives: `buy` punches fill a round, which earns `get` free units."""

    rule_id: int
    buy: int
    get: int = 1

    def __post_init__(self) -> None:
        if self.buy < 1 or self.get < 1:
            raise ValueError("A card asks for at least one unit and gives at least one.")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of one purchase: `cause_id` names the purchase, `unit` counts from 1 within it."""

    cause_id: int
    unit: int
    product_id: int


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it stands. A round keeps the need and the rewards of the rule that it was opened under."""

    number: int
    need: int
    get: int
    rule_id: int
    punches: int = 0

    @property
    def is_full(self) -> bool:
        return self.punches >= self.need

    @property
    def rewards(self) -> int:
        """What it has earned: nothing before it is full."""
        return self.get if self.is_full else 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a unit landed: round `number`, punch `position` (from 1)."""

    number: int
    position: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Dealing:
    """What dealing came to: every round that was touched, as it stands afterwards, and where each unit went."""

    rounds: tuple[Round, ...]
    placements: tuple[Placement, ...]

    @property
    def filled(self) -> tuple[Round, ...]:
        return tuple(round_ for round_ in self.rounds if round_.is_full)

    @property
    def rewards(self) -> int:
        return sum(round_.rewards for round_ in self.rounds)

    def added_to(self, touched: Round) -> int:
        """How many punches this dealing put on that round."""
        return sum(placed.number == touched.number for placed in self.placements)


def deal(units: Sequence[Unit], *, rule: Rule, open_round: Round | None, last_number: int) -> Dealing:
    """Deal `units` in order. `open_round` is the round in progress, if any; `last_number` the highest number so far.

    Raises ValueError when the open round is full or is not the last one: then the rows were wrong before.
    """
    if open_round and (open_round.is_full or open_round.number != last_number):
        raise ValueError("The open round must be the last one, with room for a punch.")
    touched: dict[int, Round] = {}
    placements = []
    current = open_round
    for unit in units:
        if current is None:
            last_number += 1
            current = Round(last_number, rule.buy, rule.get, rule.rule_id)
        current = Round(current.number, current.need, current.get, current.rule_id, current.punches + 1)
        touched[current.number] = current
        placements.append(Placement(current.number, current.punches, unit))
        if current.is_full:
            current = None
    return Dealing(tuple(touched.values()), tuple(placements))
