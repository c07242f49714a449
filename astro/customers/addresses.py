"""What may be kept of where somebody lives, and in which form.

The postcode comes first, because it says most in the fewest keys. It is held against the form of its country; street
and city are kept as people write them. As with names, what is invisible or turns a line around is refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from astro.customers.details import is_plain
from astro.customers.errors import DetailError
from astro.kit.folding import fold

LENGTHS = {"postcode": 12, "street": 120, "street2": 120, "city": 80, "region": 40}
TYPED = 1000  # characters; of more, accents in the wrong order take a minute to compose

_POSTCODES = {"US": r"(\d{5})(?:[ -]?(\d{4}))?", "CA": r"([A-Z]\d[A-Z])[ -]?(\d[A-Z]\d)"}
_BETWEEN = {"US": "-", "CA": " "}


@dataclass(frozen=True, slots=True)
class Home:
    """An address in the form in which it is kept. `country` as in ISO 3166-1, two letters."""

    postcode: str
    street: str
    street2: str
    city: str
    region: str
    country: str


def in_one_line(home: Any) -> str:
    """An address (`Home` or its row) as a list of changes shows it."""
    parts = (home.street, home.street2, home.city, f"{home.region} {home.postcode}".strip(), home.country)
    return ", ".join(part for part in parts if part)


def read_address(typed: Mapping[str, Any], *, country: str) -> Home:
    """All of it as it is kept. `country` is where it was typed. Raises `DetailError` for the first part that cannot be.

    What is no text counts as not typed: this may have come over the network.
    """
    given = _line(typed, "country").upper() or country
    if not re.fullmatch("[A-Z]{2}", given):
        raise DetailError(_("Type the country as two letters, for example US."), field="country")
    return Home(
        postcode=_postcode(_line(typed, "postcode"), given),
        street=_needed(_line(typed, "street"), _("Type the street and number."), "street"),
        street2=_line(typed, "street2"),
        city=_needed(_line(typed, "city"), _("Type the city."), "city"),
        region=_line(typed, "region"),
        country=given,
    )


def _postcode(text: str, country: str) -> str:
    """A ZIP code is 59901 or 59901-1234, a Canadian postal code K1A 0B1; elsewhere anything that is short."""
    written = _needed(text.upper(), _("Type the postcode."), "postcode")
    form = _POSTCODES.get(country)
    if form is None:
        return written
    found = re.fullmatch(form, written, re.ASCII)
    if found is None:
        sentence = {
            "US": _("A ZIP code has 5 digits, like 59901. Check it for a slip."),
            "CA": _("A postal code looks like K1A 0B1. Check it for a slip."),
        }[country]
        raise DetailError(sentence, field="postcode")
    return _BETWEEN[country].join(part for part in found.groups() if part)


def _needed(line: str, sentence: str, field: str) -> str:
    if not fold(line):
        raise DetailError(sentence, field=field)
    return line


def _line(typed: Mapping[str, Any], field: str) -> str:
    """One line of it: composed letters, single spaces, no longer than its column."""
    value = typed.get(field, "")
    line = " ".join(value.split()) if isinstance(value, str) else ""
    if len(line) <= TYPED:
        line = unicodedata.normalize("NFC", line)
    if len(line) > LENGTHS.get(field, TYPED):
        raise DetailError(_("This is longer than an address can be. Make it shorter."), field=field)
    if not is_plain(line):
        raise DetailError(_("This has an invisible control character in it. Type it by hand."), field=field)
    return line
