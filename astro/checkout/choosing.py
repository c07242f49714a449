"""The redemption screen: each reward with the items to choose from, and what of today's basket could be the free item.

A unit that was scanned as a purchase can be the free item itself; then it counts once, as the redemption. It can where
the card is full without it and still allows it: where it lies on no such card at all, or where a later round has a
unit to move up. This is a forecast for the screen; what counts is what `finishing.py` finds when it has moved them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from astro.cards.models import Punch, PunchState, State
from astro.catalog.queries import prices_on
from astro.checkout.models import Purchase, Visit
from astro.checkout.offers import Offer, kept_with, offers
from astro.checkout.units import living_units
from astro.customers.models import Customer
from astro.programs.queries import rule_of
from astro.programs.rewards import Judged, OnCard, judge
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Choice:
    """An item that may be given. `scanned` units of it are in today's basket, and `fills` says that they lie on this
    program card; `can_be_scanned`: one of them may be the free one."""

    judged: Judged
    scanned: int
    fills: bool
    can_be_scanned: bool

    @property
    def is_needed(self) -> bool:
        """Whether it is in the basket and has to stay a purchase: the card is full only with it."""
        return self.scanned > 0 and not self.can_be_scanned


@dataclass(frozen=True, slots=True)
class Group:
    """One reward to choose for, with what is `picked` before anybody chose. `spare`: so many of its program card's
    units could go, and its card would stay full."""

    offer: Offer
    choices: Sequence[Choice]
    picked: Choice | None
    spare: int

    @property
    def has_needed(self) -> bool:
        return any(choice.is_needed for choice in self.choices)

    @property
    def needs(self) -> str:
        """The names of what the customer lacks and the program asks for."""
        asked = [("email", self.offer.needs_email), ("address", self.offer.needs_address)]
        return " ".join(name for name, is_needed in asked if is_needed)


@dataclass(frozen=True, slots=True)
class Choosing:
    """`groups` can be chosen for now; `closed` cannot, each for a reason of its own."""

    groups: Sequence[Group]
    closed: Sequence[Offer]
    purchases: Sequence[Purchase]
    living: Mapping[int, int]

    @property
    def asks_email(self) -> list[str]:
        """The brands that ask for an e-mail address, each once."""
        return list(dict.fromkeys(group.offer.brand for group in self.groups if group.offer.needs_email))

    @property
    def asks_address(self) -> list[str]:
        return list(dict.fromkeys(group.offer.brand for group in self.groups if group.offer.needs_address))

    def is_worth_showing(self, visit: Visit) -> bool:
        """Whether there is something to choose after `visit`, or to know: why what it has just earned gives nothing.

        Not a program's end, nor an old reward that gives nothing, once more at every visit.
        """
        earned = (offer.reward.earned_at >= visit.occurred_at for offer in self.closed if offer.ended_on is None)
        return bool(self.groups) or any(earned)

    @property
    def is_taken_back(self) -> bool:
        """Whether there were purchases, and none of them is left."""
        return bool(self.purchases) and not any(self.living.values())


def choosing(
    customer: Customer, visit: Visit | None, *, at: Location, day: date, reward_id: int | None = None
) -> Choosing:
    """What this customer may choose, with what `visit` scanned picked already where it can be the free item itself.

    With `reward_id` that reward alone.
    """
    found = offers(customer, at=at, day=day, reward_ids=None if reward_id is None else [reward_id])
    purchases = list(Purchase.objects.filter(visit=visit).order_by("id")) if visit else []
    living = Counter(purchase_id for purchase_id, _unit in living_units(purchases)) if purchases else Counter()
    open_offers = [offer for offer in found if offer.allowed]
    return Choosing(
        groups=_groups(open_offers, purchases, living, at=at, day=day),
        closed=[offer for offer in found if not offer.allowed],
        purchases=purchases,
        living=living,
    )


def _groups(
    found: Sequence[Offer], purchases: Sequence[Purchase], living: Mapping[int, int], *, at: Location, day: date
) -> list[Group]:
    """The first item that was scanned and can itself be the free one is picked, each unit for one reward.

    Never one that its card needs: whoever then only presses the button would give a second one away.
    """
    scanned: Counter[int] = Counter()
    for row in purchases:
        scanned[row.product_id] += living[row.pk]
    mine = {row.pk for row in purchases}
    rounds = _Rounds.of(found, at=at, day=day)
    left = Counter(scanned)
    spare: dict[int, int] = {}
    for offer in found:
        spare[offer.program_card_id] = min(rounds.spare(offer), spare.get(offer.program_card_id, rounds.spare(offer)))
    groups = []
    for offer in found:
        choices = []
        picked = None
        for one in offer.allowed:
            product_id = one.item.product_id
            last = rounds.last_unit(offer, product_id, mine)
            can_be_scanned = scanned[product_id] > 0 and (last is None or rounds.allow_without(offer, last))
            choice = Choice(one, scanned[product_id], fills=last is not None, can_be_scanned=can_be_scanned)
            choices.append(choice)
            is_spare = not choice.fills or spare[offer.program_card_id] > 0
            if picked is None and can_be_scanned and left[product_id] > 0 and is_spare:
                picked = choice
        if offer.is_gift:
            picked = choices[0]
        elif picked:
            left[picked.judged.item.product_id] -= 1
            spare[offer.program_card_id] -= picked.fills
        groups.append(Group(offer, choices, picked, rounds.spare(offer)))
    return groups


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit that counts, on a round whose reward was not handed out: those move up when one is taken."""

    purchase_id: int
    unit: int
    number: int
    pile: int
    on_card: OnCard


