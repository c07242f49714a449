"""What a program asks and gives, and on which days: the arithmetic and the words, without rows.

A rule is *buy X, get Y*, and Y is chosen by two parts: which items may be taken (`choice`), and what they may be worth
(`value_limit`). Rules stand in versions; the one that began last holds. A day counts from the first to the last day of
an enrollment, both included; one whose last day lies before its first was taken back and never counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Choice = Literal["any", "same_size", "most_bought"]
ValueLimit = Literal["none", "lesser_or_equal"]


@dataclass(frozen=True, slots=True)
class RuleOfCard:
    """Buy `buy`, get `get`. `expiry_months` None: punches do not expire. Raises ValueError for what no card can be."""

    buy: int
    get: int = 1
    choice: Choice = "any"
    value_limit: ValueLimit = "none"
    expiry_months: int | None = None

    def __post_init__(self) -> None:
        if self.buy < 1 or self.get < 1 or (self.expiry_months is not None and self.expiry_months < 1):
            raise ValueError("A card asks for at least one punch, gives at least one item, and lasts at least a month.")

    def __str__(self) -> str:
        return sentence(self)


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


def short(rule: RuleOfCard) -> str:
    """For lists: "Buy 12, get 1"."""
    return _("Buy %(buy)s, get %(get)s") % {"buy": rule.buy, "get": rule.get}


def sentence(rule: RuleOfCard) -> str:
    """The rule in one line: "Buy 12, get 1 free of lesser or equal value"."""
    words = {
        ("any", "none"): _("Buy %(buy)s, get %(get)s free, any item on the list"),
        ("any", "lesser_or_equal"): _("Buy %(buy)s, get %(get)s free of lesser or equal value"),
        ("same_size", "none"): _("Buy %(buy)s, get %(get)s free of the same size"),
        ("same_size", "lesser_or_equal"): _(
            "Buy %(buy)s, get %(get)s free of the same size and of lesser or equal value"
        ),
        ("most_bought", "none"): _("Buy %(buy)s, get %(get)s free of the item bought most often"),
        ("most_bought", "lesser_or_equal"): _(
            "Buy %(buy)s, get %(get)s free of the item bought most often, of lesser or equal value"
        ),
    }
    return words[rule.choice, rule.value_limit] % {"buy": rule.buy, "get": rule.get}


def explanation(rule: RuleOfCard) -> list[str]:
    """What a new cashier would ask next, a sentence each: the choice, the value, how long a punch counts."""
    return [
        {
            "any": _("The customer may choose any item of the reward list."),
            "same_size": _("The free item has the same size as what was bought."),
            "most_bought": _("The free item is the one bought most often; if several were, any of those."),
        }[rule.choice],
        {
            "none": _("What the free item costs does not matter."),
            "lesser_or_equal": _("The free item may cost as much as the cheapest item on the card, not more."),
        }[rule.value_limit],
        _("Punches do not expire.")
        if rule.expiry_months is None
        else ngettext(
            "A punch counts for %(months)s month.", "A punch counts for %(months)s months.", rule.expiry_months
        )
        % {"months": rule.expiry_months},
    ]
