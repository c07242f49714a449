"""The bars must say the code: they are read back here as a scanner reads them, bar by bar."""

import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.gtin import check_digit, to_gtin14
from astro.programs.labels import Bars, bars_of

LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
RIGHT = ["".join("10"[int(bit)] for bit in pattern) for pattern in LEFT]
EVEN = [pattern[::-1] for pattern in RIGHT]
FIRST = [
    "LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL",
]  # fmt: skip
ITF = ["nnwwn", "wnnnw", "nwnnw", "wwnnn", "nnwnw", "wnwnn", "nwwnn", "nnnww", "wnnwn", "nwnwn"]


def drawn(bars: Bars) -> str:
    """The modules that the outline paints, clear zones and all: what a scanner sees."""
    seen = ["0"] * bars.width
    for at, width, height, back in re.findall(r"M(\d+) 0h(\d+)v(\d+)h-(\d+)z", bars.outline):
        assert (int(height), width) == (bars.height, back)
        seen[int(at) : int(at) + int(width)] = "1" * int(width)
    return "".join(seen)


def scan(picture: str) -> str:
    """The digits in a row of modules. Fails where guards, patterns, check digit or clear zones are not right."""
    modules = picture.strip("0")
    clear = len(picture) - len(picture.lstrip("0")), len(picture) - len(picture.rstrip("0"))
    if len(modules) in (95, 67):
        assert min(clear) >= 7
        digits = _ean13(modules) if len(modules) == 95 else _ean8(modules)
    else:
        assert min(clear) >= 20
        digits = _itf(modules)
    assert check_digit(digits[:-1]) == digits[-1]
    return digits


def _ean13(modules: str) -> str:
    assert (modules[:3], modules[45:50], modules[92:]) == ("101", "01010", "101")
    left = [modules[n : n + 7] for n in range(3, 45, 7)]
    right = [modules[n : n + 7] for n in range(50, 92, 7)]
    parity = "".join("L" if part in LEFT else "G" for part in left)
    digits = [(LEFT if part in LEFT else EVEN).index(part) for part in left] + [RIGHT.index(part) for part in right]
    return f"{FIRST.index(parity)}{''.join(map(str, digits))}"


def _ean8(modules: str) -> str:
    assert (modules[:3], modules[31:36], modules[64:]) == ("101", "01010", "101")
    left = [LEFT.index(modules[n : n + 7]) for n in range(3, 31, 7)]
    right = [RIGHT.index(modules[n : n + 7]) for n in range(36, 64, 7)]
    return "".join(map(str, left + right))


def _itf(modules: str) -> str:
    runs = [len(list(run)) for _dark, run in groupby(modules)]
    narrow = min(runs)
    sizes = "".join("n" if run == narrow else "w" for run in runs)
    assert (sizes[:4], sizes[-3:]) == ("nnnn", "wnn")
    digits = ""
    for n in range(4, len(sizes) - 3, 10):
        pair = sizes[n : n + 10]
        digits += f"{ITF.index(pair[0::2])}{ITF.index(pair[1::2])}"
    return digits


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("012345678905", "UPC-A", "0 12345 67890 5"),
        ("4006381333931", "EAN-13", "4 006381 333931"),
        ("96385074", "EAN-8", "9638 5074"),
        ("10012345678902", "ITF-14", "1 00 12345 67890 2"),
    ],
)
def test_code_is_printed_in_its_own_kind(code: str, kind: str, words: str) -> None:
    bars = bars_of(to_gtin14(code))
    assert (bars.kind, bars.words) == (kind, words)
    assert scan(drawn(bars)).lstrip("0") == code.lstrip("0")


@given(st.integers(1, 10**13 - 1))
def test_every_code_scans_back_as_itself(number: int) -> None:
    digits = f"{number:013}"
    gtin = digits + check_digit(digits)
    assert scan(drawn(bars_of(gtin))).zfill(14) == gtin


@pytest.mark.parametrize("text", ["", "012345678905", "0001234567890x", "٠٠٠١٢٣٤٥٦٧٨٩٠٥"])
def test_what_is_not_14_digits_has_no_bars(text: str) -> None:
    with pytest.raises(ValueError, match="14 digits"):
        bars_of(text)


def test_scanner_of_this_test_notices_a_wrong_bar() -> None:
    picture = drawn(bars_of("00012345678905"))
    wrong = picture[:40] + ("0" if picture[40] == "1" else "1") + picture[41:]
    with pytest.raises((AssertionError, ValueError)):
        scan(wrong)
