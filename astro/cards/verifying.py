"""Whether the cards say what their punches add up to: every round is dealt once more and compared with its rows.

What a punch, a redemption and an undoing say of themselves are facts; places, counts, states and rewards follow from
them (`ledger.deal`). Nothing is written here. Rows are read without a lock, so whoever asks looks again, holding the
customer's, before believing a finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from astro.cards.models import Card, Punch, PunchState, Redemption, RedemptionUndo, Reward, RewardState, State
from astro.cards.writing import STATES
from astro.customers.models import Customer
from astro.kit.findings import Checked, Finding, Row
from astro.programs.engine.dealing import deal
from astro.programs.engine.terms import Dealing, Key, Pinned, Round, Rule, Unit
from astro.programs.models import CardRule
from astro.programs.rules import RULE_COLUMNS, rule_from
from astro.tenancy.models import Location

CARD, PUNCH = Card._meta.db_table, Punch._meta.db_table
REWARD, REDEMPTION = Reward._meta.db_table, Redemption._meta.db_table

CARD_COLUMNS = (
    *("id", "customer_id", "program_card_id", "rule_id", "number", "pile", "is_prepaid", "need", "punches", "cents"),
    *("state", "opened_at", "last_punched_at", "filled_at", "filled_on", "next_expiry_on", "owed_from"),
)
PUNCH_COLUMNS = (
    *("id", "customer_id", "program_card_id", "card_id", "rule_id", "position", "state", "cause_kind"),
    *("cause_id", "unit", "product_id", "pile", "cents", "opens", "occurred_at", "day", "location_id"),
)
REWARD_COLUMNS = ("id", "customer_id", "program_card_id", "card_id", "unit", "state", "earned_at", "day", "location_id")
REDEMPTION_COLUMNS = (
    *("id", "customer_id", "program_card_id", "card_id", "reward_id", "is_live", "is_practice"),
    *("taken_purchase_id", "taken_unit", "customer__is_practice"),
)


@dataclass(slots=True)
class Pile:
    """All rows that a customer has of one program card."""

    cards: dict[int, Any] = field(default_factory=dict)
    """By number."""
    punches: list[Any] = field(default_factory=list)
    rewards: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed out and not taken back: rewards, and the units that were the free item themselves."""

    rewards: frozenset[int]
    units: frozenset[Key]


def days_to_try(*, now: datetime) -> list[date]:
    """The days by which the current retailer's open rounds may have been dealt last, the likeliest first.

    It can be another day at each location, and after midnight what has just expired still stands for some hours.
    """
    days = {location.day(now) for location in Location.objects.all()}
    return [*sorted(days), min(days) - timedelta(days=1)] if days else [now.date()]


def findings(first: int, last: int, *, days: Sequence[date], checked: Checked) -> Iterator[Finding]:
    """What is wrong with the cards of the customers from id `first` to `last`. A fixed number of queries."""
    rows = list(CardRule.objects.values_list("program_card_id", "id", *RULE_COLUMNS))
    rules = {rule_id: rule_from(row).arithmetic(rule_id) for _program_card, rule_id, *row in rows}
    ruled = {rule_id: program_card for program_card, rule_id, *_row in rows}
    cards = {card.id: card for card in _rows(Card, first, last, CARD_COLUMNS)}
    punches = _rows(Punch, first, last, PUNCH_COLUMNS)
    rewards = _rows(Reward, first, last, REWARD_COLUMNS)
    redemptions = _rows(Redemption, first, last, REDEMPTION_COLUMNS)
    checked["customers"] += Customer.objects.filter(pk__range=(first, last)).count()
    checked["cards"] += len(cards)
    checked["punches"] += len(punches)
    checked["rewards"] += len(rewards)
    checked["redemptions"] += len(redemptions)

    yield from _redemptions(redemptions, {reward.id: reward for reward in rewards}, first, last)
    given = Given(
        frozenset(row.reward_id for row in redemptions if row.is_live),
        frozenset((row.taken_purchase_id, row.taken_unit) for row in redemptions if row.is_live),
    )
    piles: dict[tuple[int, int], Pile] = defaultdict(Pile)
    for card in cards.values():
        piles[card.customer_id, card.program_card_id].cards[card.number] = card
        yield from _rule(CARD, card, ruled)
        rule = rules.get(card.rule_id)  # that of another store is out of sight
        if rule and card.need != rule.buy and not (rule.takes_over and card.need > rule.buy):
            yield Row(CARD, card.id, card.customer_id).finding("need", card.need, rule.buy)
    for punch in punches:
        if punch.rule_id is not None:
            yield from _rule(PUNCH, punch, ruled)
    for table, rows in ((PUNCH, punches), (REWARD, rewards)):
        for row in rows:
            card = cards.get(row.card_id)
            if card is None or (card.customer_id, card.program_card_id) != (row.customer_id, row.program_card_id):
                named = Row(table, row.id, row.customer_id)
                yield named.finding("card_id", row.card_id, "a card of its customer and program card")
                continue
            pile = piles[row.customer_id, row.program_card_id]
            (pile.punches if table == PUNCH else pile.rewards).append(row)
    for pile in piles.values():
        yield from _free_units(pile, given)
        yield from _dealt(pile, given, rules, days)


