"""Paper cards in lists: a slow second opinion on what the ledger deals.

Nothing of `astro` is used here, and nothing is counted on the way: whenever somebody looks, all slips that still
count are sorted by date and laid out on cards once more, and for each card the slip that closes it is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Key = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Slip:
    """One unit bought, sorted by date. The card that it opens asks for `buy` slips and gives `get` rewards."""

    at: datetime
    key: Key
    day: date
    last_day: date | None = field(compare=False)
    buy: int
    get: int

    def lasts(self, days: Iterable[date]) -> bool:
        """Whether it still counted on each of these days."""
        return self.last_day is None or all(day <= self.last_day for day in days)


@dataclass(slots=True)
class Paper:
    """A paper card: the slips `on` it, first to last, and those `struck` off because their time was over."""

    buy: int
    get: int
    on: list[Slip] = field(default_factory=list)
    struck: list[Slip] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.on) == self.buy

    @property
    def owes(self) -> int:
        return self.buy - len(self.on)


def last_day(day: date, months: int | None) -> date | None:
    """So many months on: the same day of that month, or else the last one it has."""
    if months is None:
        return None
    years, month = divmod(day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(day.year + years, month + 1, number)
        except ValueError:
            continue
    return date(day.year + years, month + 1, day.day)


def first_card(pile: Sequence[Slip], today: date) -> tuple[Paper, int]:
    """The card that the first slip of a sorted pile opens, and how many slips of the pile it used up."""
    buy, get = pile[0].buy, pile[0].get
    for last in range(len(pile)):
        on = [slip for place, slip in enumerate(pile[:last]) if slip.lasts(_days(pile[place + 1 : last + 1]))]
        if last and not on:
            return Paper(buy, get, [], list(pile[:last])), last
        if len(on) + 1 == buy:
            struck = [slip for slip in pile[:last] if slip not in on]
            return Paper(buy, get, [*on, pile[last]], struck), last + 1
    on = [slip for place, slip in enumerate(pile) if slip.lasts([*_days(pile[place + 1 :]), today])]
    return Paper(buy, get, on, [slip for slip in pile if slip not in on]), len(pile)


def _days(slips: Iterable[Slip]) -> list[date]:
    return [slip.day for slip in slips]


@dataclass(slots=True)
class Box:
    """All paper cards that one customer has of one program card.

    `away`: slips that do not count, taken back or given as the free item. `handed`: rewards that were handed out, by
    number of the card and of the reward, with the slip that was the free item itself, if any. `kept`: their cards,
    which are not laid out again.
    """

    slips: dict[Key, Slip] = field(default_factory=dict)
    away: set[Key] = field(default_factory=set)
    handed: dict[tuple[int, int], Key | None] = field(default_factory=dict)
    kept: dict[int, Paper] = field(default_factory=dict)
    highest: int = 0
    """The highest number that any card ever had: a card that was emptied keeps its number."""

    def add(self, slips: Iterable[Slip], today: date) -> None:
        self.slips.update({slip.key: slip for slip in slips})
        self.lay_out(today)

    def take_back(self, keys: Iterable[Key], today: date) -> None:
        self.away.update(keys)
        self.lay_out(today)

    def may_hand_out(self, number: int, reward: int, taken: Key | None, today: date) -> bool:
        """Whether the card is full without the slip that is to be the free item, and nothing handed out owes it."""
        trial = Box(self.slips, self.away | {taken} if taken else self.away, self.handed, self._copied(), self.highest)
        ready = trial.ready(trial.lay_out(today))
        return (number, reward) in ready and trial.owed() == self.owed()

    def hand_out(self, number: int, reward: int, taken: Key | None, today: date) -> None:
        if taken:
            self.away.add(taken)
        self.kept[number] = self.lay_out(today)[number]
        self.handed[number, reward] = taken
        self.lay_out(today)

    def undo(self, number: int, reward: int, today: date) -> None:
        self.away.discard(self.handed.pop((number, reward)) or (0, 0))
        if number not in {kept for kept, _reward in self.handed}:
            del self.kept[number]
        self.lay_out(today)

    def merge(self, other: Box, today: date) -> None:
        """The other's cards come behind these; what was not handed out is laid out as one person's."""
        behind = self.highest
        self.slips |= other.slips
        self.away |= other.away
        self.kept |= {number + behind: paper for number, paper in other.kept.items()}
        self.handed |= {(number + behind, reward): taken for (number, reward), taken in other.handed.items()}
        self.highest = behind + other.highest
        self.lay_out(today)

    def lay_out(self, today: date) -> dict[int, Paper]:
        """Every card by its number. Cards that were kept and owe get the first slips that would have stood on them."""
        for paper in self.kept.values():
            paper.on = [slip for slip in paper.on if slip.key not in self.away]
            paper.struck = [slip for slip in paper.struck if slip.key not in self.away]
        on_kept = {slip.key for paper in self.kept.values() for slip in [*paper.on, *paper.struck]}
        pile = sorted(slip for key, slip in self.slips.items() if key not in self.away and key not in on_kept)
        for _number, paper in sorted(self.kept.items()):
            for slip in sorted([*pile, *paper.struck]):
                if paper.owes and slip.lasts(later.day for later in paper.on if later > slip):
                    paper.on.append(slip)
            pile = [slip for slip in pile if slip not in paper.on]
            paper.struck = [slip for slip in paper.struck if slip not in paper.on]
        papers = dict(self.kept)
        number = 0
        while pile:
            number += 1
            if number in papers:
                continue
            papers[number], used = first_card(pile, today)
            pile = pile[used:]
        self.highest = max([self.highest, *papers])
        return papers

    def ready(self, papers: Mapping[int, Paper]) -> set[tuple[int, int]]:
        """Rewards that wait: of full cards, and not handed out."""
        every = {(number, reward) for number, one in papers.items() if one.is_full for reward in range(1, one.get + 1)}
        return every - set(self.handed)

    def owed(self) -> int:
        return sum(paper.owes for paper in self.kept.values())

    def _copied(self) -> dict[int, Paper]:
        return {
            number: Paper(paper.buy, paper.get, list(paper.on), list(paper.struck))
            for number, paper in self.kept.items()
        }


def told(number: int, paper: Paper, *, handed: Iterable[tuple[int, int]]) -> tuple[object, ...]:
    """A card as one would read it aloud: number, needs, state, which slip on which place, and which were struck."""
    given = {reward for on, reward in handed if on == number}
    if given:
        state = "redeemed" if len(given) == paper.get else "full"
    else:
        state = "full" if paper.is_full else "open" if paper.on else "expired"
    return number, paper.buy, state, tuple(slip.key for slip in paper.on), tuple(sorted(s.key for s in paper.struck))
