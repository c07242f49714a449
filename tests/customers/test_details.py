"""What is kept of a name, a phone number and an e-mail address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.customers.details import as_typed_here, fold_email, read_email, read_name, read_phone
from astro.customers.errors import DetailError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann  ", "Ann"),
        ("Ann \t  &\n Bob", "Ann & Bob"),
        ("Zoe\u0308", "Zoë"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("🐶 Rex 👨‍👩‍👧", "🐶 Rex 👨‍👩‍👧"),
        ("שרה", "שרה"),
        ("محمد", "محمد"),
        ("%_'\"\\", "%_'\"\\"),
        ("李", "李"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_name_is_kept(typed: str, kept: str) -> None:
    assert read_name(typed, "first_name") == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type the first name."),
        (" \t\u200b\u00a0", "Type the first name."),
        ("\u0301", "Type the first name."),
        ("x" * 101, "A name can have 100 characters, and this one has 101. Make it shorter."),
        pytest.param(
            "x" * 10_000, "A name can have 100 characters, and this one has 10000. Make it shorter.", id="long"
        ),
        pytest.param(
            "e" + "\u0301\u0316" * 50_000,
            "A name can have 100 characters, and this one has 100001. Make it shorter.",
            id="slow to compose",
        ),
        ("Ann\x00", "This name has an invisible control character in it. Type it by hand."),
        ("Ann\x1b[31m", "This name has an invisible control character in it. Type it by hand."),
        ("Ann\u202enaB", "This name has an invisible control character in it. Type it by hand."),
        ("Ann\ud800", "This name has an invisible control character in it. Type it by hand."),
    ],
)
def test_a_name_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(DetailError) as refused:
        read_name(typed, "first_name")
    assert (str(refused.value), refused.value.field) == (sentence, "first_name")


@given(st.text(max_size=150))
def test_a_kept_name_is_kept_again_as_it_is(text: str) -> None:
    try:
        kept = read_name(text, "last_name")
    except DetailError:
        return
    assert read_name(kept, "last_name") == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("(406) 555-0142", "+14065550142"),
        ("+442079460123", "+442079460123"),
        ("4065550142 ", "+14065550142"),
    ],
)
def test_a_phone_is_kept_as_e164(typed: str, kept: str) -> None:
    assert read_phone(typed, "US") == kept


@pytest.mark.parametrize(
    "typed", ["call me", "406-555-CATS", "12", "4" * 41, "4" * 10_000, "+999 1", "0142", "🐶", "<script>"]
)
def test_what_cannot_be_rung_up_is_refused(typed: str) -> None:
    with pytest.raises(DetailError) as refused:
        read_phone(typed, "US")
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), (" Zoe@Example.COM ", "Zoe@Example.COM"), ("zoë@bücher.com", "zoë@bücher.com")]
)
def test_an_email_is_kept_as_typed(typed: str, kept: str) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "zoe", "zoe@", "@example.com", "a b@example.com", "zoe@example", "a\x00b@example.com",
        pytest.param("x" * 10_000, id="long"), pytest.param("x" * 250 + "@x.com", id="a little too long"),
    ],
)  # fmt: skip
def test_what_is_no_email_is_refused(typed: str) -> None:
    with pytest.raises(DetailError) as refused:
        read_email(typed)
    assert refused.value.field == "email"


def test_case_does_not_make_another_address_but_accents_do() -> None:
    assert fold_email("Zoe@Example.COM") == fold_email("zoe@example.com")
    assert fold_email("zoë@example.com") != fold_email("zoe@example.com")


@pytest.mark.parametrize(
    ("phone", "shown"), [("+14065550142", "(406) 555-0142"), ("+442079460123", "+442079460123"), ("", "")]
)
def test_a_stored_phone_is_shown_so_that_it_can_be_typed_again(phone: str, shown: str) -> None:
    assert as_typed_here(phone, "US") == shown
    assert read_phone(shown, "US") == phone
