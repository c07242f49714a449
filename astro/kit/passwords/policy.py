"""Judges a password that somebody wants to have. Says what is wrong with it, never how good it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from astro.kit.folding import fold
from astro.kit.passwords.common import is_common, is_two_of_the_most_common

LONGEST = 1000
"""Characters. A longer one is refused, not cut off: hashing a book for everybody who asks would be a way to stop us."""

ENOUGH = 6
"""Different letters and digits that must be left when what anybody would try first is taken out."""

EVERYWHERE = ("astro", "loyalty", "password", "passwort", "petstore")

_ROWS = [
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop"),
    *("12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "1a2b3c4d5e6f7g8h9"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
]
_NEIGHBOURS = "|".join([*_ROWS, *(row[::-1] for row in _ROWS)])
_LETTERS_FOR_SIGNS = str.maketrans("013457@$!", "oieastasi")


def normalized(password: str) -> str:
    """The same characters typed on another system are the same password (Unicode NFC); to be set and to be checked."""
    return unicodedata.normalize("NFC", password)


def insist_on_good(password: str, *, least: int, facts: Iterable[str] = ()) -> None:
    """Raises ValidationError with one sentence. `facts` is what others know: the person's names, e-mail, store."""
    password = normalized(password)
    if len(password) < least:
        raise ValidationError(TOO_SHORT, code="too_short", params={"least": least, "length": len(password)})
    if len(password) > LONGEST:
        raise ValidationError(TOO_LONG, code="too_long", params={"most": LONGEST})
    folded = fold(password)
    if _is_one_piece_repeated(folded) or len(set(folded)) < ENOUGH - 1:
        raise ValidationError(REPEATED, code="repeated")
    for bare in _ways_to_read(folded):
        _insist_on_uncommon(bare)
        _insist_on_a_rest(bare, _words(facts))


def _insist_on_uncommon(bare: str) -> None:
    """Neither as it stands nor with a year, a few digits or keys in a row before or behind."""
    core = re.sub(r"^\d{1,4}|\d{1,4}$", "", _without_runs(bare))
    if any(is_common(one) or is_two_of_the_most_common(one) for one in (bare, core)):
        raise ValidationError(COMMON, code="common")


def _insist_on_a_rest(bare: str, words: list[str]) -> None:
    """Without the words that others know, and without keys in a row, something must be left."""
    rest, found = bare, ""
    for word in words:
        if word in rest:
            rest, found = rest.replace(word, ""), found or word
    left = _without_runs(rest)
    if not bare or len(set(left)) >= ENOUGH:
        return
    if found:
        raise ValidationError(KNOWN, code="known", params={"word": found})
    if left != bare:
        raise ValidationError(IN_A_ROW, code="in_a_row")


def _ways_to_read(folded: str) -> list[str]:
    """Letters and digits alone, as they stand and with `p@ssw0rd` read as `password`."""
    ways = ["".join(sign for sign in text if sign.isalnum()) for text in (folded, folded.translate(_LETTERS_FOR_SIGNS))]
    return list(dict.fromkeys(ways))


def _is_one_piece_repeated(folded: str) -> bool:
    return re.fullmatch(r"(.{1,14}?)\1+.{0,3}", folded, re.DOTALL) is not None


def _words(facts: Iterable[str]) -> list[str]:
    """What to look for, the longest first: whole facts without spaces, their single words, and both backwards."""
    told = [fold(fact) for fact in facts]
    words = {"".join(sign for sign in fact if sign.isalnum()) for fact in told}
    words |= {word for fact in told for word in re.split(r"[^\w]+|_", fact)} | set(EVERYWHERE)
    words |= {word[::-1] for word in words}
    return sorted((word for word in words if len(word) >= 3), key=lambda word: (-len(word), word))


def _without_runs(text: str) -> str:
    """Text without four or more keys, letters or digits in a row, and with `aaa` as one `a`."""
    text, left, at = re.sub(r"(.)\1{2,}", r"\1", text), [], 0
    while at < len(text):
        end = at + 4
        if text[at:end] not in _NEIGHBOURS or len(text) < end:
            left.append(text[at])
            at += 1
            continue
        while end < len(text) and text[at : end + 1] in _NEIGHBOURS:
            end += 1
        at = end
    return "".join(left)


TOO_SHORT = ngettext_lazy(
    "Use at least %(least)d characters; this is %(length)d. A few words with spaces are easy to remember.",
    "Use at least %(least)d characters; these are %(length)d. A few words with spaces are easy to remember.",
    "length",
)
TOO_LONG = _("Use at most %(most)d characters. Nothing would be cut off, so choose a shorter one.")
REPEATED = _("This is the same few characters again and again, which is quickly guessed. Choose a few different words.")
COMMON = _("Many people use this password, so it is tried first by thieves. Choose one that only you would think of.")
IN_A_ROW = _("These are mostly keys or digits in a row, which are quickly guessed. Choose a few words instead.")
KNOWN = _("This is mostly “%(word)s”, which others would try first. Choose words that have nothing to do with it.")
