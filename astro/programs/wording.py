"""A rule in words: short for lists, a sentence for a card, an explanation for who asks further."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.programs.rules import RuleOfCard

Money = Callable[[int], str]


def short(rule: RuleOfCard, *, money: Money) -> str:
    """For lists: "Buy 12, get 1", "Buy 2, get $3.00 off", "10 uses, paid before", "5% back after 10 visits"."""
    if rule.is_prepaid:
        return ngettext("%(buy)s use, paid before", "%(buy)s uses, paid before", rule.buy) % {"buy": rule.buy}
    if rule.gives == "back":
        words = ngettext("%(back)s back after %(buy)s purchase", "%(back)s back after %(buy)s purchases", rule.buy)
        return words % {"back": percent(rule.back_points or 0), "buy": rule.buy}
    return _("Buy %(buy)s, get %(gift)s") % {"buy": rule.buy, "gift": gift(rule, money=money)}


def gift_cents(rule: RuleOfCard, *, brought: int) -> int | None:
    """What a full card gives in cents, where it does: its amount, or what its purchases `brought`."""
    return {"money": rule.gift_cents, "back": brought}.get(rule.gives)


def gift(rule: RuleOfCard, *, money: Money, brought: int = 0) -> str:
    """What one full card gives, as it stands behind "get": "1", "$3.00 off", "10% off", or the store's own words.

    Of cash back what its purchases `brought`, in cents.
    """
    return {
        "back": lambda: _("%(amount)s cash back") % {"amount": money(brought)},
        "money": lambda: _("%(amount)s off") % {"amount": money(rule.gift_cents or 0)},
        "percent": lambda: _("%(percent)s%% off") % {"percent": rule.gift_percent},
        "words": lambda: rule.gift_words,
    }.get(rule.gives, lambda: str(rule.get))()


def percent(points: int) -> str:
    """Hundredths of a percent, as short as they can be written: "5%", "2.5%", "0.25%"."""
    whole, rest = divmod(points, 100)
    return f"{whole}{f'.{rest:02d}'.rstrip('0') if rest else ''}%"


def sentence(rule: RuleOfCard, *, money: Money) -> str:
    """The rule in one line: "Buy 12, get 1 free of lesser or equal value"; "Buy 2, get $3.50 off, all in one visit"."""
    return ", ".join([_what_for_what(rule, money=money), *_conditions(rule)])


def _what_for_what(rule: RuleOfCard, *, money: Money) -> str:
    if rule.gives != "item":
        return short(rule, money=money)
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


def _conditions(rule: RuleOfCard) -> list[str]:
    """What stands behind the sentence, where there is anything."""
    piles = {"one": "", "item": _("each item on its own card"), "visit": _("all in one visit")}[rule.piles]
    most = _("at most %(most)s for a customer") % {"most": rule.most} if rule.most else ""
    monthly = _("at most %(count)s a month") % {"count": rule.monthly} if rule.monthly else ""
    months = rule.expiry_months
    lasts = ngettext("punches last %(months)s month", "punches last %(months)s months", months or 0) % {
        "months": months
    }
    return [part for part in (piles, most, monthly, lasts if months else "") if part]


def explanation(rule: RuleOfCard, *, money: Money) -> list[str]:
    """What a new cashier would ask next, a sentence each: what fills it, what it gives, how often, for how long."""
    return [
        *_what_fills(rule),
        *_what_it_gives(rule, money=money),
        *_how_often(rule),
        _how_long(rule),
        *([_("Cards in progress come under this rule with their next purchase.")] if rule.takes_over else []),
    ]


def _what_fills(rule: RuleOfCard) -> list[str]:
    if rule.is_prepaid:
        return [_("The customer pays for the card first. Each use is a punch.")]
    return {
        "one": [],
        "item": [_("Each item has a card of its own: only the same item fills it further.")],
        "visit": [_("All in one visit: what is not complete at Finished lapses.")],
    }[rule.piles]


def _what_it_gives(rule: RuleOfCard, *, money: Money) -> list[str]:
    if rule.gives == "item":
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
        ]
    if rule.gives == "back":
        return [
            _("Each purchase adds %(back)s of what was paid. The sum is paid out once, when the card is full.")
            % {"back": percent(rule.back_points or 0)}
        ]
    if rule.gives == "nothing":
        return [_("When every use is punched the card is used up.")]
    return [_("A full card gives: %(gift)s.") % {"gift": gift(rule, money=money)}]


def _how_often(rule: RuleOfCard) -> list[str]:
    told = []
    if rule.most is not None:
        words = ngettext(
            "At most %(most)s reward for a customer.", "At most %(most)s rewards for a customer.", rule.most
        )
        told.append(words % {"most": rule.most})
    if rule.monthly is not None:
        words = ngettext(
            "At most %(count)s punch for a customer in a calendar month; what is bought beyond does not count.",
            "At most %(count)s punches for a customer in a calendar month; what is bought beyond does not count.",
            rule.monthly,
        )
        told.append(words % {"count": rule.monthly})
    return told


def _how_long(rule: RuleOfCard) -> str:
    if rule.expiry_months is None:
        return _("Punches do not expire.")
    words = ngettext(
        "A punch counts for %(months)s month.", "A punch counts for %(months)s months.", rule.expiry_months
    )
    return words % {"months": rule.expiry_months}
