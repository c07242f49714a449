"""A customer's cards, as the ledger needs them and as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, QuerySet

from astro.cards import ledger
from astro.cards.models import Card, Punch, Reward, State
from astro.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Holding:
    """What a customer holds of one program card: the round in progress, and the last number given."""

    open_card: Card | None
    last_number: int

    def open_round(self) -> ledger.Round | None:
        card = self.open_card
        if card is None:
            return None
        return ledger.Round(card.number, card.need, card.rule.get, card.rule_id, card.punches)


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as it is drawn. `today` counts punches of this day, `pending` those of a basket not yet checked out."""

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

    @property
    def is_full(self) -> bool:
        return self.state == State.FULL

    @property
    def fresh(self) -> int:
        """Punches to draw as new: those of today and those of the basket."""
        return self.today + self.pending


def holdings(customer: Customer, program_card_ids: Iterable[int]) -> dict[int, Holding]:
    """What the customer holds of each program card, in two reads. Take the customer's lock first to act on it."""
    wanted = set(program_card_ids)
    if not wanted:
        return {}
    cards = Card.objects.filter(customer=customer, program_card__in=wanted)
    rounds = cards.order_by().values_list("program_card_id")
    last_numbers = dict(rounds.annotate(Max("number")))
    open_cards = {card.program_card_id: card for card in cards.filter(state=State.OPEN).select_related("rule")}
    return {pk: Holding(open_cards.get(pk), last_numbers.get(pk, 0)) for pk in wanted}


def shown_cards(customer: Customer, *, day: date) -> list[ShownCard]:
    """The cards that the customer sees: those in progress and those with a reward waiting, the liveliest first."""
    cards = (
        Card.objects.filter(customer=customer, state__in=[State.OPEN, State.FULL])
        .select_related("program_card__program__brand")
        .order_by("-last_punched_at", "-number")
    )
    today = _counts(Punch.objects.filter(customer=customer, day=day))
    rewards = _counts(Reward.objects.filter(customer=customer))
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
        )
        for card in cards
    ]
    return sorted(shown, key=lambda card: not card.is_full)


def _counts(rows: QuerySet) -> dict[int, int]:
    found = rows.order_by().values("card_id").annotate(count=Count("id"))
    return {row["card_id"]: row["count"] for row in found}
