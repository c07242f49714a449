"""Which digits make a PIN. Pure.

Four at least: at a till, behind its cookie, with five tries, one in two thousand is what a guess is worth. Those that
everybody tries first are none.
"""

from __future__ import annotations

from itertools import pairwise

from django.utils.translation import gettext as _

SHORTEST, LONGEST = 4, 8
TRIES = 5
"""Wrong ones in a row, after which it is off."""

_DOWN_THE_PAD = {"2580", "0852", "1470", "0741", "3690", "0963"}


def weakness(digits: str) -> str | None:
    """What is wrong with these as a PIN, as a sentence; None where nothing is."""
    if not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST):
        return _("A PIN has four to eight digits, and nothing else.")
    if _is_easy(digits):
        return _("That PIN is among the first that anybody tries. Take one that says nothing to others.")
    return None


def _is_easy(digits: str) -> bool:
    half = len(digits) // 2
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    is_a_run = steps in ({0}, {1}, {9})
    is_said_twice = len(digits) % 2 == 0 and digits[:half] == digits[half:]
    is_pairs = len(digits) % 2 == 0 and all(digits[at] == digits[at + 1] for at in range(0, len(digits), 2))
    is_a_year = len(digits) == 4 and digits[:2] in ("19", "20")
    return is_a_run or is_said_twice or is_pairs or is_a_year or digits in _DOWN_THE_PAD
