import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.folding import digits_of, fold


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  José   ÁLVAREZ\t", "jose alvarez"),
        ("Müller", "muller"),
        ("Strauß", "strauss"),
        ("STRAUSS", "strauss"),
        ("Łukasz Søren Đorđe", "lukasz soren dorde"),
        ("Æther Œuvre Þór", "aether oeuvre thor"),
        ("İstanbul ISPARTA ısparta", "istanbul isparta isparta"),
        ("O’Brien", "o'brien"),
        ("Smith–Jones", "smith-jones"),
        ("Nguye\u0302\u0303n", "nguyen"),
        ("ﬁona", "fiona"),
        ("Ａｃｍｅ １２", "acme 12"),
        ("pet\u200bowner\u202e", "petowner"),
        ("nul\x00led", "nul led"),
        ("two\u00a0words\u2003here", "two words here"),
        ("🐶 Biscuit", "🐶 biscuit"),
        ("\ud800broken", "broken"),
        ("שָׁלוֹם", "שלום"),
        ("", ""),
    ],
)
def test_text_is_folded(typed, folded):
    assert fold(typed) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_case_and_form_do_not_matter(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text)) == folded


@given(st.text(st.characters(max_codepoint=0x17F), max_size=60))
def test_capitals_do_not_matter(text):
    assert fold(text.upper()) == fold(text) == fold(text.lower())


@given(st.text(st.characters(), max_size=60))
def test_folded_text_can_be_stored_everywhere(text):
    folded = fold(text)
    folded.encode()
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Mn"} for character in folded)
    assert folded == " ".join(folded.split())


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("(406) 555-0142", "4065550142"), ("٤٠٦ ５５５", "406555"), ("x²½", ""), ("", ""), ("00 1", "001")],
)
def test_digits_are_taken_out_of_anything(typed, digits):
    assert digits_of(typed) == digits
