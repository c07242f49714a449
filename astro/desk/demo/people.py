"""Inventing customers: a name, perhaps a phone and an e-mail address, and what lives with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from astro.kit.folding import fold

MAIL_AT = ["example.com", "example.com", "example.com", "example.org", "example.net", "post.example", "bluebox.example"]
HAS_PHONE = 0.84
HAS_EMAIL = 0.76
TELLS_EMAIL = 0.7
"""Of those who have not left an e-mail address, how many tell one when a program asks for it."""
FIRST_NUMBER, LAST_NUMBER = 100, 199
"""555-0100 to 555-0199 are kept free for stories in every area code."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer to be. `pets` are species. `email_if_asked` is for whoever has not left one."""

    first_name: str
    last_name: str
    phone: str
    email: str
    pets: tuple[str, ...]
    email_if_asked: str = ""


def invent(
    count: int,
    *,
    names: dict[str, Any],
    households: dict[str, int],
    area_codes: list[int],
    taken: Iterable[str],
    rng: Random,
) -> list[Person]:
    """So many people, no two of them with the same name, phone or e-mail. `taken` phones and e-mails stay out."""
    taken = set(taken)
    phones = (phone for phone in _phones(area_codes, rng) if phone not in taken)
    kinds, weights = list(households), list(households.values())
    firsts, lasts = _dealt(names["first"], rng), _dealt(names["last"], rng)
    people: list[Person] = []
    known: set[tuple[str, str]] = set()
    while len(people) < count:
        pair = next(firsts), next(lasts)
        if pair in known:
            continue
        known.add(pair)
        phone = next(phones) if rng.random() < HAS_PHONE else ""
        has_email = rng.random() < HAS_EMAIL
        email = _email(*pair, taken=taken, rng=rng) if has_email or rng.random() < TELLS_EMAIL else ""
        taken.add(email)
        pets = tuple(rng.choices(kinds, weights)[0].split())
        people.append(Person(*pair, phone, email if has_email else "", pets, "" if has_email else email))
    return people


def _dealt(deck: Sequence[str], rng: Random) -> Iterator[str]:
    """One after the other from a shuffled deck, and again, so that no name is everywhere."""
    while True:
        yield from rng.sample(deck, len(deck))


def _phones(area_codes: list[int], rng: Random) -> Iterator[str]:
    """The store's own area first, then its neighbors; people keep their numbers when they move."""
    near, *far = area_codes
    here = [f"{near}-555-0{number}" for number in range(FIRST_NUMBER, LAST_NUMBER + 1)]
    elsewhere = [f"{area}-555-0{number}" for area in far for number in range(FIRST_NUMBER, LAST_NUMBER + 1)]
    rng.shuffle(here)
    rng.shuffle(elsewhere)
    yield from here
    yield from elsewhere


def _email(first: str, last: str, *, taken: set[str], rng: Random) -> str:
    first, last = (re.sub(r"[^a-z0-9]+", ".", fold(name).replace("'", "")).strip(".") for name in (first, last))
    local = rng.choice([f"{first}.{last}", f"{first}.{last}", f"{first[0]}.{last}", f"{last}.{first}"])
    address = f"{local}@{rng.choice(MAIL_AT)}"
    number = 2
    while address in taken:
        address = f"{local}{number}@example.com"
        number += 1
    return address