def _rows(model: type[Any], first: int, last: int, columns: Sequence[str]) -> list[Any]:
    rows: QuerySet = model.objects.filter(customer__gte=first, customer__lte=last).order_by()
    return list(rows.values_list(*columns, named=True))


def _rule(table: str, row: Any, ruled: Mapping[int, int]) -> Iterator[Finding]:
    """`ruled` says of each rule whose it is."""
    if ruled.get(row.rule_id) != row.program_card_id:
        yield Row(table, row.id, row.customer_id).finding("rule_id", row.rule_id, "a rule of its program card")


def _redemptions(redemptions: Sequence[Any], rewards: Mapping[int, Any], first: int, last: int) -> Iterator[Finding]:
    """A redemption lives until it is undone; a reward, and a unit, is given by one of them at a time."""
    undone = set(
        RedemptionUndo.objects.filter(redemption__customer__gte=first, redemption__customer__lte=last).values_list(
            "redemption_id", flat=True
        )
    )
    giving: dict[int, int] = {}
    taking: dict[Key, int] = {}
    for row in redemptions:
        named = Row(REDEMPTION, row.id, row.customer_id)
        reward = rewards.get(row.reward_id)
        if reward is None:
            yield named.finding("reward_id", row.reward_id, "a reward of its customer")
        else:
            yield from named.differences(row, {"card_id": reward.card_id, "program_card_id": reward.program_card_id})
        yield from named.differences(row, {"is_live": row.id not in undone, "is_practice": row.customer__is_practice})
        if not row.is_live:
            continue
        if giving.setdefault(row.reward_id, row.id) != row.id:
            yield named.finding(f"reward {row.reward_id}", f"given by {giving[row.reward_id]} too", "given once")
        unit = (row.taken_purchase_id, row.taken_unit)
        if (unit[0] is None) != (unit[1] is None):
            yield named.finding("taken_unit", row.taken_unit, "named with its purchase, or neither")
        elif unit[0] and taking.setdefault(unit, row.id) != row.id:
            yield named.finding(f"unit {unit[1]} of purchase {unit[0]}", f"given by {taking[unit]} too", "given once")


def _free_units(pile: Pile, given: Given) -> Iterator[Finding]:
    """A punch is marked as the free item exactly where a living redemption names its unit."""
    for punch in pile.punches:
        is_taken = punch.cause_kind == "purchase" and (punch.cause_id, punch.unit) in given.units
        if is_taken and punch.state != PunchState.FREE:
            yield Row(PUNCH, punch.id, punch.customer_id).finding("state", punch.state, "free")
        elif punch.state == PunchState.FREE and not is_taken:
            yield Row(PUNCH, punch.id, punch.customer_id).finding("state", punch.state, "live or expired")


def _dealt(pile: Pile, given: Given, rules: Mapping[int, Rule], days: Sequence[date]) -> list[Finding]:
    """What differs from the dealing of the likeliest day, unless that of another one agrees."""
    by_id = {card.id: card for card in pile.cards.values()}
    pinned_ids = {reward.card_id for reward in pile.rewards if reward.id in given.rewards}
    kept: dict[int, list[tuple[int, Unit]]] = {pk: [] for pk in pinned_ids}
    gone: dict[int, list[Unit]] = defaultdict(list)
    loose: list[Unit] = []
    punches: dict[Key, Any] = {}
    for punch in pile.punches:
        rule = rules.get(punch.rule_id) or rules.get(by_id[punch.card_id].rule_id)
        is_taken = punch.cause_kind == "purchase" and (punch.cause_id, punch.unit) in given.units
        if punch.state == PunchState.VOIDED or is_taken or rule is None:
            continue
        unit = Unit(
            *(punch.cause_id, punch.unit, punch.product_id, punch.occurred_at, punch.day, rule),
            pile=punch.pile,
            cents=punch.cents,
            opens=punch.opens,
        )
        punches[unit.key] = punch
        if punch.card_id not in kept or punch.state == PunchState.OVER:
            loose.append(unit)
        elif punch.state == PunchState.LIVE:
            kept[punch.card_id].append((punch.position, unit))
        else:
            gone[punch.card_id].append(unit)
    pinned = {
        by_id[pk].number: Pinned(
            rules[by_id[pk].rule_id],
            tuple(unit for _position, unit in sorted(units, key=_place)),
            gone=tuple(gone[pk]),
            pile=by_id[pk].pile,
            need=by_id[pk].need,
            owed_from=by_id[pk].owed_from,
        )
        for pk, units in kept.items()
        if by_id[pk].rule_id in rules
    }
    told: list[Finding] | None = None
    for day in days:
        dealing = deal(loose, pinned=pinned, today=day)
        found = [
            *_cards(pile, dealing, given),
            *_punches(pile, dealing, punches),
            *_rewards(pile, dealing, given, punches),
        ]
        if not found:
            return []
        told = told or found
    return told or []


