"""What is kept of a home address."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.customers.addresses import LENGTHS, Home, read_address
from astro.customers.errors import DetailError

WHOLE = {"postcode": "59901", "street": "1 Main St", "street2": "", "city": "Kalispell", "region": "MT"}


def test_an_address_is_kept_tidy_in_the_country_where_it_was_typed() -> None:
    typed = {"postcode": " 59901 1234", "street": " 1  Main St ", "city": "Kalispe\u0301ll", "region": "MT"}
    assert read_address(typed, country="US") == Home("59901-1234", "1 Main St", "", "Kalispéll", "MT", "US")


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("US", "59901", "59901"),
        ("US", "599011234", "59901-1234"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("CA", "K1A-0B1", "K1A 0B1"),
        ("GB", "sw1a 1aa", "SW1A 1AA"),
    ],
)
def test_a_postcode_is_kept(country: str, typed: str, kept: str) -> None:
    assert read_address({**WHOLE, "postcode": typed, "country": country.lower()}, country="US").postcode == kept


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("postcode", "", "Type the postcode."),
        ("postcode", None, "Type the postcode."),
        ("postcode", 59901, "Type the postcode."),
        ("postcode", "5990", "A ZIP code has 5 digits, like 59901. Check it for a slip."),
        ("postcode", "5990¹", "A ZIP code has 5 digits, like 59901. Check it for a slip."),
        ("street", " \u200b", "Type the street and number."),
        ("street", ["1 Main St"], "Type the street and number."),
        ("street", "x" * 121, "This is longer than an address can be. Make it shorter."),
        ("city", "", "Type the city."),
        ("city", "Kalispell\x00", "This has an invisible control character in it. Type it by hand."),
        ("street2", "\u202eapt", "This has an invisible control character in it. Type it by hand."),
        ("region", "MT\ud800", "This has an invisible control character in it. Type it by hand."),
        ("country", "USA", "Type the country as two letters, for example US."),
    ],
)
def test_an_address_is_refused_with_a_sentence(field: str, typed: Any, sentence: str) -> None:
    with pytest.raises(DetailError) as refused:
        read_address({**WHOLE, field: typed}, country="US")
    assert (str(refused.value), refused.value.field) == (sentence, field)


@given(st.dictionaries(st.sampled_from([*LENGTHS, "country"]), st.one_of(st.text(max_size=130), st.integers())))
def test_what_is_kept_fits_its_columns(typed: dict[str, Any]) -> None:
    try:
        kept = read_address(typed, country="GB")
    except DetailError:
        return
    assert all(len(getattr(kept, field)) <= most for field, most in LENGTHS.items())
    assert len(kept.country) == 2
