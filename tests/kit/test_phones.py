import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.errors import DomainError
from astro.kit.phones import PhoneError, national, to_e164


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("(406) 555-0142", "US", "+14065550142"),
        ("406.555.0142", "US", "+14065550142"),
        ("1 406 555 0142", "US", "+14065550142"),
        ("+1 406 555 0142", "CA", "+14065550142"),
        ("416-555-0123", "CA", "+14165550123"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        (" ４０６ ５５５ ０１４２ ", "US", "+14065550142"),
    ],
)
def test_a_number_has_one_stored_form(typed, country, stored):
    assert to_e164(typed, country) == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "does not look like a phone number"),
        ("555-0142", "too short"),
        ("40655501", "too short"),
        ("406 555 0142 99", "too long"),
        ("4" * 300, "does not look like a phone number"),
        ("000 555 0142", "no such phone number"),
        ("406 555 0142 ext 5", "letters in it"),
        ("406 555 0142 # 5", "extension out"),
        ("1-800-FLOWERS", "letters in it"),
        ("+", "does not look like a phone number"),
        ("+999 1234567", "does not look like a phone number"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(typed, says):
    with pytest.raises(PhoneError, match=says) as refused:
        to_e164(typed, "US")
    assert isinstance(refused.value, DomainError)
    assert (refused.value.status, str(refused.value)[-1]) == (422, ".")


@given(st.text(max_size=40))
def test_anything_typed_is_a_number_or_a_refusal(text):
    try:
        stored = to_e164(text, "US")
    except PhoneError:
        return
    assert stored[0] == "+"
    assert stored[1:].isdecimal()
    assert to_e164(stored, "CA") == stored
    assert to_e164(national(stored), "US") == stored or not stored.startswith("+1")


def test_numbers_are_shown_as_at_home():
    assert national("+14065550142") == "(406) 555-0142"
    assert national("+442079460018") == "020 7946 0018"
    assert national("no number") == "no number"
