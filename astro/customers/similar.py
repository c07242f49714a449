"""Names that may be one person's, typed by two people: *Jon Smith* and *John Smith*, *Ortiz Ben* and *Ben Ortiz*.

Everybody cannot be compared with everybody, so `blocks` says whom to look at, by fragments that look-up has an index
for; `alikeness` then compares. Two slips at once, in the first name and early in the last, are not found.
"""

from __future__ import annotations

from rapidfuzz.distance import JaroWinkler

from astro.customers.look_up import SHORTEST
from astro.kit.folding import fold

ALIKE = 0.84
"""From here on a name is said to be very similar. *Ann* and *Anna* are, *Ben* and *Bea* are not."""

TURNED_AROUND = 0.97  # of the likeness that two names would have with first and last name the right way round
COUPLE = 2  # of several first names, so many are looked for
_BETWEEN = frozenset({"&", "+", "and", "y", "et", "und", "-", "/"})


def blocks(*, first_name: str, last_name: str) -> list[tuple[str, ...]]:
    """Sets of fragments; who holds all of one set is worth comparing. None where a name is still missing."""
    firsts, last = _words(first_name), fold(last_name)
    if not firsts or not last:
        return []
    family = last.split()[0]
    sets = [
        fragments
        for first in firsts[:COUPLE]
        for fragments in ((f" {family}", f" {first[:1]}"), (f" {first}", f" {family[:2]}"))
        if any(len(fragment) >= SHORTEST for fragment in fragments)
    ]
    return list(dict.fromkeys(sets))


def alikeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    """How much two names, each (first, last), are alike: 0 to 1. Of a household's names the likest pair counts."""
    straight = _alike(one, other)
    return max(straight, _alike(one, other[::-1]) * TURNED_AROUND)


def are_alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return alikeness(one, other) >= ALIKE


def _alike(one: tuple[str, str], other: tuple[str, str]) -> float:
    firsts = [(mine, theirs) for mine in _words(one[0]) for theirs in _words(other[0])]
    first = max((_word_alike(mine, theirs) for mine, theirs in firsts), default=0.0)
    return first * _word_alike(fold(one[1]), fold(other[1]))


def _word_alike(one: str, other: str) -> float:
    return JaroWinkler.normalized_similarity(one, other)


def _words(name: str) -> list[str]:
    """The names in a first name: *Ann & Bob* has two."""
    return [word for word in fold(name).split() if word not in _BETWEEN]
