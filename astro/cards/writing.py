"""Writing what the ledger dealt. The one writer of rounds, punches' places and rewards; the caller holds the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from astro.cards.errors import CardMoved
from astro.cards.ledger import Key, Placement, Round
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.cards.standing import History, Plan
from astro.customers.models import Customer
from astro.kit.ids import new_ids

NewPunch = Callable[[Placement, Card], Punch]
"""Makes the row of a unit that is new."""


def write_stamped(customer: Customer, plans: Mapping[int, Plan], new_punch: NewPunch) -> None:
    """New units on top: each open round moves on from the count that was read, the rest are new rows."""
    cards: dict[tuple[int, int], Card] = {}
    fresh, rewards = [], []
    for program_card_id, plan in plans.items():
        for after in plan.dealing.rounds:
            card = plan.holding.cards.get(after.number)
            if card and card.state == State.OPEN:
                _move_on(card, after)
            else:
                card = _new_card(customer, program_card_id, after)
                fresh.append(card)
            cards[program_card_id, after.number] = card
    for card, pk in zip(fresh, new_ids(len(fresh)), strict=True):
        card.pk = pk
    Card.objects.bulk_create(fresh)
    punches = [
        new_punch(place, cards[program_card_id, place.number])
        for program_card_id, plan in plans.items()
        for place in plan.dealing.placements
    ]
    Punch.objects.bulk_create(punches)
    for program_card_id, plan in plans.items():
        for after in plan.dealing.rounds:
            rewards += [
                _new_reward(cards[program_card_id, after.number], after, unit, _place_of(punches, after.filled_by.key))
                for unit in range(1, after.rewards + 1)
                if after.filled_by
            ]
    Reward.objects.bulk_create(rewards)


def write_dealt(
    customer: Customer,
    program_card_id: int,
    *,
    cards: Mapping[int, Card],
    history: History,
    rounds: Iterable[Round],
    placements: Iterable[Placement],
    new_punch: NewPunch | None = None,
) -> None:
    """Everything dealt anew: what differs from the rows is written. Rounds that are left over become empty.

    Changed rows are put aside first, so that on the way no two of them claim the same place.
    """
    rounds, placements = list(rounds), list(placements)
    after = {round_.number: round_ for round_ in rounds}
    rewards = history.rewards
    cards = dict(cards)
    changed = [
        card
        for number, card in cards.items()
        if (number not in after and (card.state != State.EMPTY or card.punches))
        or (number in after and _differs(card, after[number], _state(after[number], rewards)))
    ]
    moved = [
        place
        for place in placements
        if place.unit.key in history.punches and _is_elsewhere(history.punches[place.unit.key], place, cards)
    ]
    moved_ids = [history.punches[place.unit.key].pk for place in moved]
    if moved_ids:
        Punch.objects.filter(pk__in=moved_ids).update(position=None, state=PunchState.EXPIRED)
    if changed:
        Card.objects.filter(pk__in=[card.pk for card in changed]).update(state=State.EMPTY, punches=0)
    for number, round_ in after.items():
        if number not in cards:
            cards[number] = _new_card(customer, program_card_id, round_)
            cards[number].save(force_insert=True)
    for card in changed:
        if card.number in after:
            _set(card, after[card.number], _state(after[card.number], rewards))
        else:
            Card.objects.filter(pk=card.pk).update(next_expiry_on=None, filled_at=None, filled_on=None)
    for place in moved:
        punch = history.punches[place.unit.key]
        punch.card, punch.position = cards[place.number], place.position
        punch.state = PunchState.LIVE if place.position else PunchState.EXPIRED
    Punch.objects.bulk_update(
        [history.punches[place.unit.key] for place in moved], ["card", "position", "state"], batch_size=200
    )
    fresh = [place for place in placements if place.unit.key not in history.punches]
    if fresh:
        if new_punch is None:
            raise ValueError("New units came, and nobody said how to write them.")
        made = [new_punch(place, cards[place.number]) for place in fresh]
        Punch.objects.bulk_create(made)
        history.punches.update({(punch.cause_id, punch.unit): punch for punch in made})
    _write_rewards(cards, after, history)


def _write_rewards(cards: Mapping[int, Card], after: Mapping[int, Round], history: History) -> None:
    """A full round has its rewards ready; any other has none. Those that were handed out stay."""
    for (number, unit), reward in history.rewards.items():
        round_ = after.get(number)
        is_earned = bool(round_ and unit <= round_.rewards)
        if reward.state == RewardState.READY and not is_earned:
            Reward.objects.filter(pk=reward.pk).update(state=RewardState.WITHDRAWN)
        elif reward.state != RewardState.REDEEMED and round_ and is_earned and round_.filled_by:
            filling = round_.filled_by
            place = history.punches[filling.key]
            values: dict[str, Any] = {
                "state": RewardState.READY,
                "earned_at": filling.occurred_at,
                "day": filling.day,
                "location_id": place.location_id,
            }
            if any(getattr(reward, name) != value for name, value in values.items()):
                Reward.objects.filter(pk=reward.pk).update(**values)
    missing = [
        _new_reward(cards[number], round_, unit, history.punches[round_.filled_by.key])
        for number, round_ in after.items()
        for unit in range(1, round_.rewards + 1)
        if round_.filled_by and (number, unit) not in history.rewards
    ]
    Reward.objects.bulk_create(missing)


def _move_on(card: Card, after: Round) -> None:
    """The open round with more punches; the row must still hold the count that was read."""
    filling = after.filled_by
    moved = Card.objects.filter(pk=card.pk, punches=card.punches, state=State.OPEN).update(
        punches=after.punches,
        state=State.FULL if filling else State.OPEN,
        last_punched_at=after.last_at,
        filled_at=filling.occurred_at if filling else None,
        filled_on=filling.day if filling else None,
        next_expiry_on=after.next_expiry_on,
    )
    if moved != 1:
        raise CardMoved


def _new_card(customer: Customer, program_card_id: int, round_: Round) -> Card:
    filling = round_.filled_by
    if round_.opened_at is None or round_.last_at is None:
        raise ValueError("A new round has at least one unit.")
    return Card(
        customer=customer,
        program_card_id=program_card_id,
        rule_id=round_.rule.rule_id,
        number=round_.number,
        need=round_.need,
        punches=round_.punches,
        state=round_.state,
        opened_at=round_.opened_at,
        last_punched_at=round_.last_at,
        filled_at=filling.occurred_at if filling else None,
        filled_on=filling.day if filling else None,
        next_expiry_on=round_.next_expiry_on,
    )


def _new_reward(card: Card, round_: Round, unit: int, filling: Punch) -> Reward:
    return Reward(
        card=card,
        customer_id=card.customer_id,
        program_card_id=card.program_card_id,
        location_id=filling.location_id,
        unit=unit,
        earned_at=filling.occurred_at,
        day=filling.day,
    )


def _place_of(punches: Iterable[Punch], key: Key) -> Punch:
    return next(punch for punch in punches if (punch.cause_id, punch.unit) == key)


def _state(round_: Round, rewards: Mapping[tuple[int, int], Reward]) -> State:
    """Redeemed when every reward of it was handed out."""
    if round_.is_pinned:
        units = range(1, round_.rule.get + 1)
        given = [rewards.get((round_.number, unit)) for unit in units]
        return State.REDEEMED if all(one and one.state == RewardState.REDEEMED for one in given) else State.FULL
    return State(round_.state)


def _values(round_: Round, state: State) -> dict[str, Any]:
    values: dict[str, Any] = {
        "rule_id": round_.rule.rule_id,
        "need": round_.need,
        "punches": round_.punches,
        "state": state,
        "next_expiry_on": round_.next_expiry_on,
    }
    if round_.opened_at and round_.last_at:
        values |= {"opened_at": round_.opened_at, "last_punched_at": round_.last_at}
    if round_.filled_by:
        values |= {"filled_at": round_.filled_by.occurred_at, "filled_on": round_.filled_by.day}
    elif not round_.is_pinned:
        values |= {"filled_at": None, "filled_on": None}
    return values


def _differs(card: Card, round_: Round, state: State) -> bool:
    return any(getattr(card, name) != value for name, value in _values(round_, state).items())


def _set(card: Card, round_: Round, state: State) -> None:
    Card.objects.filter(pk=card.pk).update(**_values(round_, state))


def _is_elsewhere(punch: Punch, place: Placement, cards: Mapping[int, Card]) -> bool:
    card = cards.get(place.number)
    if card is None or punch.card_id != card.pk or punch.position != place.position:
        return True
    return punch.state != (PunchState.LIVE if place.position else PunchState.EXPIRED)
