"""Putting punches on cards. The one writer of a card's stored counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from astro.accounts.models import User
from astro.cards.errors import CardMoved
from astro.cards.ledger import Dealing, Rule, Unit, deal
from astro.cards.models import Card, Punch, Reward, State
from astro.cards.queries import Holding, holdings
from astro.customers.models import Customer
from astro.kit.ids import new_ids
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Deal:
    """What one program card is to receive, and under which rule a new round of it would be opened."""

    rule: Rule
    units: Sequence[Unit]


def punch_cards(
    customer: Customer,
    deals: Mapping[int, Deal],
    *,
    cause_kind: str,
    at: Location,
    by: User | None,
    device_id: int | None,
    occurred_at: datetime,
    day: date,
) -> dict[int, Dealing]:
    """Deal units to the customer's program cards and write punches, rounds and rewards. Keyed by program card.

    The caller holds the customer's lock. Raises CardMoved when a round changed all the same.
    """
    held = holdings(customer, deals)
    dealings = {
        pk: deal(one.units, rule=one.rule, open_round=held[pk].open_round(), last_number=held[pk].last_number)
        for pk, one in deals.items()
    }
    rounds = _write_rounds(customer, held, dealings, occurred_at=occurred_at, day=day)
    punches = [
        Punch(
            card=rounds[program_card_id, placement.number],
            customer=customer,
            program_card_id=program_card_id,
            location=at,
            position=placement.position,
            cause_kind=cause_kind,
            cause_id=placement.unit.cause_id,
            unit=placement.unit.unit,
            product_id=placement.unit.product_id,
            day=day,
            occurred_at=occurred_at,
            by=by,
            device_id=device_id,
        )
        for program_card_id, dealing in dealings.items()
        for placement in dealing.placements
    ]
    rewards = [
        Reward(
            card=rounds[program_card_id, filled.number],
            customer=customer,
            program_card_id=program_card_id,
            location=at,
            unit=unit,
            earned_at=occurred_at,
            day=day,
        )
        for program_card_id, dealing in dealings.items()
        for filled in dealing.filled
        for unit in range(1, filled.get + 1)
    ]
    Punch.objects.bulk_create(punches)
    Reward.objects.bulk_create(rewards)
    return dealings


def _write_rounds(
    customer: Customer,
    held: Mapping[int, Holding],
    dealings: Mapping[int, Dealing],
    *,
    occurred_at: datetime,
    day: date,
) -> dict[tuple[int, int], Card]:
    """Insert the new rounds and move the open ones on; each update must find the count that was read."""
    cards: dict[tuple[int, int], Card] = {}
    fresh = []
    for program_card_id, dealing in dealings.items():
        known = held[program_card_id].open_card
        for after in dealing.rounds:
            filled = {"filled_at": occurred_at, "filled_on": day} if after.is_full else {}
            state = State.FULL if after.is_full else State.OPEN
            if known and known.number == after.number:
                moved = Card.objects.filter(pk=known.pk, punches=known.punches, state=State.OPEN).update(
                    punches=after.punches, state=state, last_punched_at=occurred_at, **filled
                )
                if moved != 1:
                    raise CardMoved
                cards[program_card_id, after.number] = known
            else:
                card = Card(
                    customer=customer,
                    program_card_id=program_card_id,
                    rule_id=after.rule_id,
                    number=after.number,
                    need=after.need,
                    punches=after.punches,
                    state=state,
                    opened_at=occurred_at,
                    last_punched_at=occurred_at,
                    **filled,
                )
                fresh.append(card)
                cards[program_card_id, after.number] = card
    for card, pk in zip(fresh, new_ids(len(fresh)), strict=True):
        card.pk = pk
    Card.objects.bulk_create(fresh)
    return cards
