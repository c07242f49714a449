from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.errors import DomainError
from astro.kit.money import MOST_CENTS, AmountError, format_cents, parse_cents, round_cents

NBSP = "\u00a0"
MINUS = "\u2212"


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.49", 2), ("-0.5", -1), ("-2.5", -3), ("-2.49", -2), ("6499", 6499)],
)
def test_half_a_cent_goes_away_from_zero(amount, cents):
    assert round_cents(Decimal(amount)) == cents


@given(st.decimals(-(10**12), 10**12, places=4))
def test_taking_back_an_amount_takes_back_what_was_given(amount):
    assert round_cents(-amount) == -round_cents(amount)
    assert abs(round_cents(amount) - amount) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("cents", "currency", "locale", "written"),
    [
        (6499, "USD", "en-us", "$64.99"),
        (5, "USD", "en-us", "$0.05"),
        (0, "USD", "en-us", "$0.00"),
        (123456789, "USD", "en-us", "$1,234,567.89"),
        (-6499, "USD", "en-us", f"{MINUS}$64.99"),
        (6499, "CAD", "en-ca", "$64.99"),
        (6499, "CAD", "en-us", "CA$64.99"),
        (6499, "USD", "en-ca", "US$64.99"),
        (6499, "CAD", "en", "$64.99"),
        (129900, "CAD", "fr-ca", f"1{NBSP}299,00{NBSP}$"),
        (129900, "USD", "fr-ca", f"1{NBSP}299,00{NBSP}US$"),
        (6499, "EUR", "en-us", "€64.99"),
        (6499, "CHF", "en-us", f"CHF{NBSP}64.99"),
    ],
)
def test_cents_are_written_as_in_the_place(cents, currency, locale, written):
    assert format_cents(cents, currency, locale) == written


def test_the_language_of_the_page_decides_where_no_locale_is_given():
    with translation.override("fr"):
        assert format_cents(6499, "CAD") == f"64,99{NBSP}$"
    with translation.override("en-us"):
        assert format_cents(6499, "USD") == "$64.99"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("64.99", 6499),
        ("$64.99", 6499),
        (" $ 64.9 ", 6490),
        ("64", 6400),
        ("64.", 6400),
        (".99", 99),
        ("64,99", 6499),
        ("1,299", 129900),
        ("1,299.50", 129950),
        ("1 299,50 $", 129950),
        (f"1{NBSP}299.50", 129950),
        ("0", 0),
        ("9999999.99", MOST_CENTS),
        ("0000000000064.99", 6499),
    ],
)
def test_typed_amounts_are_read(typed, cents):
    assert parse_cents(typed) == cents


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "not an amount"),
        ("$", "not an amount"),
        (".", "not an amount"),
        ("abc", "not an amount"),
        ("64.999", "not an amount"),
        ("1.299", "not an amount"),
        ("1,29,900", "not an amount"),
        ("1.299,00", "not an amount"),
        ("6 4.99", "not an amount"),
        ("1e5", "not an amount"),
        ("NaN", "not an amount"),
        ("٦٤", "not an amount"),
        ("64.99 64.99", "not an amount"),
        ("-5.00", "below zero"),
        ("10000000", "too large"),
        ("9" * 400, "too large"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed, says):
    with pytest.raises(AmountError, match=says) as refused:
        parse_cents(typed)
    assert isinstance(refused.value, DomainError)


@given(st.integers(0, MOST_CENTS), st.sampled_from(["en-us", "en-ca", "fr-ca", "en"]))
def test_what_we_write_we_can_read(cents, locale):
    assert parse_cents(format_cents(cents, "USD" if locale == "en-us" else "CAD", locale)) == cents


@given(st.text("0123456789.,$ -€", max_size=20))
def test_anything_typed_is_an_amount_or_a_refusal(text):
    try:
        cents = parse_cents(text)
    except AmountError:
        return
    assert 0 <= cents <= MOST_CENTS
