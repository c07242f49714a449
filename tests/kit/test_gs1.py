"""What a label says besides the number. The forms are those that scanners send and that people see under the bars."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.gs1 import Label, LabelError, read_label

GTIN = "09506000134352"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        # as a scanner sends it, with and without its word for the bars in front, FNC1 behind what has no fixed length
        (f"01{GTIN}15271231\x1d10LOT7", Label(gtin=GTIN, lot="LOT7", best_before=date(2027, 12, 31))),
        (f"]d201{GTIN}10LOT7\x1d17280229", Label(gtin=GTIN, lot="LOT7", use_by=date(2028, 2, 29))),
        (f"]C101{GTIN}1527123110LOT7", Label(gtin=GTIN, lot="LOT7", best_before=date(2027, 12, 31))),
        (f"\x1d01{GTIN}10A-1/b", Label(gtin=GTIN, lot="A-1/b")),
        (
            f"01{GTIN}11260101152712311728013110L",
            Label(gtin=GTIN, lot="L", best_before=date(2027, 12, 31), use_by=date(2028, 1, 31)),
        ),
        # as printed
        (
            f"(01){GTIN}(15)271231(10)LOT7",
            Label(gtin=GTIN, lot="LOT7", best_before=date(2027, 12, 31)),
        ),
        (f"(01) {GTIN} (10) LOT7", Label(gtin=GTIN, lot="LOT7")),
        # a second mark beside the bars: lot and day without the number
        ("(10)K77(15)270600", Label(lot="K77", best_before=date(2027, 6, 30))),
        ("1527063010K77", Label(lot="K77", best_before=date(2027, 6, 30))),
        # a link
        (f"https://id.gs1.org/01/{GTIN}/10/LOT7?17=271231", Label(gtin=GTIN, lot="LOT7", use_by=date(2027, 12, 31))),
        # day 00 is the last of the month, in a leap year too
        (f"01{GTIN}15280200", Label(gtin=GTIN, best_before=date(2028, 2, 29))),
        (f"01{GTIN}15270200", Label(gtin=GTIN, best_before=date(2027, 2, 28))),
        # a number alone says nothing else, even where its digits could be fields
        ("012345678905", Label(gtin="00012345678905")),
        ("10012345678902", Label(gtin="10012345678902")),
        ("0 12345 67890 5", Label(gtin="00012345678905")),
        ("]E00012345678905", Label(gtin="00012345678905")),
    ],
)
def test_what_a_label_says(text: str, label: Label) -> None:
    assert read_label(text) == label


def test_the_day_that_a_form_asks_for() -> None:
    assert read_label("1527063017270701").best_by == date(2027, 6, 30)
    assert read_label("17270701").best_by == date(2027, 7, 1)
    assert read_label("10K77K77").best_by is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no number here"),
        ("LOT7", "letters or signs"),
        ("(01)09506000134353(10)A", "does not fit"),
        ("012345678906", "does not fit"),
        (f"01{GTIN}15271301", "could not be read"),
        (f"01{GTIN}15270230", "could not be read"),
        (f"01{GTIN}15ABCDEF", "could not be read"),
        ("(98765)what", "letters or signs"),
        ("https://example.com/", "could not be read"),
    ],
)
def test_what_is_no_label_is_told_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(LabelError) as refused:
        read_label(text)
    assert says in str(refused.value)


@given(
    lot=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/._", min_size=1, max_size=20),
    day=st.dates(date(2000, 1, 1), date(2070, 12, 31)),
)
def test_lot_and_day_come_back_as_they_were_printed(lot: str, day: date) -> None:
    read = read_label(f"01{GTIN}10{lot}\x1d15{day:%y%m%d}")
    assert read == Label(gtin=GTIN, lot=lot, best_before=day)
    assert read_label(f"(01){GTIN}(15){day:%y%m%d}(10){lot}") == read
