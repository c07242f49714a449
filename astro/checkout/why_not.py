"""What a cashier says aloud where a purchase does nothing, or not yet: a sentence for each card and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import ngettext

from astro.cards.queries import Plan
from astro.programs.engine.effects import Why
from astro.programs.queries import FillingCard


def why_not(plans: Mapping[int, Plan], cards: Mapping[int, FillingCard]) -> list[str]:
    """Of the units of these plans that count nowhere. What had expired before it came is told by the late entry."""
    return [
        sentence
        for pk, planned in plans.items()
        for why, count in Counter(one.why for one in planned.effects.why_not).items()
        if (sentence := _sentence(cards[pk], why, count))
    ]


def missing_yet(plans: Mapping[int, Plan], cards: Mapping[int, FillingCard], *, visit_id: int) -> list[str]:
    """Of the cards that this visit began and has to fill: how many more, before it is finished."""
    found = []
    for pk, planned in plans.items():
        for round_, _added in planned.touched():
            left = round_.need - round_.punches
            if round_.rule.is_brief and round_.pile == visit_id and left:
                words = ngettext(
                    "%(title)s: %(left)s more in this visit, or it lapses.",
                    "%(title)s: %(left)s more in this visit, or it lapses.",
                    left,
                )
                found.append(words % {"title": cards[pk].title, "left": left})
    return found


def _sentence(card: FillingCard, why: Why, count: int) -> str:
    told = {
        "title": card.title,
        "count": count,
        "most": card.rule.most,
        "monthly": card.rule.monthly,
        "left": card.buy - count % card.buy,
    }
    if why == "limit":
        words = ngettext(
            "%(title)s: the limit of %(most)s for a customer is used up, so %(count)s item does not count.",
            "%(title)s: the limit of %(most)s for a customer is used up, so %(count)s items do not count.",
            count,
        )
    elif why == "month":
        words = ngettext(
            "%(title)s: this month's %(monthly)s are used up, so %(count)s item does not count.",
            "%(title)s: this month's %(monthly)s are used up, so %(count)s items do not count.",
            count,
        )
    elif why == "lapsed":
        words = ngettext(
            "%(title)s: %(left)s more was needed in this visit, so it lapsed.",
            "%(title)s: %(left)s more were needed in this visit, so it lapsed.",
            card.buy - count % card.buy,
        )
    elif why == "not_paid":
        words = ngettext(
            "%(title)s: no prepaid card is open, so %(count)s use is not paid for.",
            "%(title)s: no prepaid card is open, so %(count)s uses are not paid for.",
            count,
        )
    else:
        return ""
    return words % told
