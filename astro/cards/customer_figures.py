"""What the list of customers is told of cards and rewards: see `customers/figures.py`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet

from astro.cards.models import Card, Reward, RewardState, State
from astro.customers.figures import Figures


def with_reward() -> QuerySet[Any]:
    """The ids of the customers for whom a reward waits."""
    return Reward.objects.filter(state=RewardState.READY).order_by().values("customer")


def figures_of(customer_ids: Collection[int]) -> dict[int, Figures]:
    """Cards in hand (in progress, or full with a reward that waits) and rewards, by customer: two queries."""
    ready = Reward.objects.filter(customer__in=customer_ids, state=RewardState.READY)
    rewards = _counts(ready)
    opened = _counts(Card.objects.filter(customer__in=customer_ids, state=State.OPEN))
    full = _counts(Card.objects.filter(pk__in=ready.order_by().values("card"), state=State.FULL))
    return {
        one: Figures(cards=opened.get(one, 0) + full.get(one, 0), rewards=rewards.get(one, 0))
        for one in opened.keys() | rewards.keys()
    }


def _counts(rows: QuerySet[Any]) -> dict[int, int]:
    found = rows.order_by().values("customer_id").annotate(count=Count("id"))
    return {row["customer_id"]: row["count"] for row in found}
