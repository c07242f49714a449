"""Typographers' marks, replaced by those of a typewriter.

Programs put curly quotes, long dashes and non-breaking spaces into what people type. In a text message a single one of
them makes the whole message cost twice as much (`messaging/texts/segments.py`).
"""

from __future__ import annotations

_MARKS = {
    "'": "‘’‚‛ʼʹ′´`",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−⁃",
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t",
    "\n": "\u0085\u2028\u2029\u000b\u000c",
    "...": "…",
    "": "\u00ad\u200b\u2060\ufeff",
}
_TIDY = str.maketrans({mark: plain for plain, marks in _MARKS.items() for mark in marks})


def tidy(text: str) -> str:
    """Smart quotes, long dashes, non-breaking spaces and the like as the keys of a keyboard write them. Letters stay
    as they are. Tidying twice changes nothing."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TIDY)
