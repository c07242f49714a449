"""Writing what the ledger dealt. The one writer of rounds, punches' places and rewards; the caller holds the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from astro.cards.errors import CardMoved
from astro.cards.hot_path import Row, move_on
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.cards.standing import History, Plan
from astro.customers.models import Customer
from astro.kit import plain
from astro.programs.engine.terms import How, Placement, Round

STATES: Mapping[How, PunchState] = {
    "counts": PunchState.LIVE,
    "expired": PunchState.EXPIRED,
    "over": PunchState.OVER,
    "beyond": PunchState.OVER,
    "opens": PunchState.OPENS,
}

NewPunch = Callable[[Placement, int, int], Punch]
"""Makes the row of a unit that is new, on a card of a program card."""


def write_stamped(customer: Customer, plans: Mapping[int, Plan], new_punch: NewPunch) -> None:
    """New units on top: each open round moves on from the count that was read, the rest are new rows."""
    ids: dict[tuple[int, int], int] = {}
    moves, fresh = [], []
    for program_card_id, plan in plans.items():
        for after in plan.dealing.rounds:
            row = plan.holding.cards.get(after.number)
            if row:
                moves.append((row, after))
                ids[program_card_id, after.number] = row.pk
            else:
                card = _new_card(customer, program_card_id, after)
                fresh.append(card)
                ids[program_card_id, after.number] = card.pk
    move_on(moves)
    plain.insert(fresh)
    punches = {
        (program_card_id, place.unit.key): new_punch(place, ids[program_card_id, place.number], program_card_id)
        for program_card_id, plan in plans.items()
        for place in plan.dealing.placements
    }
    plain.insert(list(punches.values()))
    _earn(
        [
            _new_reward(punches[program_card_id, after.filled_by.key], unit)
            for program_card_id, plan in plans.items()
            for after in plan.dealing.rounds
            if after.filled_by
            for unit in range(1, after.rewards + 1)
        ]
    )


def _earn(rewards: Sequence[Reward]) -> None:
    """Rewards of rounds that are full now. A round that was full before has its rows already, withdrawn since."""
    there = plain.insert(rewards, unless_there=True)
    if there < len(rewards):
        for reward in rewards:
            there += Reward.objects.filter(card=reward.card_id, unit=reward.unit, state=RewardState.WITHDRAWN).update(
                state=RewardState.READY,
                earned_at=reward.earned_at,
                day=reward.day,
                location=reward.location_id,
            )
    if there != len(rewards):
        raise CardMoved


def write_dealt(
    customer: Customer,
    program_card_id: int,
    *,
    cards: Mapping[int, Row],
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
    ids = {number: row.pk for number, row in cards.items()}
    changed = [
        row
        for number, row in cards.items()
        if (number not in after and (row.state != State.EMPTY or row.punches))
        or (number in after and _differs(row, after[number], _state(after[number], history.rewards)))
    ]
    moved = [
        place
        for place in placements
        if place.unit.key in history.punches and _is_elsewhere(history.punches[place.unit.key], place, ids)
    ]
    moved_ids = [history.punches[place.unit.key].pk for place in moved]
    if moved_ids:
        Punch.objects.filter(pk__in=moved_ids).update(position=None, state=PunchState.EXPIRED)
    if changed:
        Card.objects.filter(pk__in=[row.pk for row in changed]).update(state=State.EMPTY, punches=0)
    for row in changed:
        if row.number in after:
            values = _values(after[row.number], _state(after[row.number], history.rewards))
        else:
            values = {"cents": 0, "next_expiry_on": None, "filled_at": None, "filled_on": None}
        Card.objects.filter(pk=row.pk).update(**values)
    for number, round_ in after.items():
        if number not in ids:
            card = _new_card(customer, program_card_id, round_)
            card.save(force_insert=True)
            ids[number] = card.pk
    for place in moved:
        punch = history.punches[place.unit.key]
        punch.card_id, punch.position = ids[place.number], place.position
        punch.state = STATES[place.how]
    Punch.objects.bulk_update(
        [history.punches[place.unit.key] for place in moved], ["card", "position", "state"], batch_size=200
    )
    fresh = [place for place in placements if place.unit.key not in history.punches]
    if fresh:
        if new_punch is None:
            raise ValueError("New units came, and nobody said how to write them.")
        made = [new_punch(place, ids[place.number], program_card_id) for place in fresh]
        Punch.objects.bulk_create(made)
        history.punches.update({(punch.cause_id, punch.unit): punch for punch in made})
    _write_rewards(after, history)


def _write_rewards(after: Mapping[int, Round], history: History) -> None:
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
        _new_reward(history.punches[round_.filled_by.key], unit)
        for number, round_ in after.items()
        for unit in range(1, round_.rewards + 1)
        if round_.filled_by and (number, unit) not in history.rewards
    ]
    Reward.objects.bulk_create(missing)


def _new_card(customer: Customer, program_card_id: int, round_: Round) -> Card:
    filling = round_.filled_by
    if round_.opened_at is None or round_.last_at is None:
        raise ValueError("A new round has at least one unit.")
    return Card(
        customer=customer,
        program_card_id=program_card_id,
        rule_id=round_.rule.rule_id,
        number=round_.number,
        pile=round_.pile,
        is_prepaid=round_.rule.is_prepaid,
        need=round_.need,
        punches=round_.punches,
        cents=round_.cents,
        state=_state(round_, {}),
        opened_at=round_.opened_at,
        last_punched_at=round_.last_at,
        filled_at=filling.occurred_at if filling else None,
        filled_on=filling.day if filling else None,
        next_expiry_on=round_.next_expiry_on,
    )


def _new_reward(filling: Punch, unit: int) -> Reward:
    """A reward of the card that this punch filled."""
    return Reward(
        card_id=filling.card_id,
        customer_id=filling.customer_id,
        program_card_id=filling.program_card_id,
        location_id=filling.location_id,
        unit=unit,
        earned_at=filling.occurred_at,
        day=filling.day,
    )


def _state(round_: Round, rewards: Mapping[tuple[int, int], Reward]) -> State:
    """Redeemed when every reward of it was handed out."""
    if round_.is_pinned:
        units = range(1, round_.rule.get + 1)
        given = [rewards.get((round_.number, unit)) for unit in units]
        return State.REDEEMED if all(one and one.state == RewardState.REDEEMED for one in given) else State.FULL
    if round_.is_full and not round_.rewards:  # a prepaid card, used up: nothing is left to hand out
        return State.REDEEMED
    return State(round_.state)


def _values(round_: Round, state: State) -> dict[str, Any]:
    values: dict[str, Any] = {
        "rule_id": round_.rule.rule_id,
        "pile": round_.pile,
        "is_prepaid": round_.rule.is_prepaid,
        "need": round_.need,
        "punches": round_.punches,
        "cents": round_.cents,
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


def _differs(row: Row, round_: Round, state: State) -> bool:
    return any(getattr(row, name) != value for name, value in _values(round_, state).items())


def _is_elsewhere(punch: Punch, place: Placement, ids: Mapping[int, int]) -> bool:
    if punch.card_id != ids.get(place.number) or punch.position != place.position:
        return True
    return punch.state != STATES[place.how]
