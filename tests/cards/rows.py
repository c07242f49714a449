"""What the tables hold of a customer's cards, in the words in which paper cards are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.customers.models import Customer
from tests.cards.model import Box, Key, Paper, told


@dataclass
class Rows:
    """One program card: rounds as `told`, when they were opened, punched, filled and expire; rewards; lost units."""

    rounds: list[tuple[object, ...]] = field(default_factory=list)
    moments: list[tuple[object, ...]] = field(default_factory=list)
    filled: list[tuple[object, ...]] = field(default_factory=list)
    ready: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict)
    redeemed: set[tuple[int, int]] = field(default_factory=set)
    voided: list[Key] = field(default_factory=list)
    free: list[Key] = field(default_factory=list)


def read(customers: Collection[Customer]) -> dict[tuple[int, int], Rows]:
    """By customer and program card. Holds of the rows alone: stored counts, places without gaps, nothing left over."""
    cards = {card.pk: card for card in Card.objects.filter(customer__in=customers).order_by("number")}
    found: dict[tuple[int, int], Rows] = defaultdict(Rows)
    here: dict[int, list[Any]] = defaultdict(list)
    of_punch = "card_id", "customer_id", "program_card_id", "position", "state", "cause_id", "unit"
    for punch in Punch.objects.filter(customer__in=customers).order_by().values_list(*of_punch, named=True):
        here[punch.card_id].append(punch)
    for card in cards.values():
        whose = card.customer_id, card.program_card_id
        assert all((one.customer_id, one.program_card_id) == whose for one in here[card.pk])
        _read_card(card, here[card.pk], found[whose])
    of_reward = "card_id", "customer_id", "program_card_id", "unit", "state", "earned_at", "day"
    for reward in Reward.objects.filter(customer__in=customers).order_by().values_list(*of_reward, named=True):
        rows, place = found[reward.customer_id, reward.program_card_id], (cards[reward.card_id].number, reward.unit)
        if reward.state == RewardState.READY:
            rows.ready[place] = (reward.earned_at, reward.day)
        elif reward.state == RewardState.REDEEMED:
            rows.redeemed.add(place)
    for rows in found.values():
        rows.voided.sort()
        rows.free.sort()
    return dict(found)


def _read_card(card: Card, punches: Collection[Any], rows: Rows) -> None:
    of = {state: [one for one in punches if one.state == state] for state in PunchState}
    on = sorted(of[PunchState.LIVE], key=lambda one: one.position)
    assert [one.position for one in on] == list(range(1, card.punches + 1))
    rows.voided += [_key(one) for one in of[PunchState.VOIDED]]
    rows.free += [_key(one) for one in of[PunchState.FREE]]
    if card.state == State.EMPTY:
        assert (card.punches, of[PunchState.EXPIRED], card.next_expiry_on, card.filled_at) == (0, [], None, None)
        return
    struck = tuple(sorted(_key(one) for one in of[PunchState.EXPIRED]))
    rows.rounds.append((card.number, card.need, card.state, tuple(_key(one) for one in on), struck))
    if on or struck:
        rows.moments.append((card.number, card.opened_at, card.last_punched_at, card.next_expiry_on))
    if card.punches == card.need:
        rows.filled.append((card.number, card.filled_at, card.filled_on))


def on_paper(box: Box, day: date, voided: Collection[Key]) -> Rows:
    """The same of the paper cards as they lay on that day."""
    laid_out = box.lay_out(day)
    papers = sorted(laid_out.items())
    fillings = {place: max(laid_out[place[0]].on) for place in box.ready(laid_out)}
    free = sorted(key for key in box.away if key not in voided)
    return Rows(
        rounds=[told(number, paper, handed=box.handed) for number, paper in papers],
        moments=[_moments(number, paper, is_kept=number in box.kept) for number, paper in papers if _slips(paper)],
        filled=[(number, max(paper.on).at, max(paper.on).day) for number, paper in papers if paper.is_full],
        ready={place: (slip.at, slip.day) for place, slip in fillings.items()},
        redeemed=set(box.handed),
        voided=sorted(key for key in box.slips if key in voided),
        free=free,
    )


def _moments(number: int, paper: Paper, *, is_kept: bool) -> tuple[Any, ...]:
    at = [slip.at for slip in _slips(paper)]
    is_open = bool(paper.on) and not paper.is_full and not is_kept
    ends = [slip.last_day for slip in paper.on if slip.last_day] if is_open else []
    return number, min(at), max(at), min(ends, default=None)


def _slips(paper: Paper) -> list[Any]:
    return [*paper.on, *paper.struck]


def _key(punch: Any) -> Key:
    return punch.cause_id, punch.unit
