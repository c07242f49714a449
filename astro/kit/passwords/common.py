"""The passwords that people choose most and thieves try first, by how often they were found in stolen lists.

Bundled, so that no password is ever asked of another machine. Where they come from: docs/licences/common-passwords.txt.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common.txt.gz")
MOST_COMMON = 2000


def is_common(bare: str) -> bool:
    """Whether the whole of it is on the list. `bare` is in small letters."""
    return bare in _all()


def is_two_of_the_most_common(bare: str) -> bool:
    """`monkeydragon`: two of the first two thousand, one after the other, are tried as early as one."""
    first = _most()
    return any(bare[:at] in first and bare[at:] in first for at in range(4, min(len(bare), 40) - 3))


@cache
def _all() -> frozenset[str]:
    return frozenset(_lines())


@cache
def _most() -> frozenset[str]:
    return frozenset(_lines()[:MOST_COMMON])


def _lines() -> list[str]:
    return gzip.decompress(FILE.read_bytes()).decode().splitlines()
