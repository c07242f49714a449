"""What the list of customers shows and asks of things that modules above this one keep: cards and rewards.

The module is named in settings (`CUSTOMER_FIGURES`), so that nobody imports upwards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Figures:
    """How many cards a customer has in hand, and how many rewards wait for them."""

    cards: int = 0
    rewards: int = 0


class Counting(Protocol):
    def with_reward(self) -> QuerySet[Any]:
        """The ids of the customers for whom a reward waits."""

    def figures_of(self, customer_ids: Collection[int]) -> dict[int, Figures]:
        """The figures of these, by id; who has nothing may be left out. A fixed number of queries."""


def counting() -> Counting:
    return cast(Counting, import_module(settings.CUSTOMER_FIGURES))
