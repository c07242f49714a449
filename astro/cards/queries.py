"""A customer's cards, as the ledger needs them and as a page shows them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.cards.standing import Plan, hand_of, plan
from astro.customers.models import Customer

__all__ = ["Plan", "ShownCard", "hand_of", "holders_of", "plan", "ready_rewards", "shown_cards"]


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as it is drawn. `today` counts punches of this day, `pending` those of a basket not yet checked out.

    `cents`: what a cash-back card has gathered. `is_prepaid`: its punches are uses that were paid for. `rule_id`: the
    rule it runs under; None for one that the basket would open. `gives`: what it gives when it is full.
    """

    program_card_id: int
    title: str
    brand: str
    need: int
    punches: int
    today: int
    number: int
    state: str
    card_id: int | None = None
    pending: int = 0
    rewards: int = 0
    cents: int = 0
    is_prepaid: bool = False
    rule_id: int | None = None
    gives: str = "item"

    @property
    def is_full(self) -> bool:
        """Full, with a reward that waits. A card that owes a punch under a reward given before has none."""
        return self.state == State.FULL and self.rewards > 0

    @property
    def fresh(self) -> int:
        """Punches to draw as new: those of today and those of the basket."""
        return self.today + self.pending


def shown_cards(customer: Customer, *, day: date) -> list[ShownCard]:
    """The cards that the customer sees: those in progress and those with a reward waiting, the liveliest first."""
    cards = (
        Card.objects.filter(customer=customer, state__in=[State.OPEN, State.FULL])
        .select_related("program_card__program__brand", "rule")
        .order_by("-last_punched_at", "-number")
    )
    today = _counts(Punch.objects.filter(customer=customer, day=day, state=PunchState.LIVE))
    rewards = _counts(ready_rewards(customer))
    shown = [
        ShownCard(
            program_card_id=card.program_card_id,
            title=card.program_card.title,
            brand=str(card.program_card.program.brand or ""),
            need=card.need,
            punches=card.punches,
            today=today.get(card.pk, 0),
            number=card.number,
            state=card.state,
            card_id=card.pk,
            rewards=rewards.get(card.pk, 0),
            cents=card.cents,
            is_prepaid=card.is_prepaid,
            rule_id=card.rule_id,
            gives=card.rule.gives,
        )
        for card in cards
    ]
    return sorted(shown, key=lambda card: not card.is_full)


def holders_of(cause_kind: str, cause_ids: Collection[int]) -> set[int]:
    """On whose cards the punches of these purchases are, by customer's id. Several, where two accounts were merged and
    split again: what a reward was handed out for stays with the one it was handed to."""
    punches = Punch.objects.filter(cause_kind=cause_kind, cause_id__in=list(cause_ids)).order_by()
    return set(punches.values_list("customer_id", flat=True).distinct())


def ready_rewards(customer: Customer) -> QuerySet[Reward]:
    """What the customer has earned and not yet been given."""
    rewards: QuerySet[Reward] = Reward.objects.filter(customer=customer, state=RewardState.READY)
    return rewards


def _counts(rows: QuerySet) -> dict[int, int]:
    found = rows.order_by().values("card_id").annotate(count=Count("id"))
    return {row["card_id"]: row["count"] for row in found}
