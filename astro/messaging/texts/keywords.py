"""What a reply means. Only whole words that stand alone count; everything else waits for a person to read it.

The lists are the union of what carriers and text services listen to (CTIA Messaging Principles; 47 CFR
64.1200(a)(10)). Case, accents, punctuation, quotes, spaces, emoji and full-width letters make no difference.
"""

from __future__ import annotations

from enum import StrEnum

from astro.kit.folding import fold


class Meaning(StrEnum):
    """As `models.Meaning`, without the words."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    UNKNOWN = "unknown"


STOPS = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "remove"}
    | {"arret"}
)
STARTS = frozenset({"start", "unstop"})
YES = "yes"
"""An answer: it says something only to somebody who was asked."""
HELPS = frozenset({"help", "info"})

LONGEST = 100
"""Characters of a reply that may still be nothing but a keyword."""


def understand(body: str, *, was_asked: bool) -> Meaning:
    """The meaning of a reply. `was_asked`: a request to opt in is open, so that YES is an answer to it."""
    word = keyword_of(body)
    if word in STOPS:
        return Meaning.STOP
    if word in STARTS or (word == YES and was_asked):
        return Meaning.START
    return Meaning.HELP if word in HELPS else Meaning.UNKNOWN


def keyword_of(body: str) -> str:
    """A reply with nothing but its letters: small, plain, one space between words. Empty where it is a long story."""
    text = body.strip()
    if len(text) > LONGEST:
        return ""
    return " ".join("".join(one if one.isalnum() else " " for one in fold(text)).split())
