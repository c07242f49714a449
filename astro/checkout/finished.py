"""What the Finished page tells of a visit, put together from the two answers that were stored with it.

The words are made here, not in the template: every checkout ends with this page, and a template takes much longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(slots=True)
class Line:
    """What was bought in one line. `free`: so many of its units turned out to be the free item."""

    name: str
    size: str
    quantity: int
    cards: list[str]
    free: int = 0

    @property
    def title(self) -> str:
        return f"{self.name} {self.size}".strip()

    @property
    def paid(self) -> int:
        return self.quantity - self.free

    @property
    def kind(self) -> str:
        return "ready" if self.free else "ok" if self.cards else ""

    @property
    def icon(self) -> str:
        return {"ready": "gift", "ok": "check", "": "minus"}[self.kind]

    @property
    def words(self) -> str:
        """Where its units went."""
        if self.free == self.quantity:
            return _("counted once, as the free one")
        if self.free:
            return _("%(count)s of them counted once, as the free one") % {"count": self.free}
        return " · ".join(self.cards) or _("No program for this item")


@dataclass(slots=True)
class CardAfter:
    """A card that the visit touched, as it stands after it."""

    brand: str
    title: str
    need: int
    punches: int
    added: int
    is_full: bool
    is_redeemed: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether a reward waits on it."""
        return self.is_full and not self.is_redeemed

    @property
    def short(self) -> str:
        words = {"filled": self.punches, "need": self.need}
        return (_("redeemed, %(filled)s of %(need)s") if self.is_redeemed else _("%(filled)s of %(need)s")) % words

    @property
    def words(self) -> str:
        """As `punch_words.html` says it."""
        to_go = self.need - self.punches
        return f"{self.short}, {_('%(to_go)s to go') % {'to_go': to_go}}" if to_go else self.short


@dataclass(slots=True)
class Told:
    """`gifts` are the free items as the sealing keeps them, and whether each is handed out `is_besides` one that was
    bought alike; `kept` counts the rewards that wait; `said`: why something did nothing."""

    lines: list[Line]
    cards: list[CardAfter]
    gifts: list[Mapping[str, Any]] = field(default_factory=list)
    kept: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def punches(self) -> int:
        return sum(card.added for card in self.cards)


def told(answer: Mapping[str, Any], sealed: Mapping[str, Any] | None) -> Told:
    """`answer` is the visit's, `sealed` its sealing's, if it has one. A unit given as the free item is no punch."""
    found = Told(
        lines=[Line(row["name"], row["size"], row["quantity"], row["cards"]) for row in answer["lines"]],
        cards=[
            CardAfter(row["brand"], row["title"], row["need"], row["punches"], row["added"], bool(row["rewards"]))
            for row in answer["cards"]
        ],
        kept=answer["rewards"],
        said=list(answer.get("why_not", [])),
    )
    if sealed is not None:
        found.kept = sealed.get("kept", 0)
        for gift in sealed["redemptions"]:
            _give(found, gift)
        found.gifts = [{**gift, "is_besides": _is_besides(found, gift)} for gift in sealed["redemptions"]]
        found.cards = [card for card in found.cards if card.punches]
    return found


def _give(found: Told, gift: Mapping[str, Any]) -> None:
    """Mark the card that paid for it. Where the item had been scanned, take the unit from the line and its cards."""
    paid = next((card for card in _rounds(found, gift["title"]) if card.is_ready), None)
    if paid:
        paid.is_redeemed = True
    if not gift["is_scanned"]:
        return
    is_it = (gift["name"], gift["size"])
    line = next((one for one in found.lines if (one.name, one.size) == is_it and one.free < one.quantity), None)
    if line is None:
        return
    line.free += 1
    for title in line.cards:
        touched = [card for card in _rounds(found, title) if card.added and not card.is_redeemed]
        last = touched[-1] if touched else None
        if last:
            last.punches, last.added, last.is_full = last.punches - 1, last.added - 1, False


def _is_besides(found: Told, gift: Mapping[str, Any]) -> bool:
    """Whether the same item stands among what is paid for: of the two on the counter, only one is free."""
    is_it = (gift["name"], gift["size"])
    return not gift["is_scanned"] and any((line.name, line.size) == is_it and line.paid for line in found.lines)


def _rounds(found: Told, title: str) -> Iterator[CardAfter]:
    return (card for card in found.cards if card.title == title)
