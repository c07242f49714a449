"""Bars for a scanner: which dark and light modules a code is printed as, and the outline to draw.

A code of 14 digits is printed as the shortest kind that holds it: EAN-8, UPC-A and EAN-13 (the bars of a UPC-A are
those of an EAN-13 that begins with 0), or ITF-14 for a case. Kinds need different clear zones at their sides; scanners
miss codes without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import barcode

from astro.kit.gtin import display_gtin

EAN_HEIGHT = 37
"""In modules. Drawn 11 mm high, a module is then 0.3 mm wide: nine tenths of the nominal size."""

ITF_HEIGHT = 64
"""The narrow bar of an ITF is two of its modules, 0.34 mm on a label."""


@dataclass(frozen=True, slots=True)
class Bars:
    """`modules` are 1 for dark and 0 for light, without the clear zones at both sides."""

    kind: str
    words: str
    modules: str
    clear_left: int
    clear_right: int
    height: int

    @property
    def width(self) -> int:
        return self.clear_left + len(self.modules) + self.clear_right

    @property
    def outline(self) -> str:
        """One SVG path with a rectangle for each run of dark modules."""
        drawn, at = [], self.clear_left
        for dark, run in groupby(self.modules):
            length = len(list(run))
            if dark == "1":
                drawn.append(f"M{at} 0h{length}v{self.height}h-{length}z")
            at += length
        return "".join(drawn)


def bars_of(gtin14: str) -> Bars:
    """The bars of a stored code. Raises ValueError for what is not 14 digits."""
    if len(gtin14) != 14 or not gtin14.isascii() or not gtin14.isdigit():
        raise ValueError(f"A stored code has 14 digits, not {gtin14!r}.")
    words = display_gtin(gtin14)
    if gtin14.startswith("000000") and gtin14[6] > "1":
        return Bars("EAN-8", words, _modules("ean8", gtin14[6:]), 7, 7, EAN_HEIGHT)
    if gtin14.startswith("0"):
        kind = "UPC-A" if gtin14.startswith("00") else "EAN-13"
        return Bars(kind, words, _modules("ean13", gtin14[1:]), 11, 7 if kind == "EAN-13" else 9, EAN_HEIGHT)
    return Bars("ITF-14", words, _modules("itf", gtin14), 20, 20, ITF_HEIGHT)


def _modules(kind: str, digits: str) -> str:
    made: list[str] = barcode.get(kind, digits).build()
    return made[0]
