"""What a customer has earned and may choose now: each reward that waits, with the items judged by its card's rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from astro.cards.models import Punch, PunchState, Reward, RewardState
from astro.catalog.queries import prices_on, valid_on
from astro.checkout.models import Purchase
from astro.customers.models import Address, Customer
from astro.kit.money import format_cents
from astro.programs.models import Gives, Kind, ProgramItem
from astro.programs.queries import rule_of
from astro.programs.rewards import Item, Judged, OnCard, judge, reward_in_words
from astro.programs.totals import spent
from astro.programs.wording import gift, gift_cents, sentence
from astro.tenancy.models import Location

GIFT = 0
"""Stands where the id of an item stands, for what is no item."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One reward and what may be given for it. `ended_on`: its program is over since that day, so nothing may.
    `is_spent`: all that the offer had for everybody has been given.

    `rule` says what the card asks and gives, `may_take` what that comes to on this card; `items` are what may be given,
    then what may not, each with why. `needs_email` and `needs_address`: the program asks for what the customer lacks.
    """

    reward: Reward
    title: str
    brand: str
    rule: str
    may_take: str
    punches: tuple[OnCard, ...]
    items: tuple[Judged, ...]
    needs_email: bool
    needs_address: bool
    ended_on: date | None
    gives: str = Gives.ITEM
    is_spent: bool = False

    @property
    def is_gift(self) -> bool:
        """Whether there is nothing to choose: it gives an amount, or what its words say."""
        return self.gives != Gives.ITEM

    @property
    def program_card_id(self) -> int:
        return self.reward.program_card_id

    @property
    def allowed(self) -> list[Judged]:
        return [] if self.ended_on or self.is_spent else [judged for judged in self.items if judged.is_allowed]

    @property
    def refused(self) -> list[Judged]:
        return [judged for judged in self.items if not judged.is_allowed]


def offers(customer: Customer, *, at: Location, day: date, reward_ids: Collection[int] | None = None) -> list[Offer]:
    """The rewards that wait for this customer (or those of `reward_ids` that do), the oldest first, as `at` would give
    them on that day. A fixed number of queries: rewards, punches, purchases, items, prices, address.
    """
    rewards = _waiting(customer, reward_ids)
    if not rewards:
        return []
    on_cards = _on_cards(rewards, currency=at.retailer.currency)
    items = _items({reward.program_card_id for reward in rewards}, day=day)
    bought = {punch.product_id for punches in on_cards.values() for punch in punches}
    listed = {item.product_id for found in items.values() for item in found}
    prices = prices_on(bought | listed, currency=at.retailer.currency, day=day)
    asks = any(reward.card.rule.version.requires_address for reward in rewards)
    limited = spent({one.program_card.program_id for one in rewards if one.program_card.program.kind == Kind.OFFER})
    has_address = not asks or Address.objects.filter(customer=customer).exists()
    return [
        _offer(
            reward,
            punches=on_cards[reward.card_id],
            items=items[reward.program_card_id],
            prices=prices,
            at=at,
            day=day,
            lacks_email=not customer.email,
            lacks_address=not has_address,
            is_spent=reward.program_card.program_id in limited and not customer.is_practice,
        )
        for reward in rewards
    ]


def _waiting(customer: Customer, reward_ids: Collection[int] | None) -> list[Reward]:
    rows = Reward.objects.filter(customer=customer, state=RewardState.READY)
    if reward_ids is not None:
        rows = rows.filter(pk__in=list(reward_ids))
    related = rows.select_related("card__rule__version", "program_card__program__brand")
    return list(related.order_by("earned_at", "card__number", "unit", "id"))


def _on_cards(rewards: Iterable[Reward], *, currency: str) -> dict[int, list[OnCard]]:
    """The live punches by card, each with the size and the price that were kept with its purchase."""
    punches = Punch.objects.filter(card__in={reward.card_id for reward in rewards}, state=PunchState.LIVE)
    rows = list(punches.order_by("card_id", "position").values_list("card_id", "product_id", "cause_kind", "cause_id"))
    causes = {cause_id for _card, _product, kind, cause_id in rows if kind == "purchase"}
    purchases = Purchase.objects.in_bulk(causes)
    found: dict[int, list[OnCard]] = defaultdict(list)
    for card_id, product_id, kind, cause_id in rows:
        purchase = purchases.get(cause_id) if kind == "purchase" else None
        found[card_id].append(kept_with(purchase, product_id, currency=currency))
    return found


def kept_with(purchase: Purchase | None, product_id: int, *, currency: str) -> OnCard:
    """A punch as its purchase keeps it. A price in another currency is none."""
    if purchase is None:
        return OnCard(product_id, "", None)
    cents = purchase.msrp_cents if purchase.currency == currency else None
    return OnCard(product_id, purchase.size, cents)


def _items(program_card_ids: Collection[int], *, day: date) -> dict[int, list[Item]]:
    """What stands on each program card that day, each product once; what only fills it too, to be told why not."""
    rows = ProgramItem.objects.filter(
        valid_on(day), program_card__in=program_card_ids, product__retired_at__isnull=True
    )
    names = "program_card_id", "product_id", "product__name", "product__size", "is_reward"
    found: dict[int, dict[int, Item]] = defaultdict(dict)
    for card_id, product_id, name, size, is_reward in rows.order_by("id").values_list(*names):
        known = found[card_id].get(product_id)
        found[card_id][product_id] = Item(product_id, name, size, is_reward or (known is not None and known.is_reward))
    return defaultdict(list, {card_id: list(items.values()) for card_id, items in found.items()})


def _offer(
    reward: Reward,
    *,
    punches: Sequence[OnCard],
    items: Iterable[Item],
    prices: Mapping[int, int],
    at: Location,
    day: date,
    lacks_email: bool,
    lacks_address: bool,
    is_spent: bool,
) -> Offer:
    program, version = reward.program_card.program, reward.card.rule.version
    rule = rule_of(reward.card.rule)
    money = partial(format_cents, currency=at.retailer.currency)
    if rule.gives == Gives.ITEM:
        may_take = reward_in_words(rule, punches, prices=prices, money=money)
        judged = judge(rule, punches, items, prices=prices, money=money)
    else:
        cents = gift_cents(rule, brought=reward.card.cents)
        may_take = gift(rule, money=money, brought=reward.card.cents)
        judged = [Judged(Item(GIFT, may_take, "", is_reward=True), cents, "")]
    return Offer(
        reward=reward,
        title=reward.program_card.title,
        brand=str(program.brand or at.retailer.name),
        rule=sentence(rule, money=money),
        may_take=may_take,
        punches=tuple(punches),
        items=tuple(judged),
        gives=rule.gives,
        is_spent=is_spent,
        needs_email=version.requires_email and lacks_email,
        needs_address=version.requires_address and lacks_address,
        ended_on=program.ends_on if program.ends_on and program.ends_on < day else None,
    )
