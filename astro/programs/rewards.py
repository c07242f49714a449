"""Which items may be the free one: a rule held against a full card and the prices of the day of redemption.

Three questions are asked of every item, in this order, and the first "no" is what the cashier reads out: does it stand
on the card's reward list, does the rule's choice take it, may it cost what it costs.

**Value** is the suggested price on the day of redemption, for what is on the card and for the free item alike. So a
product has one value, and where it is the only one on the card no price rise can forbid it. Where a product has no
price that day, the one kept with the purchase serves; where several were kept, the lowest: the limit is then never
above a price that stands on the card, and the product is measured by that same figure when it is the free item.

What has no price cannot be compared, so under a value limit it may only be given when it is itself on the card: the
customer gets by that what they bought, nothing better. The same holds the other way round, where nothing on the card
has a price. A punch without price beside others that have one does not lower the limit. Without a value limit nothing
is compared: what the free item costs does not matter then, nor whether anybody knows it.

All amounts are whole cents of one currency; a price that was kept in another one is handed in as None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.kit.folding import fold
from astro.programs.rules import Choice, RuleOfCard, ValueLimit

Money = Callable[[int], str]
_Limit = Literal["none", "known", "unknown", "exceeded"]


@dataclass(frozen=True, slots=True)
class OnCard:
    """One punch of the full card. `kept_cents` is the suggested price kept with the purchase; None: it had none."""

    product_id: int
    size: str
    kept_cents: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """Something that could be handed out. `name` is shown with its size; `is_reward`: on the reward list that day."""

    product_id: int
    name: str
    size: str
    is_reward: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """An item and the answer. `why_not` is "" when it may be given, else one sentence that a cashier can say aloud."""

    item: Item
    value_cents: int | None
    why_not: str

    @property
    def is_allowed(self) -> bool:
        return not self.why_not


def judge(
    rule: RuleOfCard, punches: Sequence[OnCard], items: Iterable[Item], *, prices: Mapping[int, int], money: Money
) -> list[Judged]:
    """Every item with its answer: what may be given first, and of that first what is on the card, then the dearest.

    `prices` are the suggested prices on the day of redemption by product; `money` writes cents for the sentence.
    """
    card = _FullCard.of(punches, prices)
    judged = []
    for item in items:
        value = card.values.get(item.product_id, prices.get(item.product_id))
        judged.append(Judged(item, value, _why_not(rule, card, item, value, money)))
    return sorted(judged, key=card.place)


def reward_in_words(rule: RuleOfCard, punches: Sequence[OnCard], *, prices: Mapping[int, int], money: Money) -> str:
    """One sentence that tells the cashier what may be taken: "Any item up to $64.99, the cheapest on the card."."""
    card = _FullCard.of(punches, prices)
    if not punches:
        return _("Nothing, because there is nothing on this card.")
    count = len(card.most_bought)
    words: dict[tuple[Choice, _Limit], str] = {
        ("any", "none"): _("Any item of the reward list."),
        ("any", "known"): _("Any item up to %(limit)s, the cheapest on the card."),
        ("any", "unknown"): _("Only what is on the card, because nothing on it has a price."),
        ("same_size", "none"): _("Any item of the same size (%(sizes)s)."),
        ("same_size", "known"): _("Any item of the same size (%(sizes)s) up to %(limit)s, the cheapest on the card."),
        ("same_size", "unknown"): _("Only what is on the card, because nothing on it has a price."),
        ("most_bought", "none"): ngettext(
            "The item bought most often.", "One of the %(count)s items bought most often.", count
        ),
        ("most_bought", "known"): ngettext(
            "The item bought most often, up to %(limit)s, the cheapest on the card.",
            "One of the %(count)s items bought most often, up to %(limit)s, the cheapest on the card.",
            count,
        ),
        ("most_bought", "unknown"): ngettext(
            "The item bought most often.", "One of the %(count)s items bought most often.", count
        ),
        ("most_bought", "exceeded"): _(
            "Nothing now, because what was bought most often costs more than the cheapest on the card (%(limit)s)."
        ),
    }
    return words[rule.choice, _limit_met(rule, card, punches)] % {
        "limit": "" if card.limit is None else money(card.limit),
        "sizes": card.sizes_in_words(),
        "count": count,
    }


@dataclass(frozen=True, slots=True)
class _FullCard:
    """What a rule asks about a card. The order of its punches is lost on purpose: no answer may hang on it."""

    sizes: Mapping[str, str]  # as compared -> as written, the most frequent first
    most_bought: frozenset[int]
    values: Mapping[int, int | None]  # of every product on the card; None: it has no price, then or now

    @classmethod
    def of(cls, punches: Sequence[OnCard], prices: Mapping[int, int]) -> _FullCard:
        bought = Counter(punch.product_id for punch in punches)
        written = Counter(punch.size for punch in punches)
        often = max(bought.values(), default=0)
        sizes: dict[str, str] = {}
        for size in sorted(written, key=lambda size: (-written[size], size)):
            sizes.setdefault(_as_compared(size), size)
        return cls(
            sizes,
            frozenset(product for product, times in bought.items() if times == often),
            {product: prices.get(product, _lowest_kept(product, punches)) for product in bought},
        )

    @property
    def limit(self) -> int | None:
        """The cheapest on the card; None where nothing on it has a price."""
        return min((value for value in self.values.values() if value is not None), default=None)

    def sizes_in_words(self) -> str:
        return _(" or ").join(_size_in_words(size) for size in self.sizes.values())

    def place(self, judged: Judged) -> tuple[bool, bool, int, str, int]:
        """Where it stands in the answer. What has no price stands with what costs nothing, at the end."""
        item = judged.item
        is_elsewhere = item.product_id not in self.values
        return (not judged.is_allowed, is_elsewhere, -(judged.value_cents or 0), item.name, item.product_id)


def _lowest_kept(product_id: int, punches: Sequence[OnCard]) -> int | None:
    kept = (punch.kept_cents for punch in punches if punch.product_id == product_id)
    return min((cents for cents in kept if cents is not None), default=None)


def _as_compared(size: str) -> str:
    """Without case and spaces: "30 lb", "30 LB" and "30lb" are one size."""
    return fold(size).replace(" ", "")


def _size_in_words(size: str) -> str:
    return size.strip() or _("no size")


def _why_not(rule: RuleOfCard, card: _FullCard, item: Item, value: int | None, money: Money) -> str:
    """The first "no" of the reward list, the choice and the value limit; "" when all say yes."""
    if not card.values:
        return _("There is nothing on this card yet.")
    return (
        _outside_the_list(card, item)
        or _OUTSIDE_THE_CHOICE[rule.choice](card, item.product_id, item.size)
        or _ABOVE_THE_LIMIT[rule.value_limit](card, item.product_id, value, money)
    )


def _outside_the_list(card: _FullCard, item: Item) -> str:
    if item.is_reward:
        return ""
    if item.product_id in card.values:
        return _("Fills this card but is not on its reward list.")
    return _("It is not on the reward list of this card.")


def _another_size(card: _FullCard, product_id: int, size: str) -> str:
    """What was bought has its own size, even if the list has come to write that size otherwise."""
    if product_id in card.values or _as_compared(size) in card.sizes:
        return ""
    return _("Another size (%(size)s) than on the card (%(sizes)s).") % {
        "size": _size_in_words(size),
        "sizes": card.sizes_in_words(),
    }


def _not_most_bought(card: _FullCard, product_id: int, _size: str) -> str:
    if product_id in card.most_bought:
        return ""
    return ngettext("Not the one bought most often.", "Not one of those bought most often.", len(card.most_bought))


_OUTSIDE_THE_CHOICE: Mapping[Choice, Callable[[_FullCard, int, str], str]] = {
    "any": lambda _card, _product_id, _size: "",
    "same_size": _another_size,
    "most_bought": _not_most_bought,
}


def _costs_more(card: _FullCard, product_id: int, value: int | None, money: Money) -> str:
    if value is None:
        return "" if product_id in card.values else _("It has no price and is not on the card.")
    if card.limit is None:
        return _("Nothing on the card has a price to compare it with.")
    if value <= card.limit:
        return ""
    return _("Costs more (%(price)s) than the cheapest on the card (%(limit)s).") % {
        "price": money(value),
        "limit": money(card.limit),
    }


_ABOVE_THE_LIMIT: Mapping[ValueLimit, Callable[[_FullCard, int, int | None, Money], str]] = {
    "none": lambda _card, _product_id, _value, _money: "",
    "lesser_or_equal": _costs_more,
}


def _limit_met(rule: RuleOfCard, card: _FullCard, punches: Sequence[OnCard]) -> _Limit:
    """How the limit stands. Exceeded: the choice leaves only what costs more, so that nothing at all can be given."""
    if rule.value_limit == "none":
        return "none"
    if card.limit is None:
        return "unknown"
    chosen = {p.product_id for p in punches if not _OUTSIDE_THE_CHOICE[rule.choice](card, p.product_id, p.size)}
    values = [card.values[product_id] for product_id in chosen]
    return "known" if any(value is None or value <= card.limit for value in values) else "exceeded"
