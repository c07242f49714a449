"""The words of the engine: a rule, a unit bought, a round of a card, and where a unit landed.

Every kind of card is these data, none is a branch of its own:

- *Buy 12, get 1*: `buy` and `get`.
- *Same item*: units carry a `pile`, and each pile has a round of its own in progress.
- *Within one visit* (an offer): the visit is the pile, and what is not full when the visit ends lapses.
- *At most so often*: `most` rewards for one customer; what would open or fill one more stands over.
- *At most so many a month*: `monthly` punches for one customer; what is bought beyond stands over.
- *Cash back*: each unit brings cents, a full round gives what its units brought.
- *Prepaid*: a unit that `opens` pays for a round; the others are its uses.
- *A new version that takes over*: the round in progress goes on under the rule of the unit that comes.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

State = Literal["open", "full", "expired", "empty"]
Key = tuple[int, int]
"""Which unit: the id of what brought it, and its number within that."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a program card asks and gives: `buy` punches fill a round, which earns `get` rewards.

    `most`: so many rewards at most for one customer; `monthly`: so many punches in a calendar month. `is_brief`: a
    round must fill within its visit. `is_prepaid`: a round is opened by a unit that pays for it. `takes_over`: a
    round in progress comes under it with its next unit.
    """

    rule_id: int
    buy: int
    get: int = 1
    expiry_months: int | None = None
    most: int | None = None
    monthly: int | None = None
    is_brief: bool = False
    is_prepaid: bool = False
    takes_over: bool = False

    def __post_init__(self) -> None:
        least = 0 if self.is_prepaid else 1
        if self.buy < 1 or self.get < least or (self.expiry_months is not None and self.expiry_months < 1):
            raise ValueError("A card asks for at least one unit, gives at least one, and lasts at least a month.")
        if self.most is not None and self.most < max(self.get, 1):
            raise ValueError("A limit leaves room for at least one full card.")
        if self.monthly is not None and self.monthly < 1:
            raise ValueError("A month leaves room for at least one punch.")

    @property
    def is_plain(self) -> bool:
        """Whether new units may simply go on top: nothing about it asks what came before."""
        return not (self.most or self.monthly or self.is_brief or self.is_prepaid or self.takes_over)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of one purchase: `cause_id` names the purchase, `unit` counts from 1 within it.

    `day` is the location's day of the purchase, `rule` the program card's rule on that day. `pile`: units of one pile
    fill one round at a time; 0 where all belong together. `cents`: what it adds to a cash-back card. `opens`: it pays
    for a prepaid round.
    """

    cause_id: int
    unit: int
    product_id: int
    occurred_at: datetime
    day: date
    rule: Rule
    pile: int = 0
    cents: int = 0
    opens: bool = False

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

    `need` is the rule's X, or one more than there were punches when a rule took over that asks for fewer. The moments
    are those of its units; None where a pinned round has lost all of them. `cents`: what its units brought.
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
    pile: int = 0
    need: int = 0
    cents: int = 0

    def __post_init__(self) -> None:
        if not self.need:
            object.__setattr__(self, "need", self.rule.buy)

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


How = Literal["counts", "expired", "over", "beyond", "opens"]
"""What a unit does where it stands: it counts; its time was over, or its visit; a limit kept it off, of rewards or of
its month; it pays for it."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a unit landed: round `number`, punch `position` (from 1; None: it does not count there), and `how`."""

    number: int
    position: int | None
    unit: Unit
    how: How = "counts"


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
    `need` 0: the rule's. `owed_from`: what it owes is paid by what is bought from then on only; None: by whatever is
    there.
    """

    rule: Rule
    units: tuple[Unit, ...]
    gone: tuple[Unit, ...] = ()
    pile: int = 0
    need: int = 0
    owed_from: datetime | None = None


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months on; the end of a shorter month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
