"""How the text of a file is written: UTF-8, UTF-16 or Windows-1252.

No statistics: what holds together as UTF-8 from end to end is UTF-8, what has a zero in every second byte is UTF-16,
and everything else is what Windows wrote for thirty years. A guess that depends on which names are in the list would
read two halves of one list differently.
"""

from __future__ import annotations

import codecs
from typing import BinaryIO

from django.utils.translation import gettext as _

from astro.importer.errors import Unreadable

SAMPLE = 64 * 1024
UTF_8, WINDOWS = "utf-8", "cp1252"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x00")


def letters_of(file: BinaryIO) -> str:
    """The name of the codec. Raises `Unreadable` for what is no text."""
    file.seek(0)
    sample = file.read(SAMPLE)
    for mark, codec in _MARKS:
        if sample.startswith(mark):
            if not codec:
                raise Unreadable(_("We cannot read how this text is written. Save the list as “CSV UTF-8”."))
            return codec
    if codec := _zeros(sample):
        return codec
    noise = sum(byte in _CONTROLS for byte in sample) + max(0, sample.count(0) - 20)
    if noise * 50 > len(sample):
        raise Unreadable(_("This file holds no list that we can read. Save it as CSV or as an Excel workbook (.xlsx)."))
    return UTF_8 if _holds_together(file) else WINDOWS


def _zeros(sample: bytes) -> str:
    """UTF-16 without a mark: Latin text has a zero in nearly every second byte."""
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 4:
        return ""
    if odd.count(0) * 10 >= len(odd) * 7 and even.count(0) * 10 < len(even):
        return "utf-16-le"
    if even.count(0) * 10 >= len(even) * 7 and odd.count(0) * 10 < len(odd):
        return "utf-16-be"
    return ""


def _holds_together(file: BinaryIO) -> bool:
    """Whether every byte makes sense as UTF-8. A letter cut in two by the end of the file does not speak against it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(SAMPLE):
            decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    return True