@dataclass(frozen=True, slots=True)
class _Rounds:
    """The rounds of each program card from the first one that is not redeemed, its units in the ledger's order."""

    units: Mapping[int, Sequence[_Unit]]
    prices: Mapping[int, int]

    @classmethod
    def of(cls, found: Sequence[Offer], *, at: Location, day: date) -> _Rounds:
        if not found:
            return cls({}, {})
        punches = Punch.objects.filter(
            customer=found[0].reward.customer_id,
            program_card__in={offer.program_card_id for offer in found},
            state=PunchState.LIVE,
            card__state__in=[State.OPEN, State.FULL],
        )
        rows = list(punches.select_related("card").order_by("occurred_at", "cause_id", "unit"))
        purchases = Purchase.objects.in_bulk({row.cause_id for row in rows})
        units: dict[int, list[_Unit]] = defaultdict(list)
        for row in rows:
            on_card = kept_with(purchases.get(row.cause_id), row.product_id, currency=at.retailer.currency)
            units[row.program_card_id].append(_Unit(row.cause_id, row.unit, row.card.number, row.pile, on_card))
        products = {row.product_id for row in rows}
        products |= {one.item.product_id for offer in found for one in offer.allowed}
        return cls(units, prices_on(products, currency=at.retailer.currency, day=day))

    def spare(self, offer: Offer) -> int:
        """The units on later rounds, which would move up."""
        return sum(unit.number > offer.reward.card.number for unit in self._of(offer))

    def last_unit(self, offer: Offer, product_id: int, purchase_ids: Collection[int]) -> _Unit | None:
        """The unit of these purchases that would be taken; None where none of them lies on this program card."""
        mine = [
            unit
            for unit in self._of(offer)
            if unit.on_card.product_id == product_id and unit.purchase_id in purchase_ids
        ]
        return max(mine, key=lambda unit: (unit.purchase_id, unit.unit), default=None)

    def allow_without(self, offer: Offer, taken: _Unit) -> bool:
        """Whether the card is full without that unit, and its rule then lets the same item be given."""
        if self.spare(offer) < 1:
            return False
        before = sum(unit.number < offer.reward.card.number for unit in self._of(offer))
        left = [unit.on_card for unit in self._of(offer) if unit is not taken]
        on_card = left[before : before + offer.reward.card.need]
        item = next(one.item for one in offer.allowed if one.item.product_id == taken.on_card.product_id)
        (judged,) = judge(rule_of(offer.reward.card.rule), on_card, [item], prices=self.prices, money=str)
        return judged.is_allowed

    def _of(self, offer: Offer) -> Sequence[_Unit]:
        """Those that could stand on its card: of the same pile."""
        pile = offer.reward.card.pile
        return [unit for unit in self.units.get(offer.program_card_id, []) if unit.pile == pile]
