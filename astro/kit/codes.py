"""Codes of our own, such as the one on a customer's card.

A code is one letter that says what it stands for (`C`, a customer), ten characters that say nothing, and one check
character: `C0D4K9ZQ3T1E`. A letter stands first, so that no code is ever a GTIN. The characters are Crockford's base
32 (no I, L, O, U: nobody mistakes them for 1, 0 or V, and few words come out by accident); the ten hold a number of
50 bits, to be drawn at random, because a code is printed where anybody may read it.

The check character makes it a word of a code over the field of 32 elements: give each character its number 0 to 31,
multiply the first by a¹¹, the second by a¹⁰, … the last by 1, and the sum is 0. As `a` generates the field and a code
is shorter than 31 characters, all those factors differ. So it is a promise, not a likelihood, that **any one wrong
character and any two characters swapped, neighbours or not, are noticed**; of anything worse one in 32 slips through.
The check character is a character like the others, which Crockford's own (modulo 37) and ISO 7064's MOD 37,36 do not
give.

The till's browser does the same in `checkout/static/checkout/scan.js`.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
NUMBERS = 1 << 50
"""How many numbers a code can hold: 0 to NUMBERS - 1."""


def make_code(letter: str, *, number: int) -> str:
    """The code for a number. Raises ValueError for a letter that is not of the alphabet and a number over 50 bits."""
    if len(letter) != 1 or not letter.isalpha() or letter not in ALPHABET:
        raise ValueError(f"A code begins with a capital letter other than I, L, O, U, not {letter!r}.")
    if not 0 <= number < NUMBERS:
        raise ValueError(f"A code holds a number from 0 to {NUMBERS - 1}, not {number}.")
    data = "".join(ALPHABET[number >> shift & 31] for shift in range(45, -1, -5))
    return letter + data + ALPHABET[_times_a(_sum(letter + data))]


def is_own_code(text: str) -> bool:
    """Whether this is a code as we write it, with the right check character. Says nothing of whose it is."""
    return (
        len(text) == LENGTH
        and all(character in ALPHABET for character in text)
        and text[0].isalpha()
        and _sum(text) == 0
    )


def read_code(text: str) -> str | None:
    """The code in what a person typed: any case, spaces and dashes, O for 0, I and L for 1. None if it is none."""
    tidy = text.upper().translate(_AS_TYPED)
    return tidy if is_own_code(tidy) else None


_AS_TYPED = str.maketrans("OIL", "011", " -")


def _sum(text: str) -> int:
    total = 0
    for character in text:
        total = _times_a(total) ^ ALPHABET.index(character)
    return total


def _times_a(element: int) -> int:
    """Multiply by a, where a⁵ = a² + 1."""
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
