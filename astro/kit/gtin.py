"""Barcode numbers. One product, many ways to print it; stored and matched as 14 digits.

What a scanner sends or a person types may be a UPC-A (12 digits), a UPC-E (8, its zeros squeezed out), an EAN-8, an
EAN-13, a GTIN-14, a GS1 element string (`]C1010950600013435210LOT7`, or with brackets as printed) or a GS1 Digital Link
(`https://…/01/09506000134352/10/LOT7`), with or without the scanner's `]E0` in front. `to_gtin14` reads them all and
checks the last digit.

Eight digits that begin with 0 are a UPC-E; an EAN-8 in a shop never does. Those that begin with 1 are read as a UPC-E
where its check digit agrees, else as an EAN-8.

The till's browser reads the same forms in `checkout/static/checkout/scan.js`; a test holds the two together.
"""

import re
from typing import Literal

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gtin import Gtin
from biip.upc import Upc
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError

Kind = Literal["letters", "length", "check digit"]


class GtinError(DomainError):
    """Not a barcode number. `str()` of it is a sentence, in the reader's language, for the person who typed it.

    `kind` tells a program why; `suggestion` is the 14-digit number that was probably meant, where that can be told.
    """

    def __init__(self, sentence: str | Promise, *, kind: Kind, suggestion: str | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.suggestion = suggestion


def to_gtin14(text: str) -> str:
    """The 14 digits that this stands for. Raises GtinError for letters, a wrong length, a wrong check digit."""
    aim = _AIM.match(text.strip(_BLANKS))
    symbology, rest = (aim[1], aim[2]) if aim else ("", text.strip(_BLANKS))
    if rest.lower().startswith(("http://", "https://")):
        link = _DIGITAL_LINK.search(re.split("[?#]", rest)[0])
        if not link:
            raise _letters(rest)
        return _checked(link[1].zfill(14))
    plain = _BETWEEN.sub("", rest)
    element = _ELEMENT_01.search(plain.replace("(", _FNC1).replace(")", ""))
    if element:
        return _checked(element[1])
    if plain and not _DIGITS.fullmatch(plain):
        raise _letters(rest)
    if len(plain) not in (8, 12, 13, 14) or not plain.strip("0"):
        raise _wrong_length(plain)
    if len(plain) == 8 and plain[0] in "01" and symbology != "E4":
        return _upc_e(plain)
    return _checked(plain)


def display_gtin(gtin14: str) -> str:
    """The number as printed under the bars, in groups: "0 12345 67890 5". Reading it again gives the same number."""
    digits = gtin14.zfill(14)
    if digits.startswith("000000") and digits[6] > "1":
        groups = [digits[6:10], digits[10:]]
    elif digits.startswith("00"):
        groups = [digits[2], digits[3:8], digits[8:13], digits[13]]
    elif digits.startswith("0"):
        groups = [digits[1], digits[2:8], digits[8:]]
    else:
        groups = [digits[0], digits[1:3], digits[3:8], digits[8:13], digits[13]]
    return " ".join(groups)


def check_digit(text: str) -> str:
    """The digit that belongs behind these digits (7, 11, 12 or 13 of them; leading zeros change nothing)."""
    return str(gs1_standard_check_digit(text))


_BLANKS = "\t\n\r \u00a0\ufeff"
_BETWEEN = re.compile("[\t\n\r \u00a0\u200b-\u2015\u202f\u2060\ufeff-]")
_FNC1 = "\x1d"
_AIM = re.compile(r"\]([A-Za-z][0-9A-Za-z])(.*)", re.DOTALL)
"""Many scanners say first what kind of bars they saw: `]E4` an EAN-8, `]C1` GS1-128, `]d2` a GS1 DataMatrix."""
_DIGITS = re.compile("[0-9]+")
_DIGITAL_LINK = re.compile(r"/01/([0-9]{8}|[0-9]{12,14})(?:/|\Z)")
_ELEMENT_01 = re.compile(r"(?:\A|\x1d)(?:(?:1[1-7][0-9]{6}|20[0-9]{2})\x1d?)*01([0-9]{14})")
"""Field 01 of an element string: at its start, after dates (11 to 17) and variant (20), or after a separator."""


def _checked(digits: str) -> str:
    try:
        return Gtin.parse(digits).as_gtin_14()
    except ParseError as error:
        raise _wrong_check_digit(digits) from error


def _upc_e(digits: str) -> str:
    try:
        return Upc.parse(digits).as_gtin_14()
    except ParseError as error:
        if digits[0] == "1":
            return _checked(digits)
        raise _wrong_check_digit(digits) from error


def _wrong_check_digit(digits: str) -> GtinError:
    sentence = _(
        "The last digit of {number} does not fit the others, so one digit is wrong. Check the number under the bars."
    )
    return GtinError(format_lazy(sentence, number=digits), kind="check digit")


def _letters(text: str) -> GtinError:
    sentence = _("“{text}” is not a barcode number: there are letters or signs in it. Type the number under the bars.")
    return GtinError(format_lazy(sentence, text=_short(text)), kind="letters")


def _wrong_length(digits: str) -> GtinError:
    if not digits:
        sentence = _("There is no number here. Type the number under the bars.")
    elif not digits.strip("0"):
        sentence = _("{number} is only zeros. Check the number under the bars.")
    elif len(digits) == 11:
        return _eleven_digits(digits)
    else:
        sentence = _(
            "A barcode number has 8, 12, 13 or 14 digits; {number} has {count}. Check the number under the bars."
        )
    return GtinError(format_lazy(sentence, number=_short(digits), count=len(digits)), kind="length")


def _eleven_digits(digits: str) -> GtinError:
    if check_digit(digits[:-1]) == digits[-1]:
        meant = digits.zfill(14)
        sentence = _("{number} has 11 digits. It looks like a UPC whose first 0 is missing. Try {meant}.")
    else:
        meant = (digits + check_digit(digits)).zfill(14)
        sentence = _("{number} has 11 digits. It looks like a UPC whose last digit is missing. Try {meant}.")
    told = format_lazy(sentence, number=digits, meant=display_gtin(meant))
    return GtinError(told, kind="length", suggestion=meant)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
