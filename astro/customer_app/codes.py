"""The customer's own code as bars for the till's scanner (Code 128)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import barcode

CLEAR = 10
"""Modules left light at both sides: scanners miss codes without them."""

HEIGHT = 40
"""In modules."""


@dataclass(frozen=True, slots=True)
class CodeToShow:
    """`modules` are 1 for dark and 0 for light. `outline` is one SVG path, a rectangle for each run of dark ones."""

    code: str
    modules: str

    @property
    def width(self) -> int:
        return len(self.modules) + 2 * CLEAR

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def in_words(self) -> str:
        """In groups of four, as people read it out."""
        return " ".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))

    @property
    def outline(self) -> str:
        drawn, at = [], CLEAR
        for dark, run in groupby(self.modules):
            length = len(list(run))
            if dark == "1":
                drawn.append(f"M{at} 0h{length}v{HEIGHT}h-{length}z")
            at += length
        return "".join(drawn)


def code_to_show(code: str) -> CodeToShow:
    made: list[str] = barcode.get("code128", code).build()
    return CodeToShow(code, made[0])