def _place(one: tuple[int | None, Unit]) -> int:
    return one[0] or 0


def _cards(pile: Pile, dealing: Dealing, given: Given) -> Iterator[Finding]:
    rounds = {round_.number: round_ for round_ in dealing.rounds}
    handed = {(reward.card_id, reward.unit) for reward in pile.rewards if reward.id in given.rewards}
    for number, card in pile.cards.items():
        should = _values(card, rounds.get(number), handed)
        if any(getattr(card, name) != value for name, value in should.items()):
            yield from Row(CARD, card.id, card.customer_id).differences(card, should)


def _values(card: Any, round_: Round | None, handed: set[tuple[int, int]]) -> dict[str, Any]:
    """The columns of a round as dealt; one that nothing was dealt to is empty."""
    if round_ is None:
        return {
            "punches": 0,
            "cents": 0,
            "state": State.EMPTY,
            "next_expiry_on": None,
            "filled_at": None,
            "filled_on": None,
        }
    state = State(round_.state)
    if round_.is_pinned and all((card.id, unit) in handed for unit in range(1, round_.rule.get + 1)):
        state = State.REDEEMED
    if round_.is_full and not round_.rewards:  # a prepaid card, used up
        state = State.REDEEMED
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
    if round_.opened_at:
        values |= {"opened_at": round_.opened_at, "last_punched_at": round_.last_at}
    if round_.filled_by:
        values |= {"filled_at": round_.filled_by.occurred_at, "filled_on": round_.filled_by.day}
    elif not round_.is_pinned:
        values |= {"filled_at": None, "filled_on": None}
    return values


def _punches(pile: Pile, dealing: Dealing, punches: Mapping[Key, Any]) -> Iterator[Finding]:
    for place in dealing.placements:
        punch = punches[place.unit.key]
        card = pile.cards.get(place.number)
        state = STATES[place.how]
        if card and punch.card_id == card.id and punch.position == place.position and punch.state == state:
            continue
        named = Row(PUNCH, punch.id, punch.customer_id)
        if card is None:
            yield named.finding("card_id", punch.card_id, f"a card for round {place.number}, which has none")
        else:
            yield from named.differences(punch, {"card_id": card.id, "position": place.position, "state": state})


def _rewards(pile: Pile, dealing: Dealing, given: Given, punches: Mapping[Key, Any]) -> Iterator[Finding]:
    """A full round has its rewards, ready or handed out; whatever else was earned once is withdrawn."""
    rounds = {round_.number: round_ for round_ in dealing.rounds}
    numbers = {card.id: card.number for card in pile.cards.values()}
    there = {(numbers[reward.card_id], reward.unit) for reward in pile.rewards}
    for round_ in dealing.rounds:
        for unit in range(1, round_.rewards + 1):
            card = pile.cards.get(round_.number)
            if card and (round_.number, unit) not in there:
                yield Row(CARD, card.id, card.customer_id).finding(f"reward {unit}", "missing", "there")
    for reward in pile.rewards:
        named = Row(REWARD, reward.id, reward.customer_id)
        earning = rounds.get(numbers[reward.card_id])
        if reward.id in given.rewards:
            yield from named.differences(reward, {"state": RewardState.REDEEMED})
        elif earning and earning.filled_by and reward.unit <= earning.rewards:
            filling = punches[earning.filled_by.key]
            should = {
                "state": RewardState.READY,
                "earned_at": filling.occurred_at,
                "day": filling.day,
                "location_id": filling.location_id,
            }
            yield from named.differences(reward, should)
        else:
            yield from named.differences(reward, {"state": RewardState.WITHDRAWN})
