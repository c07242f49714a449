"""Putting new units on top, without looking at the history: the quick way for the usual visit.

It comes to the same as `dealing.deal` wherever `Standing.takes` says so, and reads nothing but the rounds' counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count, pairwise

from astro.programs.engine.terms import Dealing, Placement, Round, Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on the table before new units come: the open rounds by pile, the numbers in use, the latest punch.

    `is_untidy`: a round owes, or was left empty by a void, so that new units do not simply go on top.
    """

    open_rounds: Mapping[int, Round] = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()
    last_at: datetime | None = None
    is_untidy: bool = False

    def takes(self, units: Sequence[Unit], *, today: date) -> bool:
        """Whether these units simply go on top: nothing is untidy, they come in order, and none is late or expires.

        One of an earlier day is late even as the latest of all: it may have come before something expired.
        """
        if self.is_untidy or any(unit.day != today or not unit.rule.is_plain for unit in units):
            return False
        if any(after.order < before.order for before, after in pairwise(units)):
            return False
        if self.last_at and any(unit.occurred_at <= self.last_at for unit in units[:1]):
            return False
        return all(
            one.rule.is_plain and (one.next_expiry_on is None or today <= one.next_expiry_on)
            for one in self.open_rounds.values()
        )


def stamp(units: Sequence[Unit], standing: Standing) -> Dealing:
    """Put `units` on top, in order. The same as `deal` wherever `standing.takes(units, today=today)`.

    Raises ValueError when an open round is full: then the rows were wrong before.
    """
    if any(one.is_full for one in standing.open_rounds.values()):
        raise ValueError("The open round must have room for a punch.")
    current = dict(standing.open_rounds)
    free_numbers = (number for number in count(1) if number not in standing.numbers)
    touched: dict[int, Round] = {}
    placements = []
    for unit in units:
        before = current.pop(unit.pile, None) or Round(
            next(free_numbers), unit.rule, 0, "open", unit.occurred_at, unit.occurred_at, pile=unit.pile
        )
        after = _punched(before, unit)
        touched[after.number] = after
        placements.append(Placement(after.number, after.punches, unit))
        if not after.is_full:
            current[unit.pile] = after
    return Dealing(tuple(touched.values()), tuple(placements))


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
        cents=round_.cents + unit.cents,
    )
