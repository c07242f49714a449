"""The cards of two customers become those of one, and can be told apart again.

Merging deals everything as if one person had bought it. What that changed is noted row by row, so that splitting finds
every row as it was, as long as nothing came in between. What did come stays with the kept customer: their purchases,
and each card whose reward was handed out since, with all the punches that it was judged on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q

from astro.cards.actions import deal_again, empty_card, merge_cards
from astro.cards.models import Card, CardNote, Punch, PunchState, Redemption, Reward, RewardState, State
from astro.customers.models import Customer

Rows = dict[int, dict[str, Any]]

DEALT: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "cards": (
        Card,
        (
            *("number", "rule_id", "need", "punches", "state", "opened_at", "last_punched_at"),
            *("filled_at", "filled_on", "next_expiry_on"),
        ),
    ),
    "punches": (Punch, ("card_id", "position", "state")),
    "rewards": (Reward, ("state", "earned_at", "day", "location_id")),
}
"""What dealing writes, by table."""

COUNTING = (PunchState.LIVE, PunchState.EXPIRED)


def merge(kept: Customer, gone: Customer, *, today: date) -> dict[str, Any]:
    """All cards of `gone` become `kept`'s; says what changed, as JSON. Both are locked by the caller."""
    wanted = sorted(set(_of(Card, gone).values_list("program_card_id", flat=True)))
    moved: dict[str, Any] = {
        "program_cards": wanted,
        "cards": sorted(_of(Card, gone).values_list("id", flat=True)),
        "punches": sorted(_of(Punch, gone).values_list("id", flat=True)),
        "given": sorted(_given([kept, gone], wanted).values_list("id", flat=True)),
    }
    before = _read([kept, gone], wanted)
    merge_cards(kept, gone, today=today)
    after = _read([kept], wanted)
    moved["were"] = {
        table: {str(pk): row for pk, row in rows.items() if row != after[table].get(pk)}
        for table, rows in before.items()
    }
    moved["made"] = {table: sorted(after[table].keys() - before[table].keys()) for table in ("cards", "rewards")}
    return moved


def split(kept: Customer, gone: Customer, moved: dict[str, Any], *, today: date) -> None:
    """What `moved` names becomes `gone`'s again, and the cards of both are dealt. Both are locked by the caller."""
    wanted = moved["program_cards"]
    if not wanted:
        return
    parting = _part(kept, moved)
    _loosen([kept], parting, wanted)
    _hand_back(gone, parting, moved["were"]["cards"])
    for customer in (kept, gone):
        deal_again(customer, wanted, today=today)
    _house(kept, gone, wanted)
    _as_before(moved["were"])
    _clear(moved["made"])


@dataclass(frozen=True, slots=True)
class _Parting:
    """What goes back: cards, punches; and of all cards those whose reward is handed out."""

    cards: frozenset[int]
    punches: frozenset[int]
    pinned: frozenset[int]

    def is_fixed(self, punch: Punch) -> bool:
        """Whether it keeps its place, on a card of its own owner whose reward is handed out."""
        return punch.card_id in self.pinned and (punch.card_id in self.cards) == (punch.pk in self.punches)


def _part(kept: Customer, moved: dict[str, Any]) -> _Parting:
    given = list(_given([kept], moved["program_cards"]))
    then = set(moved["given"])
    by_card: dict[int, set[int]] = defaultdict(set)
    for redemption in given:
        by_card[redemption.card_id].add(redemption.pk)
    since = {card_id for card_id, ids in by_card.items() if not ids & then}
    cards = frozenset(_of(Card, kept).filter(pk__in=moved["cards"]).values_list("id", flat=True)) - since
    taken_by = {(one.taken_purchase_id, one.taken_unit): one for one in given if one.taken_purchase_id}
    mine = set(moved["punches"])
    punches = set()
    for punch in _of(Punch, kept).filter(program_card__in=moved["program_cards"]):
        taker = taken_by.get((punch.cause_id, punch.unit)) if punch.state == PunchState.FREE else None
        if taker:  # the free item goes with the redemption that it is
            goes = taker.card_id in cards
        elif punch.state in COUNTING and punch.card_id in since:
            goes = False
        else:
            goes = punch.pk in mine
        if goes:
            punches.add(punch.pk)
    return _Parting(cards, frozenset(punches), frozenset(by_card))


