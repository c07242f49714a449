"""Look-up as a cashier thinks of it: what is stored of a customer to be found by, and what typed text asks for.

Stored is one folded text with a shape: ` zoe ortiz ` between spaces, then on lines of their own the digits of the
phone and the e-mail address. So ` zo` stands only where a name begins and `0142` before a line's end only where a phone
ends, and every question is one kind of thing: fragments, all of which the text must hold. Both engines and Python
answer it alike (`fragments.py` has the engines).
"""

import re
from dataclasses import dataclass
from itertools import groupby

import phonenumbers

from astro.kit.folding import digits_of, fold

SHORTEST = 3  # characters that a trigram index can look for; ` zo`, with its space, has them
LONGEST = 500
MOST_WORDS = 12
PHONE_END = 4  # digits from which on people mean the end of a phone number

_OF_A_NUMBER = re.compile(r"[\d+().\-/]+")


@dataclass(frozen=True)
class Question:
    """What to look for, best answers first: each tier is a set of fragments that a text must all hold.

    Whoever answers an earlier tier answers the last one, too.
    """

    tiers: tuple[tuple[str, ...], ...]

    def is_answered_by(self, search: str) -> bool:
        return self.rank(search) is not None

    def rank(self, search: str) -> int | None:
        """The first tier that this text answers; 0 is the best."""
        tiers = enumerate(self.tiers)
        return next((number for number, tier in tiers if all(fragment in search for fragment in tier)), None)


def ask(text: str) -> Question | None:
    """What this text asks for, or None when it is too little (or absurdly much) to ask for anything.

    A word of one or two characters asks for names that begin so, a longer one for any fragment. Neighbouring words of
    digits are one number, however it is written: `+1 (406) 555-0142` or `0142`. First come phones that end so, then
    names that begin so.
    """
    if len(text) > LONGEST:
        return None
    words = list(dict.fromkeys(_words(fold(text))))[:MOST_WORDS]
    anywhere = tuple(word if len(word) >= SHORTEST else f" {word}" for word in words)
    if not any(len(fragment) >= SHORTEST for fragment in anywhere):
        return None
    begins = tuple(f" {word}" for word in words)
    ends = tuple(
        f"{word}\n" if word.isdecimal() and len(word) >= PHONE_END else fragment
        for word, fragment in zip(words, anywhere, strict=True)
    )
    return Question(tuple(dict.fromkeys((ends, begins, anywhere) if ends != anywhere else (begins, anywhere))))


def search_text(*, first_name: str, last_name: str, phone: str, email: str, internal_id: str = "") -> str:
    """What is stored to be found by. `phone` is E.164."""
    lines = [f" {fold(first_name)} {fold(last_name)} ", *_numbers(phone), fold(email), fold(internal_id)]
    return "".join(f"{line}\n" for line in lines if line)


def sort_name(*, first_name: str, last_name: str, length: int) -> str:
    """What a list is ordered by: last name, then first name, case and accents aside."""
    return f"{fold(last_name)} {fold(first_name)}"[:length]


def _numbers(e164: str) -> list[str]:
    """The digits as dialled from abroad, and as at home where that is no part of them (a British 020…)."""
    if not e164:
        return []
    abroad = digits_of(e164)
    if abroad.startswith("1"):  # North America puts nothing before a number at home
        return [abroad]
    number = phonenumbers.parse(e164)
    at_home = digits_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    return [abroad] if at_home in abroad else [abroad, at_home]


def _words(folded: str) -> list[str]:
    words = []
    for of_a_number, run in groupby(folded.split(), key=lambda word: bool(_OF_A_NUMBER.fullmatch(word))):
        parts = list(run)
        digits = digits_of("".join(parts))
        if of_a_number and len(digits) >= SHORTEST:
            words.append(digits)
        else:
            words += [part for part in parts if not of_a_number or digits_of(part)]
    return words
