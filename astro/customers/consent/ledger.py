"""What was said about one address, added up.

The last word counts, with three exceptions: asking is no answer; a yes that somebody else brings (an uploaded list)
never lifts a stop or a bounce; and an implied yes is kept as proof but opens no door. Only the person's own yes, by
reply, link or app, takes back a stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """As `models.Reach`, without the words."""

    NONE = "none"
    ON_FILE = "on_file"
    ASKED = "asked"
    YES = "yes"
    STOPPED = "stopped"
    BOUNCES = "bounces"


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the ledger, as far as it counts: `act`, `basis`, `source` by the values of `models.consent`."""

    act: str
    basis: str = ""
    source: str = ""


OWN_WORD = frozenset({"link", "reply", "app"})
CLOSED = frozenset({Reach.STOPPED, Reach.BOUNCES})


def add_up(said: Iterable[Said]) -> Reach:
    """How things stand with an address after all of this was said, in the order in which it was written down."""
    state = Reach.ON_FILE
    for one in said:
        state = _after(state, one)
    return state


def may_be_asked(state: str) -> bool:
    """Whether the store may ask: not who stopped, who cannot be reached, or who said yes already."""
    return state in {Reach.ON_FILE, Reach.ASKED}


def may_be_sent_offers(state: str) -> bool:
    """Whether news and offers may go there."""
    return state == Reach.YES


def stricter(one: str, other: str) -> str:
    """Of two states the one that allows less; for two accounts of one person that are put together."""
    order = [Reach.STOPPED, Reach.BOUNCES, Reach.NONE, Reach.ON_FILE, Reach.ASKED, Reach.YES]
    return min(Reach(one), Reach(other), key=order.index)


def _after(state: Reach, said: Said) -> Reach:
    if said.act in ("stop", "complained"):
        return Reach.STOPPED
    if said.act == "bounced":
        return state if state is Reach.STOPPED else Reach.BOUNCES
    if said.act == "yes":
        if said.basis == "implied" or (said.source not in OWN_WORD and state in CLOSED):
            return state
        return Reach.YES
    return Reach.ASKED if state is Reach.ON_FILE else state
