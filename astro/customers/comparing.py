"""Two accounts beside what they would become."""

from __future__ import annotations

from dataclasses import dataclass

from astro.customers.parts import Outline


@dataclass(frozen=True, slots=True)
class Compared:
    """One heading: lines of either account, and of the one account; of that, which lines neither had."""

    heading: str
    kept: list[str]
    gone: list[str]
    became: list[tuple[str, bool]]


def compared(kept: Outline, gone: Outline, became: Outline) -> list[Compared]:
    """By heading, in the order of the parts; headings under which nobody has anything are left out."""
    mine, theirs, ours = dict(kept), dict(gone), dict(became)
    rows = []
    for heading in dict.fromkeys([*ours, *mine, *theirs]):
        before, other, after = mine.get(heading, []), theirs.get(heading, []), ours.get(heading, [])
        if before or other or after:
            rows.append(Compared(heading, before, other, [(line, line not in {*before, *other}) for line in after]))
    return rows
