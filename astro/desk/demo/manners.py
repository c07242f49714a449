"""What people do beside buying: wait with a reward or not, tell an address when asked, make a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

PATIENCE = {0: 42, 1: 30, 60: 14, 400: 14}
"""Days until a reward is taken: at once, at the next visit, later, or not within the year. The numbers are weights."""
TELLS_HOME = 0.8
PAPER_CARDS = 0.07
"""How many customers bring a paper card that the store gave out before."""
STAMPS = (2, 5)
BREEDER = 0.05
OTHER = 0.06
OTHER_REASONS = ("Bought for a neighbor too", "Two weeks in the cabin", "Picked up for the shelter")
MISSED = 0.08


class Slip(StrEnum):
    """What goes wrong at a visit, or is thought better of."""

    UNIT_TOO_MANY = "one unit is taken back"
    WRONG_ITEM = "the free item is exchanged for another"
    NOT_WANTED = "the free item is brought back"
    LEFT = "nobody presses Finished"


SLIPS = {Slip.UNIT_TOO_MANY: 0.012, Slip.WRONG_ITEM: 0.05, Slip.NOT_WANTED: 0.04, Slip.LEFT: 0.02}
"""Chances of a visit. All but the first need a reward to go wrong with, so they come to pass far less often."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a customer takes rewards, and why they buy several of a kind. `home` is what they tell when asked."""

    patience: timedelta = timedelta()
    home: Mapping[str, str] | None = None
    reason: str = "stocking_up"
    reason_text: str = ""


def invent(*, pets: Sequence[str], homes: Mapping[str, str], streets: Sequence[str], rng: Random) -> Manner:
    """A customer's ways. `homes` is the town they live in, `streets` those of every town."""
    days = rng.choices(list(PATIENCE), list(PATIENCE.values()))[0]
    street = f"{rng.randrange(100, 2400)} {rng.choice(streets)}"
    reason, text = _reason(pets, rng)
    home = {**homes, "street": street} if rng.random() < TELLS_HOME else None
    return Manner(timedelta(days=days), home, reason, text)


def slip(rng: Random) -> Slip | None:
    """What goes wrong at one visit; mostly nothing."""
    drawn = rng.random()
    for one, chance in SLIPS.items():
        if drawn < chance:
            return one
        drawn -= chance
    return None


def paper_card(until: date, *, rng: Random) -> tuple[int, str]:
    """A card of paper that is brought along: how many stamps, and what the store notes about it."""
    stamps = rng.randint(*STAMPS)
    days = sorted(until - timedelta(days=rng.randrange(14, 300)) for _ in range(stamps))
    dates = ", ".join(f"{day:%b} {day.day}" for day in days)
    return stamps, f"Paper card, {stamps} stamps: {dates}. Kept in the drawer by the till."


def _reason(pets: Sequence[str], rng: Random) -> tuple[str, str]:
    drawn = rng.random()
    if drawn < BREEDER:
        return "breeder", ""
    if drawn < BREEDER + OTHER:
        return "other", rng.choice(OTHER_REASONS)
    if drawn < BREEDER + OTHER + MISSED:
        return "missed", ""
    return ("several_pets" if len(pets) > 1 else "stocking_up"), ""
