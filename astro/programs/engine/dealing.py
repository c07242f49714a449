"""Dealing units to rounds, as a cashier would stamp paper cards.

A round takes as many punches as its rule asks. Units go on in the order in which they were bought; the unit that opens
a round brings the rule of its own day, and the round keeps it, unless a later rule says that it takes over. The unit
that fills a round closes it and earns its rewards; the next one of its pile opens the next round.

What makes it more than counting:

- A *pinned* round is one whose reward was handed out. It keeps the units that it was judged on. Where one of them was
  voided the round *owes*, and the first unit of its pile that stands on no pinned round and had not expired before the
  others came goes there, as if the voided one had never been; or only one that is bought from then on (`owed_from`),
  where the store would rather wait.
- A unit counts through its last day. While a round is open, units past theirs leave it, and a round that all have left
  closes as expired. A round that filled keeps its units for ever.
- A *limit* counts the rewards of full rounds. A unit that would open or fill one more stands over: it counts as soon
  as another is taken back.
- A *month* holds so many punches at most, those of pinned rounds first, then in the order in which they were bought.
  What is bought beyond stands over, too, and counts as soon as another of that month is taken back.
- Whatever comes late, or is taken back, is dealt with by dealing everything again: `deal` looks only at the units, the
  pinned rounds and the day, so the order in which the news arrived cannot matter.

No clock, no database: what is here can be tried on paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from astro.programs.engine.terms import Dealing, How, Key, Pinned, Placement, Round, Rule, State, Unit


def deal(units: Iterable[Unit], *, pinned: Mapping[int, Pinned], today: date, unfinished: int | None = None) -> Dealing:
    """Deal everything anew: all units that were neither voided nor given away, those of pinned rounds apart.

    Pinned rounds keep their numbers; the others take the lowest free ones in the order in which they open. `unfinished`
    names a visit that may go on, so that nothing of it lapses yet.
    """
    table = _Table(pinned)
    homeless = [unit for round_ in table.owing for unit in round_.gone]
    for unit in sorted([*units, *homeless], key=lambda one: one.order):
        if unit.key not in table.homes and table.is_beyond(unit):
            table.beyond.append(unit)
        elif not table.pays(unit):
            table.put(unit)
    return table.closed(today, unfinished)


class _Table:
    """The rounds on the table while units are dealt to them."""

    def __init__(self, pinned: Mapping[int, Pinned]) -> None:
        kept = [_Open.kept(number, one) for number, one in sorted(pinned.items())]
        self.rounds = list(kept)
        self.owing = [round_ for round_ in kept if round_.has_room]
        self.homes: dict[Key, _Open] = {unit.key: round_ for round_ in kept for unit in round_.gone}
        self.numbers = (number for number in count(1) if number not in pinned)
        self.in_progress: dict[int, list[_Open]] = {}
        """By pile, the oldest first: one, or of a prepaid card as many as were paid for."""
        self.earned = sum(round_.rule.get for round_ in kept)
        self.over: list[Unit] = []
        self.beyond: list[Unit] = []
        self.months = Counter(_month(unit) for one in pinned.values() for unit in (*one.units, *one.gone))

    def is_beyond(self, unit: Unit) -> bool:
        """Whether its month holds all the punches that it may; else it is one of them."""
        if unit.rule.monthly is None or unit.opens:
            return False
        if self.months[_month(unit)] >= unit.rule.monthly:
            return True
        self.months[_month(unit)] += 1
        return False

    def pays(self, unit: Unit) -> bool:
        """Whether it stands on a pinned round: it was there all along, or it pays what one owes."""
        home = self.homes.get(unit.key)
        debtor = next((one for one in self.owing if home in (None, one) and one.is_owed(unit)), None)
        if debtor:
            debtor.units.append(unit)
            if home:
                home.gone.remove(unit)
        return bool(debtor or home)

    def put(self, unit: Unit) -> None:
        """On the round in progress of its pile, or on the next one, or over."""
        if unit.rule.is_prepaid:
            self._use(unit)
            return
        current = next(iter(self.in_progress.get(unit.pile, [])), None)
        if current:
            current.expire(unit.day)
        if current is None or not current.units:
            if self._is_spent(unit.rule):
                self._put_over(unit)
                return
            current = self._opened(unit)
            self.in_progress[unit.pile] = [current]
        elif unit.rule.takes_over:
            current.come_under(unit.rule)
        if current.lacks_one and self._is_spent(current.rule):
            self._put_over(unit)
            return
        current.units.append(unit)
        if not current.has_room:
            self.earned += current.rule.get
            del self.in_progress[unit.pile]

    def closed(self, today: date, unfinished: int | None) -> Dealing:
        for current in (one for rounds in self.in_progress.values() for one in rounds):
            current.expire(today)
            if current.pile != unfinished:
                current.lapse()
        self._settle_what_is_over()
        self.rounds.sort(key=lambda one: one.number)
        return Dealing(
            tuple(one.closed() for one in self.rounds),
            tuple(place for one in self.rounds for place in one.placements()),
        )

    def _opened(self, unit: Unit) -> _Open:
        made = _Open(next(self.numbers), unit.rule, [], pile=unit.pile)
        self.rounds.append(made)
        return made

    def _put_over(self, unit: Unit) -> None:
        """It counts nowhere now, so it takes no place in its month either."""
        self.over.append(unit)
        if unit.rule.monthly is not None:
            self.months[_month(unit)] -= 1

    def _is_spent(self, rule: Rule) -> bool:
        """Whether one more full round would give more than the customer may have."""
        return rule.most is not None and self.earned + rule.get > rule.most

    def _use(self, unit: Unit) -> None:
        """Of a prepaid card: pay for a round, or use the oldest that has room."""
        waiting = self.in_progress.setdefault(unit.pile, [])
        if unit.opens:
            made = self._opened(unit)
            made.opener = unit
            waiting.append(made)
        elif not waiting:
            self.over.append(unit)
        else:
            waiting[0].units.append(unit)
            if not waiting[0].has_room:
                del waiting[0]

    def _settle_what_is_over(self) -> None:
        """What stands over is kept with the last round; where there is none, with an empty one."""
        kept = [*self.over, *self.beyond]
        if not kept:
            return
        home = max(self.rounds, key=lambda one: one.number, default=None)
        if home is None:
            home = _Open(next(self.numbers), kept[0].rule, [], pile=kept[0].pile)
            self.rounds.append(home)
        home.over += self.over
        home.beyond += self.beyond


@dataclass(slots=True)
class _Open:
    """A round while it is dealt to: `units` are on it, `gone` have left it, `over` and `beyond` are kept with it."""

    number: int
    rule: Rule
    units: list[Unit]
    is_pinned: bool = False
    gone: list[Unit] = field(default_factory=list)
    over: list[Unit] = field(default_factory=list)
    beyond: list[Unit] = field(default_factory=list)
    pile: int = 0
    need: int = 0
    opener: Unit | None = None
    owed_from: datetime | None = None

    def __post_init__(self) -> None:
        self.need = self.need or self.rule.buy

    @classmethod
    def kept(cls, number: int, one: Pinned) -> _Open:
        units, gone = list(one.units), list(one.gone)
        return cls(number, one.rule, units, True, gone, pile=one.pile, need=one.need, owed_from=one.owed_from)

    @property
    def has_room(self) -> bool:
        return len(self.units) < self.need

    @property
    def lacks_one(self) -> bool:
        return len(self.units) + 1 == self.need

    def is_owed(self, unit: Unit) -> bool:
        """Whether it takes the place of one that is missing: it still counted when those after it came."""
        last = unit.expires_on
        return (
            self.has_room
            and unit.pile == self.pile
            and (self.owed_from is None or self.owed_from <= unit.occurred_at)
            and (last is None or all(other.day <= last for other in self.units if other.order > unit.order))
        )

    def come_under(self, rule: Rule) -> None:
        """Go on under a later rule. One that asks for no more than there is already is filled by the next unit."""
        self.rule, self.need = rule, max(rule.buy, len(self.units) + 1)

    def expire(self, day: date) -> None:
        """Units whose last day lies before `day` leave."""
        late = [unit for unit in self.units if unit.expires_on and unit.expires_on < day]
        self.gone += late
        self.units = [unit for unit in self.units if unit not in late]

    def lapse(self) -> None:
        """What had to fill within its visit, and did not, counts no longer."""
        if self.rule.is_brief and self.has_room:
            self.gone += self.units
            self.units = []

    @property
    def state(self) -> State:
        if not self.has_room or self.is_pinned:
            return "full"
        if self.units or self.opener:
            return "open"
        return "expired" if self.gone else "empty"

    def closed(self) -> Round:
        moments = [unit.occurred_at for unit in self._all()]
        is_full = not self.has_room
        return Round(
            number=self.number,
            rule=self.rule,
            punches=len(self.units),
            state=self.state,
            opened_at=min(moments, default=None),
            last_at=max(moments, default=None),
            filled_by=max(self.units, key=lambda unit: unit.order) if is_full else None,
            next_expiry_on=None if is_full or self.is_pinned else first_expiry(self.units),
            is_pinned=self.is_pinned,
            pile=self.pile,
            need=self.need,
            cents=sum(unit.cents for unit in self.units),
        )

    def placements(self) -> list[Placement]:
        on = [Placement(self.number, position, unit) for position, unit in enumerate(self.units, start=1)]
        off: list[tuple[How, list[Unit]]] = [
            ("opens", [self.opener] if self.opener else []),
            ("expired", self.gone),
            ("over", self.over),
            ("beyond", self.beyond),
        ]
        return on + [Placement(self.number, None, unit, how) for how, units in off for unit in units]

    def _all(self) -> list[Unit]:
        """The units that make its moments; those kept with it only where there are no others."""
        mine = [*self.gone, *self.units, *([self.opener] if self.opener else [])]
        return mine or ([] if self.is_pinned else [*self.over, *self.beyond])


def _month(unit: Unit) -> tuple[int, int]:
    return unit.day.year, unit.day.month


def first_expiry(units: Iterable[Unit]) -> date | None:
    return min((unit.expires_on for unit in units if unit.expires_on), default=None)