def _loosen(customers: Collection[Customer], parting: _Parting, wanted: Collection[int]) -> None:
    """Whatever is dealt again leaves its place first, so that on the way no two rows claim the same."""
    rows = Punch.objects.filter(customer__in=customers, program_card__in=wanted, state__in=COUNTING)
    loose = [punch.pk for punch in rows if not parting.is_fixed(punch)]
    Punch.objects.filter(pk__in=loose).update(position=None, state=PunchState.EXPIRED)
    cards = Card.objects.filter(customer__in=customers, program_card__in=wanted)
    cards.filter(~Q(pk__in=parting.pinned)).update(
        state=State.EMPTY, punches=0, filled_at=None, filled_on=None, next_expiry_on=None
    )


def _hand_back(gone: Customer, parting: _Parting, were: dict[str, dict[str, Any]]) -> None:
    for card in Card.objects.filter(pk__in=parting.cards):
        number = were.get(str(card.pk), {}).get("number", card.number)
        Card.objects.filter(pk=card.pk).update(customer=gone, number=number)
    Punch.objects.filter(pk__in=parting.punches).update(customer=gone)
    for rows in (Reward, Redemption):
        rows.objects.filter(card__in=parting.cards).update(customer=gone)


def _house(kept: Customer, gone: Customer, wanted: Collection[int]) -> None:
    """Punches that do not count stay on the card that they were on last, or move to another one of their owner's."""
    for customer, other in ((kept, gone), (gone, kept)):
        strays = _of(Punch, customer).filter(program_card__in=wanted, card__customer=other)
        strays = strays.select_related("card__rule")
        for punch in strays:
            cards = _of(Card, customer).filter(program_card=punch.program_card_id)
            home = cards.order_by("number").first() or empty_card(customer, punch)
            Punch.objects.filter(pk=punch.pk).update(card=home)


def _as_before(were: dict[str, dict[str, dict[str, Any]]]) -> None:
    """What follows from no punch is not dealt, so it is put back: all of an empty card, when a card was filled that
    owes a punch now, when a withdrawn reward had been earned."""
    for pk, values in were["cards"].items():
        card = Card.objects.filter(pk=pk).first()
        if card is None:  # made by another merge, and gone again with its split
            continue
        names: tuple[str, ...] = ()
        if card.state == values["state"] == State.EMPTY:
            names = tuple(name for name in DEALT["cards"][1] if name != "number")
        elif card.owes and values["state"] in (State.FULL, State.REDEEMED):
            names = ("filled_at", "filled_on")
            if not card.punch_rows.filter(state__in=COUNTING).exists():
                names += ("opened_at", "last_punched_at")
        if names:
            Card.objects.filter(pk=pk).update(**_values(Card, {name: values[name] for name in names}))
    for pk, values in were["rewards"].items():
        if values["state"] == RewardState.WITHDRAWN:
            Reward.objects.filter(pk=pk, state=RewardState.WITHDRAWN).update(**_values(Reward, values))


def _clear(made: dict[str, list[int]]) -> None:
    """Cards and rewards that only the merge made go again, where nothing was ever on them."""
    given = Redemption.objects.filter(reward__in=made["rewards"]).values_list("reward_id", flat=True)
    rewards = set(made["rewards"]) - set(given)
    Reward.objects.filter(pk__in=rewards, state=RewardState.WITHDRAWN).delete()
    used: set[int] = set()
    for rows in (Punch, Reward, Redemption, CardNote):
        used |= set(rows.objects.filter(card__in=made["cards"]).values_list("card_id", flat=True))
    Card.objects.filter(pk__in=set(made["cards"]) - used, state=State.EMPTY).delete()


def _read(customers: Iterable[Customer], wanted: Collection[int]) -> dict[str, Rows]:
    """Everything that dealing may write, as JSON."""
    found = {}
    for table, (model, columns) in DEALT.items():
        rows = model._default_manager.filter(customer__in=list(customers), program_card__in=wanted).order_by()
        found[table] = {
            pk: {name: _json(value) for name, value in zip(columns, values, strict=True)}
            for pk, *values in rows.values_list("id", *columns)
        }
    return found


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _values(model: type[Model], told: dict[str, Any]) -> dict[str, Any]:
    """The way back from JSON."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in told.items()}


def _of(model: type[Any], customer: Customer) -> Any:
    return model.objects.filter(customer=customer).order_by("id")


def _given(customers: Collection[Customer], wanted: Collection[int]) -> Any:
    return Redemption.objects.filter(customer__in=customers, program_card__in=wanted, is_live=True).order_by("id")
