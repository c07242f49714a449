"""What a GS1 label says besides the number: the lot, the day until which it is best, the last day of use.

Reads an element string as a scanner sends it (fields of open length end at FNC1, sent as `\\x1d`), the same with
brackets as printed under the bars (`(01)09506000134352(15)271200(10)LOT7`), and a GS1 Digital Link. A number alone, in
any form that `kit/gtin.py` reads, is a label that says nothing else: fourteen digits that begin with 10 are a case of
something, and no lot.

A year of two digits is the one nearest to today: up to 50 years ahead, else behind. Day 00 is the month's last. Both
are as GS1 rules, and `biip` knows them.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError
from astro.kit.gtin import GtinError, to_gtin14

LOT, BEST_BEFORE, USE_BY = "10", "15", "17"


class LabelError(DomainError):
    """Not a label. `str()` of it is a sentence, in the reader's language, for the person who scanned it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What could be read; empty or None is what the label does not say. `gtin` has 14 digits."""

    gtin: str = ""
    lot: str = ""
    best_before: date | None = None
    use_by: date | None = None

    @property
    def best_by(self) -> date | None:
        """The day for a field that asks for one: until when it is best, else the last day of use."""
        return self.best_before or self.use_by


def read_label(text: str) -> Label:
    """Raises LabelError for what is neither a number nor a label, for a date that no calendar has, and where the check
    digit of the number does not fit."""
    typed = text.strip(_BLANKS)
    number, wrong = "", None
    try:
        number = to_gtin14(typed)
    except GtinError as error:
        if not _IS_LABEL.match(typed):
            raise LabelError(error.message) from error
        wrong = error
    if number and _IS_NUMBER.fullmatch(typed):
        return Label(gtin=number)
    try:
        label = _label(_elements(typed))
    except ParseError as error:
        is_number = wrong is not None and wrong.kind == "check digit"
        raise LabelError(wrong.message if wrong and is_number else _unread()) from error
    if label.gtin and wrong:
        raise LabelError(wrong.message) from wrong
    return replace(label, gtin=number)


_BLANKS = "\t\n\r \u00a0\ufeff"
_AIM = re.compile(r"\A\][A-Za-z][0-9A-Za-z]")
_IS_NUMBER = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])?[0-9\s\u00a0\u200b-\u2015\u202f\u2060-]{1,20}")
_IS_LABEL = re.compile(r"(?:\][CdQe][0-9])?(?:\x1d|\([0-9]{2,4}\)|(?:1[0157]|01)[^\s]{6,})|https?://", re.IGNORECASE)


def _elements(typed: str) -> GS1ElementStrings:
    plain = _AIM.sub("", typed).lstrip("\x1d")
    if plain.lower().startswith(("http://", "https://")):
        return GS1DigitalLinkURI.parse(plain).element_strings
    if plain.startswith("("):
        return GS1Message.parse_hri(plain).element_strings
    return GS1Message.parse(plain).element_strings


def _label(elements: GS1ElementStrings) -> Label:
    values = {element.ai.ai: element for element in reversed(elements)}
    dates = {name: values[name].date for name in (BEST_BEFORE, USE_BY) if name in values}
    return Label(
        gtin=values["01"].value if "01" in values else "",
        lot=values[LOT].value if LOT in values else "",
        best_before=dates.get(BEST_BEFORE),
        use_by=dates.get(USE_BY),
    )


def _unread() -> Promise:
    return _(
        "This label could not be read. Scan the number under the bars, and type lot code and best-by date as they are "
        "printed."
    )
