"""How many parts a text is sent in, which is what it costs.

A part holds 1,120 bits. The alphabet GSM-7 fits 160 units into it, and the nine marks of its second page take two
each. One character outside of it turns the whole text to UCS-2: 70 units of 16 bits, two for an emoji. Of a text in
several parts each loses 48 bits to the header that joins them: 153 and 67 units. A character is never cut in two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SECOND_PAGE = frozenset("^{}\\[]~|€\f")
"""Sent as an escape and a second unit."""

ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
IN_PARTS = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as it is sent. `units` of `room` are used; `parts` join to the text."""

    encoding: Encoding
    units: int
    room: int
    parts: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.parts)


def segments_of(text: str) -> Segments:
    """The parts in which a text is sent; none for an empty one."""
    encoding = encoding_of(text)
    weigh = _WEIGH[encoding]
    units = sum(map(weigh, text))
    if units <= ALONE[encoding]:
        return Segments(encoding, units, ALONE[encoding], (text,) if text else ())
    parts = _cut(text, weigh, IN_PARTS[encoding])
    return Segments(encoding, units, IN_PARTS[encoding] * len(parts), parts)


def encoding_of(text: str) -> Encoding:
    return Encoding.GSM7 if ALPHABET.union(SECOND_PAGE).issuperset(text) else Encoding.UCS2


def _cut(text: str, weigh: Callable[[str], int], most: int) -> tuple[str, ...]:
    """Filled one after the other; a character of two units that would not fit begins the next part."""
    parts, begin, filled = [], 0, 0
    for place, character in enumerate(text):
        weight = weigh(character)
        if filled + weight > most:
            parts.append(text[begin:place])
            begin, filled = place, 0
        filled += weight
    return (*parts, text[begin:])


def _weigh_gsm7(character: str) -> int:
    return 2 if character in SECOND_PAGE else 1


def _weigh_ucs2(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


_WEIGH = {Encoding.GSM7: _weigh_gsm7, Encoding.UCS2: _weigh_ucs2}
