"""What a correction does to cards, in sentences that a cashier can say aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOTHING: Mapping[str, int] = {"punches": 0, "need": 0, "ready": 0, "given": 0, "owes": 0, "cents": 0}


def sentences(told: Iterable[Mapping[str, Any]], *, names: Mapping[str, str]) -> list[str]:
    """A sentence or two for each card that changed. `names`: of the customers, by id as text; where there is only one,
    nobody is named. Empty where no card changed."""
    return [" ".join(_of(one, names)) for one in told]


def _of(one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    before, after = one["before"] or NOTHING, one["after"] or NOTHING
    values = {
        "card": _("%(title)s, card %(number)s") % {"title": one["title"], "number": one["number"]},
        "was": before["punches"],
        "now": after["punches"],
        "need": (one["after"] or one["before"])["need"],
    }
    if len(names) > 1:
        values["card"] = f"{names.get(one['customer'], '')}: {values['card']}"
    if one["before"] is None:
        told = [_("%(card)s is new: %(now)s of %(need)s.") % values]
    elif one["after"] is None:
        told = [_("%(card)s: none of its %(was)s punches is left.") % values]
    elif before["punches"] != after["punches"]:
        told = [_("%(card)s: %(was)s of %(need)s becomes %(now)s of %(need)s.") % values]
    else:
        told = [_("%(card)s stays at %(now)s of %(need)s.") % values]
    return told + _rewards(before, after) + _debts(before, after)


def _rewards(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    gone, more = before["ready"] - after["ready"], after["ready"] - before["ready"]
    if gone > 0:
        return [
            ngettext(
                "The reward that waits on it is cancelled.", "%(count)s rewards that wait on it are cancelled.", gone
            )
            % {"count": gone}
        ]
    if more > 0:
        return [ngettext("A reward waits on it then.", "%(count)s rewards wait on it then.", more) % {"count": more}]
    return []


def _debts(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    if after["owes"] > before["owes"]:
        sentence = ngettext(
            "Its reward was handed out, so it owes %(count)s punch.",
            "Its reward was handed out, so it owes %(count)s punches.",
            after["owes"],
        )
        return [sentence % {"count": after["owes"]}]
    if after["owes"] < before["owes"]:
        return [_("It owes nothing any more.") if not after["owes"] else _("It owes less than before.")]
    return []
