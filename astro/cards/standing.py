"""Reading a customer's cards for the ledger: what stands, and what everything is dealt from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from astro.cards.hot_path import Row, rounds_of
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.customers.models import Customer
from astro.programs.engine import effects
from astro.programs.engine.effects import Effects
from astro.programs.engine.stamping import Standing
from astro.programs.engine.terms import Dealing, Key, Pinned, Round, Rule, Unit
from astro.programs.models import CardRule
from astro.programs.queries import rule_of as rule_of_card

COUNTING = (PunchState.LIVE, PunchState.EXPIRED, PunchState.OVER, PunchState.OPENS)
"""Of units that were bought and neither taken back nor given away."""


@dataclass(slots=True)
class Holding:
    """The rounds that a customer has of one program card, by number."""

    cards: dict[int, Row] = field(default_factory=dict)

    def standing(self) -> Standing:
        """What new units would go on top of."""
        used = [card for card in self.cards.values() if card.state != State.EMPTY]
        return Standing(
            open_rounds={card.pile: _open_round(card) for card in used if card.state == State.OPEN},
            numbers=frozenset(card.number for card in used),
            last_at=max((card.last_punched_at for card in used), default=None),
            is_untidy=len(used) < len(self.cards) or any(card.owes for card in used),
        )


@dataclass(frozen=True, slots=True)
class Hand:
    """What a customer holds of some program cards. `has_ready`: of any card, a reward waits."""

    holdings: dict[int, Holding]
    has_ready: bool


@dataclass(slots=True)
class History:
    """All that one program card is dealt from: the living units, those of pinned rounds apart, and their rows."""

    units: list[Unit] = field(default_factory=list)
    pinned: dict[int, Pinned] = field(default_factory=dict)
    punches: dict[Key, Punch] = field(default_factory=dict)
    rewards: dict[tuple[int, int], Reward] = field(default_factory=dict)
    """By the card's number and the reward's unit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What new units would do to one program card. `history` is None where they simply go on top."""

    holding: Holding
    effects: Effects
    units: Sequence[Unit]
    history: History | None = None

    @property
    def dealing(self) -> Dealing:
        return self.effects.dealing

    @property
    def fresh(self) -> frozenset[Key]:
        return self.effects.fresh

    def touched(self) -> list[tuple[Round, int]]:
        """The rounds that got new units, as they would stand, and how many they got."""
        return self.effects.touched()

    def waiting(self, round_: Round) -> int:
        """The rewards that would wait on this round. Where some were handed out before, a full card has fewer."""
        rewards = self.history.rewards if self.history else {}
        given = [one for (number, _unit), one in rewards.items() if number == round_.number and one.is_given]
        return max(round_.rewards - len(given), 0)


def hand_of(customer: Customer, program_card_ids: Collection[int]) -> Hand:
    """Every round that the customer has of these program cards, in one read. Lock the customer first to act on it."""
    found = {pk: Holding() for pk in program_card_ids}
    has_ready = False
    for row in rounds_of(customer.pk, found):
        has_ready |= row.state == State.FULL and row.punches >= row.need
        if row.program_card_id in found:
            found[row.program_card_id].cards[row.number] = row
    return Hand(found, has_ready)


def plan(
    customer: Customer,
    bought: Mapping[int, Sequence[Unit]],
    *,
    today: date,
    hand: Hand | None = None,
    unfinished: int | None = None,
) -> dict[int, Plan]:
    """What these units would do, by program card. One read where they simply go on top, three where they do not.

    `unfinished`: the visit that may still go on, in a preview.
    """
    held = (hand or hand_of(customer, bought)).holdings
    bought = routed(customer, bought, held)
    standings = {pk: held[pk].standing() for pk in bought}
    late = [pk for pk, units in bought.items() if not standings[pk].takes(units, today=today)]
    histories = histories_of(customer, late)
    plans = {}
    for pk, units in bought.items():
        history = histories.get(pk)
        before = standings[pk] if history is None else effects.History(history.units, history.pinned)
        plans[pk] = Plan(held[pk], effects.evaluate(before, units, today=today, unfinished=unfinished), units, history)
    return plans


def routed(
    customer: Customer, bought: Mapping[int, Sequence[Unit]], held: Mapping[int, Holding]
) -> Mapping[int, Sequence[Unit]]:
    """Where a card was split, what is bought goes onto the one that has the same item last; what neither has, onto the
    oldest in progress. One read where something is split, else none."""
    split = {
        pk for pk in bought if any(card.is_split_off and card.state != State.EMPTY for card in held[pk].cards.values())
    }
    if not split:
        return bought
    rows = Punch.objects.filter(customer=customer, program_card__in=split, state__in=COUNTING)
    rows = rows.order_by("occurred_at", "cause_id", "unit")
    last = {(pk, item): pile for pk, item, pile in rows.values_list("program_card_id", "product_id", "pile")}

    def pile_of(pk: int, unit: Unit) -> int:
        if unit.pile:
            return unit.pile
        running = [card for card in held[pk].cards.values() if card.state == State.OPEN]
        oldest = min(running, key=lambda card: card.opened_at, default=None)
        return last.get((pk, unit.product_id), oldest.pile if oldest else 0)

    return {
        pk: [replace(unit, pile=pile_of(pk, unit)) for unit in units] if pk in split else units
        for pk, units in bought.items()
    }


def histories_of(
    customer: Customer,
    program_card_ids: Iterable[int],
    *,
    back: Mapping[Key, int | None] | None = None,
    released: Collection[Key] = (),
) -> dict[int, History]:
    """What each of these program cards is dealt from, in two reads.

    Units that come `back` have no card yet, but where they had a position on one whose reward was handed out; units
    that are `released` leave such a card, for which they had stood in.
    """
    wanted = list(program_card_ids)
    if not wanted:
        return {}
    histories: dict[int, History] = {pk: History() for pk in wanted}
    rewards = Reward.objects.filter(customer=customer, program_card__in=wanted).select_related("card__rule")
    pinned: dict[int, Card] = {}
    for reward in rewards:
        histories[reward.program_card_id].rewards[reward.card.number, reward.unit] = reward
        if reward.state == RewardState.REDEEMED:
            pinned[reward.card_id] = reward.card
    punches = Punch.objects.filter(customer=customer, program_card__in=wanted, state__in=COUNTING).select_related(
        "rule", "card__rule"
    )
    kept: dict[int, list[tuple[int, Unit]]] = defaultdict(list)
    gone: dict[int, list[Unit]] = defaultdict(list)
    returning: dict[int, list[Unit]] = defaultdict(list)
    for punch in punches:
        history, unit = histories[punch.program_card_id], unit_of(punch)
        history.punches[unit.key] = punch
        if punch.card_id in pinned and unit.key in (back or {}):
            returning[punch.card_id].append(unit)
        elif punch.card_id not in pinned or unit.key in released or punch.state == PunchState.OVER:
            history.units.append(unit)
        elif punch.state == PunchState.LIVE:
            kept[punch.card_id].append((punch.position, unit))
        else:
            gone[punch.card_id].append(unit)
    for card in pinned.values():
        units = [unit for _position, unit in sorted(kept[card.pk], key=lambda one: one[0])]
        seats = {unit.key: (back or {}).get(unit.key) or 0 for unit in returning[card.pk]}
        for unit in sorted(returning[card.pk], key=lambda one: (not seats[one.key], seats[one.key], one.order)):
            had_expired = unit.expires_on and card.filled_on and unit.expires_on < card.filled_on
            if seats[unit.key] and len(units) < card.need and unit.pile == card.pile:
                units.insert(seats[unit.key] - 1, unit)
            elif had_expired:
                gone[card.pk].append(unit)
            else:
                histories[card.program_card_id].units.append(unit)
        pin = Pinned(
            rule_of(card.rule),
            tuple(units),
            tuple(gone[card.pk]),
            pile=card.pile,
            need=card.need,
            owed_from=card.owed_from,
        )
        histories[card.program_card_id].pinned[card.number] = pin
    return histories


def unit_of(punch: Punch) -> Unit:
    return Unit(
        cause_id=punch.cause_id,
        unit=punch.unit,
        product_id=punch.product_id,
        occurred_at=punch.occurred_at,
        day=punch.day,
        rule=rule_of(punch.rule or punch.card.rule),
        pile=punch.pile,
        cents=punch.cents,
        opens=punch.opens,
    )


def rule_of(row: CardRule) -> Rule:
    return rule_of_card(row).arithmetic(row.pk)


def _open_round(card: Row) -> Round:
    return Round(
        number=card.number,
        rule=card.rule,
        punches=card.punches,
        state="open",
        opened_at=card.opened_at,
        last_at=card.last_punched_at,
        next_expiry_on=card.next_expiry_on,
        pile=card.pile,
        need=card.need,
        cents=card.cents,
    )
