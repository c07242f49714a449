"""Invented customers by their number: names, phones and addresses as stores have them, common and rare ones."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from astro.kit.folding import fold

NAMES = Path(__file__).parents[1] / "demo" / "names.toml"
MAIL_AT = ("example.com", "example.org", "example.net", "post.example", "bluebox.example")
SYLLABLES = [
    "al",
    "an",
    "ar",
    "ba",
    "ber",
    "bo",
    "bra",
    "car",
    "co",
    "dal",
    "den",
    "der",
    "el",
    "en",
    "er",
    "fa",
    "fer",
    "gar",
    "go",
    "gra",
    "ha",
    "hol",
    "in",
    "ka",
    "ken",
    "la",
    "len",
    "li",
    "lo",
    "ma",
    "mar",
    "mo",
    "na",
    "nor",
    "ol",
    "pa",
    "per",
    "qui",
    "ra",
    "ri",
    "ro",
    "sa",
    "ser",
    "sko",
    "ta",
    "ter",
    "to",
    "ul",
    "va",
    "ver",
    "wal",
    "wi",
    "ya",
    "zel",
]

# Numbers that share no factor with what they are taken modulo of: neighbours land far from each other.
_PHONES, _PHONE_STEP = 8_000_000_000, 4_944_271_907
_STEPS = (7_919, 104_729, 1_299_709, 15_485_863)


@dataclass(frozen=True, slots=True)
class Person:
    """What a customer's row holds of a person, as `customers.actions` would have written it."""

    first_name: str
    last_name: str
    phone: str
    email: str
    search: str
    sort_name: str


def person(number: int) -> Person:
    """The person of this number: about every second last name is a common one, every phone and address another."""
    first, first_folded = _pick(_names("first"), number * _STEPS[0])
    last, last_folded = _last(number)
    digits = f"1{2_000_000_000 + number * _PHONE_STEP % _PHONES}"
    email = f"{first_folded.split()[0]}.{last_folded.replace(' ', '')}{number}@{MAIL_AT[number % len(MAIL_AT)]}"
    email = email.replace("'", "")
    return Person(
        first,
        last,
        f"+{digits}",
        email,
        f" {first_folded} {last_folded} \n{digits}\n{email}\n",
        f"{last_folded} {first_folded}",
    )


def _last(number: int) -> tuple[str, str]:
    if number % 2:
        return _pick(_names("last"), number * _STEPS[1])
    parts = [SYLLABLES[number * step // 1_000 % len(SYLLABLES)] for step in _STEPS[1:]]
    name = "".join(parts)
    return name.capitalize(), name


def _pick(names: Sequence[tuple[str, str]], place: int) -> tuple[str, str]:
    return names[place % len(names)]


@cache
def _names(which: str) -> list[tuple[str, str]]:
    """Names and their folded forms; folding a million of them one by one takes longer than writing them."""
    return [(name, fold(name)) for name in tomllib.loads(NAMES.read_text())[which]]
