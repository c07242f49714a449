"""What a program asks and gives, and on which days, without rows. `wording.py` says it in words.

A rule is *buy X, get Y*, and Y is chosen by two parts: which items may be taken (`choice`), and what they may be worth
(`value_limit`). Rules stand in versions; the one that began last holds. A day counts from the first to the last day of
an enrollment, both included; one whose last day lies before its first was taken back and never counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

from astro.kit.money import round_cents
from astro.programs.engine.terms import Rule

Choice = Literal["any", "same_size", "most_bought"]
ValueLimit = Literal["none", "lesser_or_equal"]
Piles = Literal["one", "item", "visit"]
"""Which units fill a card together: all of them, those of one item, or those of one visit."""
Gives = Literal["item", "money", "percent", "words", "back", "nothing"]
"""What a full card gives: a free item, cents off, a discount, what the words say, what its purchases brought back."""

RULE_COLUMNS = (
    *("buy", "get", "choice", "value_limit", "expiry_months", "piles", "most", "monthly", "is_prepaid", "takes_over"),
    *("gives", "gift_cents", "gift_percent", "gift_words", "back_points"),
)
"""The columns of a rule's row, in the order of `RuleOfCard`."""


@dataclass(frozen=True, slots=True)
class RuleOfCard:
    """Buy `buy`, get `get`. `expiry_months` None: punches do not expire. Raises ValueError for what no card can be.

    `most`: so many rewards at most for one customer; `monthly`: so many punches in a calendar month. `is_prepaid`:
    the card is paid for first, its punches are uses. `takes_over`: cards in progress come under it. `gives` says
    what a reward is: `gift_cents` off, `gift_percent` off, `gift_words`, or `back_points` hundredths of a percent
    of what was paid.
    """

    buy: int
    get: int = 1
    choice: Choice = "any"
    value_limit: ValueLimit = "none"
    expiry_months: int | None = None
    piles: Piles = "one"
    most: int | None = None
    monthly: int | None = None
    is_prepaid: bool = False
    takes_over: bool = False
    gives: Gives = "item"
    gift_cents: int | None = None
    gift_percent: int | None = None
    gift_words: str = ""
    back_points: int | None = None

    def __post_init__(self) -> None:
        self.arithmetic(0)  # it says what no card can be
        lacks = {
            "money": not self.gift_cents,
            "percent": not self.gift_percent or not 1 <= self.gift_percent <= 100,
            "words": not self.gift_words.strip(),
            "back": not self.back_points or not 1 <= self.back_points <= 10_000,
        }
        if lacks.get(self.gives):
            raise ValueError("A reward that is no item says what it is.")
        if self.is_prepaid != (self.gives == "nothing") or (self.is_prepaid and (self.get or self.piles != "one")):
            raise ValueError("A prepaid card gives its uses and nothing else, and nothing else gives nothing.")

    @property
    def is_brief(self) -> bool:
        """Whether it must fill within one visit."""
        return self.piles == "visit"

    def arithmetic(self, rule_id: int) -> Rule:
        """What the engine reckons with."""
        return Rule(
            rule_id,
            self.buy,
            self.get,
            self.expiry_months,
            self.most,
            self.monthly,
            is_brief=self.is_brief,
            is_prepaid=self.is_prepaid,
            takes_over=self.takes_over,
        )

    def pile_of(self, *, product_id: int, visit_id: int) -> int:
        """Which units this one fills a card with."""
        return {"one": 0, "item": product_id, "visit": visit_id}[self.piles]

    def worth(self, paid_cents: int | None) -> int:
        """The cents that so much paid adds to a cash-back card: half a cent counts up."""
        return round_cents(Decimal((paid_cents or 0) * (self.back_points or 0)) / 10_000)


def rule_from(columns: Sequence[Any]) -> RuleOfCard:
    """The rule of a row's RULE_COLUMNS, as either engine returns them."""
    told = dict(zip(RULE_COLUMNS, columns, strict=True))
    told |= {name: bool(told[name]) for name in ("is_prepaid", "takes_over")}
    return RuleOfCard(**told)


class HasSpan(Protocol):
    """Anything with a first day and perhaps a last one."""

    @property
    def from_on(self) -> date: ...

    @property
    def until_on(self) -> date | None: ...


class HasStart(Protocol):
    """A version: numbered, and from a day on."""

    @property
    def number(self) -> int: ...

    @property
    def from_on(self) -> date: ...


Version = TypeVar("Version", bound=HasStart)


def version_in_force(versions: Iterable[Version], day: date) -> Version | None:
    """The version that holds on that day; None before the first. Of two that begin together, the later number."""
    begun = [version for version in versions if version.from_on <= day]
    return max(begun, key=lambda version: (version.from_on, version.number), default=None)


def is_counting(span: HasSpan, day: date) -> bool:
    """Whether purchases of that day count."""
    return span.from_on <= day and (span.until_on is None or day <= span.until_on)
