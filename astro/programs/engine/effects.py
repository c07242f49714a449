"""What a basket would do to one program card, and why a unit of it does nothing: the one question that everybody asks.

Till preview, check out, late entries, imports and reports ask `evaluate`, and get the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from astro.programs.engine.dealing import deal
from astro.programs.engine.stamping import Standing, stamp
from astro.programs.engine.terms import Dealing, Key, Pinned, Placement, Round, Unit

Why = Literal["limit", "month", "lapsed", "expired", "not_paid"]
"""Why a unit does not count: the customer has had all, or all of that month, its visit was not enough, its time is
over, no card was paid."""


@dataclass(frozen=True, slots=True)
class History:
    """All that one program card of a customer is dealt from: the living units, those of pinned rounds apart."""

    units: Sequence[Unit] = ()
    pinned: Mapping[int, Pinned] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A unit of the basket that does nothing."""

    unit: Unit
    why: Why


@dataclass(frozen=True, slots=True)
class Effects:
    """What the units with the keys `fresh` do: punches, rounds touched, rewards earned, limits used, and why-nots."""

    dealing: Dealing
    fresh: frozenset[Key]

    @property
    def punches(self) -> list[Placement]:
        return [place for place in self._mine() if place.position]

    def touched(self) -> list[tuple[Round, int]]:
        """The rounds that got new punches, as they would stand, and how many they got."""
        added = self.dealing.added(self.fresh)
        return [(round_, added[round_.number]) for round_ in self.dealing.rounds if added.get(round_.number)]

    @property
    def opened(self) -> list[Round]:
        """The prepaid rounds that the basket pays for."""
        paid = {place.number for place in self._mine() if place.how == "opens"}
        return [round_ for round_ in self.dealing.rounds if round_.number in paid]

    @property
    def why_not(self) -> list[WhyNot]:
        return [WhyNot(place.unit, _why(place)) for place in self._mine() if place.how in ("over", "beyond", "expired")]

    @property
    def used(self) -> int:
        """Rewards towards the customer's limit, these and those before."""
        return sum(round_.rule.get for round_ in self.dealing.rounds if round_.is_full or round_.is_pinned)

    def _mine(self) -> list[Placement]:
        return [place for place in self.dealing.placements if place.unit.key in self.fresh]


def evaluate(
    before: History | Standing, basket: Sequence[Unit], *, today: date, unfinished: int | None = None
) -> Effects:
    """What these units of one program card would do. From a `Standing` only where it `takes` them.

    `unfinished`: the visit that may still go on, in a preview.
    """
    if isinstance(before, Standing):
        dealing = stamp(basket, before)
    else:
        dealing = deal([*before.units, *basket], pinned=before.pinned, today=today, unfinished=unfinished)
    return Effects(dealing, keys_of(basket))


def keys_of(units: Collection[Unit]) -> frozenset[Key]:
    return frozenset(unit.key for unit in units)


def _why(place: Placement) -> Why:
    rule = place.unit.rule
    if place.how == "beyond":
        return "month"
    if place.how == "over":
        return "not_paid" if rule.is_prepaid else "limit"
    return "lapsed" if rule.is_brief else "expired"
