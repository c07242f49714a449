"""Making up a year: who joined when, who came when and where, what they carried to the counter, what went wrong.

No database and no clock: the same seed, days and moment tell the same story. Moments are UTC; opening hours and days
are the location's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from astro.desk.demo import manners
from astro.desk.demo.manners import Manner, Slip
from astro.desk.demo.people import Person, invent
from astro.desk.demo.shelf import Item

DAYS = 364
"""The length of the story: 52 weeks, so that it begins and ends on the same day of the week."""
EVERY = (17, 36)
"""Days between two visits of a household, from the busiest to the calmest."""
ELSEWHERE = 0.07
KEEPS_TO_FOOD = 0.85
LAPSES = 0.12
TODAY = 0.075
"""How many of a store's customers come on the last day."""
NEW_TODAY = 2
WAIT = timedelta(minutes=3)
MINUTE = timedelta(minutes=1)
SHORTEST_WINDOW = timedelta(minutes=45)
BEFORE_OPENING = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Place:
    """A location as the story knows it: its clock, and how much of the store's business (in 100) is there."""

    name: str
    zone: ZoneInfo
    share: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Place:
        """From a location's entry of `stores.toml`."""
        return cls(row["name"], ZoneInfo(row["time_zone"]), row["share"])

    def hours(self, day: date) -> tuple[datetime, datetime]:
        opens, closes = (10, 17) if day.weekday() == 6 else (9, 19)
        return self._moment(day, opens), self._moment(day, closes)

    def _moment(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    item: Item
    quantity: int
    key: UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """`note` is about a paper card whose stamps the visit enters. `slip` may come to nothing."""

    at: datetime
    place: str
    lines: tuple[Line, ...]
    key: UUID
    slip: Slip | None = None
    note: str = ""


@dataclass(slots=True)
class Shopper:
    """A customer with their whole story. `codes` are the kinds of code they carry."""

    person: Person
    home: str
    joined_at: datetime
    manner: Manner
    codes: tuple[str, ...] = ()
    is_practice: bool = False
    visits: list[Visit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the story is made from: a store's entry of `stores.toml`, the names, the tastes, and its shelf."""

    store: Mapping[str, Any]
    names: Mapping[str, Any]
    tastes: Mapping[str, Any]
    shelf: Sequence[Item]


def tell(tables: Tables, *, seed: str, until: date, now: datetime, share: float = 1.0) -> list[Shopper]:
    """The customers of one store with their visits of the 52 weeks up to `until`, none of them after `now`.

    `share` below 1 tells of fewer people, for tests.
    """
    # What is needed is a story that can be told again, not chance that nobody can guess.
    teller = _Teller(tables, rng=Random(f"{seed}/{tables.store['name']}"), until=until, now=now)  # noqa: S311
    return teller.tell(share)


class _Teller:
    def __init__(self, tables: Tables, *, rng: Random, until: date, now: datetime) -> None:
        self.tables, self.rng, self.until, self.now = tables, rng, until, now
        self.begin = until - timedelta(days=DAYS)
        self.places = [Place.read(row) for row in tables.store["location"]]
        self.by_name = {place.name: place for place in self.places}
        self.homes = {
            row["name"]: {name: row[name] for name in ("postcode", "city", "region")}
            for row in tables.store["location"]
        }
        self.items = {item.key: item for item in tables.shelf}
        self.lines: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
        for item in tables.shelf:
            self.lines[item.brand, item.pet, item.category].append(item)

    def tell(self, share: float) -> list[Shopper]:
        told = [self._known(row) for row in self.tables.names[self.tables.store["name"]]]
        people = invent(
            round(self.tables.store["customers"] * share) - len(told),
            names=dict(self.tables.names),
            households=self.tables.tastes["households"],
            area_codes=self.tables.store["area_codes"],
            taken=[text for shopper in told for text in (shopper.person.phone, shopper.person.email) if text],
            rng=self.rng,
        )
        fresh = [people.pop() for _ in range(NEW_TODAY * len(self.places))]
        usual = [self._usual(person) for person in people]
        self._today(usual, fresh)
        return told + usual

    def _known(self, row: Mapping[str, Any]) -> Shopper:
        """Somebody of `names.toml`: one of each thing a visit, evenly over the year, the last some days ago."""
        person = Person(row["first_name"], row["last_name"], row.get("phone", ""), row.get("email", ""), ())
        place = self.by_name[row["home"]]
        count = max(row["buys"].values())
        step = (DAYS - 16) / count
        baskets: list[list[Item]] = [[] for _ in range(count)]
        for key, units in row["buys"].items():
            for unit in range(units):
                baskets[(unit + 1) * count // units - 1].append(self.items[key])
        days = [self.begin + timedelta(days=round(10 + step * number)) for number in range(1, count + 1)]
        visits = [
            self._visit(self._moment(place, day), place, [(item, 1) for item in basket])
            for day, basket in zip(days, baskets, strict=True)
        ]
        joined = self._moment(place, self.begin)
        manner = Manner(timedelta(days=row.get("waits_days", 0)))
        return Shopper(person, place.name, joined, manner, is_practice=row.get("is_practice", False), visits=visits)

    def _usual(self, person: Person) -> Shopper:
        rng = self.rng
        home = rng.choices(self.places, [place.share for place in self.places])[0]
        rhythm, mains = rng.uniform(*EVERY), [self._main(pet) for pet in person.pets]
        appetite = rng.choices([1, 2, 3], [76, 20, 4])[0]
        days_in = rng.choices(
            [rng.randrange(45), rng.randrange(DAYS - 3), rng.randrange(DAYS - 30, DAYS - 3)], [66, 26, 8]
        )
        day = self.begin + timedelta(days=days_in[0])
        last = self.until - timedelta(days=rng.randrange(90, DAYS) if rng.random() < LAPSES else 1)
        shopper = Shopper(
            person, home.name, self._moment(home, day) - WAIT, self._manner(person, home), codes=self._codes()
        )
        if rng.random() < 0.03:
            return shopper  # joined, and never came back
        first, note = shopper.joined_at + WAIT, ""
        basket = self._basket(person, mains, appetite)
        if rng.random() < manners.PAPER_CARDS:
            (item, quantity), *more = basket
            stamps, note = manners.paper_card(day, rng=rng)
            basket = [(item, quantity + stamps), *more]
        shopper.visits.append(self._visit(first, home, basket, note=note))
        while True:
            day += timedelta(days=max(2, round(rhythm * rng.uniform(0.7, 1.3))))
            day += timedelta(days=(day.month, day.day) in {(12, 25), (1, 1), (7, 4)})
            if day > last:
                return shopper
            place = rng.choice(self.places) if rng.random() < ELSEWHERE else home
            basket, slip = self._basket(person, mains, appetite), manners.slip(rng)
            shopper.visits.append(self._visit(self._moment(place, day), place, basket, slip=slip))

    def _today(self, usual: list[Shopper], fresh: list[Person]) -> None:
        """People who come on the last day, some for the first time."""
        for place in self.places:
            window = self._window(place)
            if window is None:
                continue
            rested = [
                shopper
                for shopper in usual
                if shopper.home == place.name
                and shopper.visits
                and timedelta(days=10) < window[0] - shopper.visits[-1].at < timedelta(days=70)
            ]
            wanted = max(4, round(TODAY * len(usual) * place.share / 100))
            coming = self.rng.sample(rested, min(wanted, len(rested)))
            for shopper in coming:
                at = self._between(*window)
                mains = [line.item for line in shopper.visits[-1].lines[:1]]
                shopper.visits.append(self._visit(at, place, self._basket(shopper.person, mains, 1)))
            for _ in range(NEW_TODAY):
                person = fresh.pop()
                at = self._between(*window)
                mains = [self._main(pet) for pet in person.pets]
                visit = self._visit(at, place, self._basket(person, mains, 1))
                manner = self._manner(person, place)
                usual.append(Shopper(person, place.name, at - MINUTE, manner, codes=self._codes(), visits=[visit]))

    def _window(self, place: Place) -> tuple[datetime, datetime] | None:
        """From when to when people come on the last day: opening hours so far, or else the last hours before now."""
        today = self.now.astimezone(place.zone).date()
        opens, closes = place.hours(min(self.until, today))
        end = min(closes, self.now.replace(microsecond=0) - 2 * MINUTE)
        if end - opens >= SHORTEST_WINDOW:
            return opens, end
        midnight = datetime.combine(today, time(0, 2), place.zone).astimezone(UTC)
        start = max(midnight, end - BEFORE_OPENING)
        return (start, end) if end - start >= 5 * MINUTE else None

    def _main(self, pet: str) -> Item:
        lines = self.tables.tastes["main"][pet]
        brand, category = self.rng.choices(list(lines), list(lines.values()))[0].rsplit(" ", 1)
        return self.rng.choice(self._line(brand, pet, category))

    def _basket(self, person: Person, mains: Iterable[Item], appetite: int) -> list[tuple[Item, int]]:
        rng = self.rng
        bought: dict[str, tuple[Item, int]] = {}
        for main in mains:
            item = main
            if rng.random() > KEEPS_TO_FOOD:
                item = rng.choice(self._line(main.brand, main.pet, main.category))
            bought[item.key] = item, appetite if rng.random() < 0.9 else appetite + 1
        for pet in person.pets:
            for line, chance in self.tables.tastes["extra"][pet].items():
                brand, category = line.rsplit(" ", 1)
                choice = self._line("" if brand == "own" else brand, pet, category)
                if choice and rng.random() < chance:
                    item = rng.choice(choice)
                    bought.setdefault(item.key, (item, rng.choices([1, 2], [85, 15])[0]))
        return list(bought.values())

    def _line(self, brand: str, pet: str, category: str) -> list[Item]:
        return self.lines[brand, pet, category]

    def _visit(
        self,
        at: datetime,
        place: Place,
        basket: Iterable[tuple[Item, int]],
        *,
        slip: Slip | None = None,
        note: str = "",
    ) -> Visit:
        lines = tuple(Line(item, quantity, self._key()) for item, quantity in basket)
        return Visit(at, place.name, lines, self._key(), slip, note)

    def _manner(self, person: Person, home: Place) -> Manner:
        streets = self.tables.names["streets"]
        return manners.invent(pets=person.pets, homes=self.homes[home.name], streets=streets, rng=self.rng)

    def _codes(self) -> tuple[str, ...]:
        return self.rng.choices([(), ("card",), ("app",), ("card", "app")], [30, 48, 14, 8])[0]

    def _moment(self, place: Place, day: date) -> datetime:
        return self._between(*place.hours(day))

    def _between(self, start: datetime, end: datetime) -> datetime:
        return start + timedelta(seconds=self.rng.randrange(1, max(2, int((end - start).total_seconds()))))

    def _key(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)
