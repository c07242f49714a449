"""Everything that will be played, made up before the first row is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from astro.desk.demo import story
from astro.desk.demo.shelf import Item, chosen, read_shelf, read_table

FOREVER = date.max


@dataclass(frozen=True, slots=True)
class Counting:
    """A program card that an item fills at a location, and from when to when it does."""

    card: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Script:
    """The tables, and the customers of each store with their whole story."""

    seed: str
    until: date
    now: datetime
    shelf: list[Item]
    stores: Mapping[str, Any]
    programs: Mapping[str, Any]
    customers: dict[str, list[story.Shopper]]

    @property
    def begin(self) -> date:
        return self.until - timedelta(days=story.DAYS)

    @property
    def steps(self) -> int:
        """How often `Step` will be called."""
        told = sum(len(shopper.visits) + 1 for people in self.customers.values() for shopper in people)
        return len(self.shelf) + len(self.programs["program"]) + told

    def first_day(self, program: Mapping[str, Any]) -> date:
        return self.until + timedelta(days=program["starts"])

    def last_day(self, program: Mapping[str, Any]) -> date | None:
        return self.until + timedelta(days=program["ends"]) if "ends" in program else None

    def counting_at(self, location: Mapping[str, Any]) -> dict[str, list[Counting]]:
        """Which program cards each item fills there, by the item's key, as a cashier sees it."""
        found: dict[str, list[Counting]] = {}
        for program in self.programs["program"]:
            if program["title"] not in location["enrolled"]:
                continue
            shelf = items_of(self.shelf, program)
            for card in program["card"]:
                title = f"{program['title']}, {card['title']}"
                counting = Counting(title, self.first_day(program), self.last_day(program) or FOREVER)
                for item in chosen(shelf, **card["items"]):
                    found.setdefault(item.key, []).append(counting)
        return found

    def chance(self, what: str) -> Random:
        """Chance that can be told again."""
        return Random(f"{self.seed}/{what}/played")  # noqa: S311 - to be told again, not to be secret


def items_of(shelf: list[Item], program: Mapping[str, Any]) -> list[Item]:
    """What a program can be about: its brand's items, or those of the store whose own it is."""
    return [item for item in shelf if (item.brand, item.store) == (program.get("brand", ""), program.get("store", ""))]


def write_script(*, seed: str, until: date, now: datetime, share: float = 1.0) -> Script:
    """The whole story of both stores up to that day and moment. `share` below 1 is for tests."""
    shelf, stores = read_shelf(), read_table("stores.toml")
    names, tastes = read_table("names.toml"), read_table("tastes.toml")
    customers = {
        store["name"]: story.tell(
            story.Tables(store, names, tastes, [item for item in shelf if item.store in ("", store["name"])]),
            seed=seed,
            until=until,
            now=now,
            share=share,
        )
        for store in stores["retailer"]
    }
    return Script(seed, until, now, shelf, stores, read_table("programs.toml"), customers)
