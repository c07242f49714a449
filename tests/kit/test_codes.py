import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.codes import ALPHABET, LENGTH, NUMBERS, is_own_code, make_code, read_code

letters = st.sampled_from([c for c in ALPHABET if c.isalpha()])
numbers = st.integers(0, NUMBERS - 1)
codes = st.builds(lambda letter, number: make_code(letter, number=number), letters, numbers)
places = st.integers(0, LENGTH - 1)


@pytest.mark.parametrize(
    ("letter", "number", "code"),
    [
        ("C", 0, "C00000000001"),
        ("C", 1, "C00000000013"),
        ("C", NUMBERS - 1, "CZZZZZZZZZZ5"),
        ("C", 14_451_826_462_529, "C0D4K9ZQ3T1E"),
        ("A", 32, "A0000000010Q"),
    ],
)
def test_number_can_be_read_in_code(letter, number, code):
    assert make_code(letter, number=number) == code


@given(codes)
def test_every_code_we_make_is_ours(code):
    assert is_own_code(code)


@given(letters, numbers, numbers)
def test_two_numbers_have_two_codes(letter, one, other):
    assert (make_code(letter, number=one) == make_code(letter, number=other)) == (one == other)


@given(codes)
def test_any_one_wrong_character_is_noticed(code):
    for place in range(LENGTH):
        for wrong in ALPHABET + "ILOUabc*é- ":
            if wrong != code[place]:
                assert not is_own_code(code[:place] + wrong + code[place + 1 :])


@given(codes)
def test_any_two_characters_swapped_are_noticed(code):
    for i in range(LENGTH):
        for j in range(i + 1, LENGTH):
            if code[i] != code[j]:
                swapped = code[:i] + code[j] + code[i + 1 : j] + code[i] + code[j + 1 :]
                assert not is_own_code(swapped)


@given(codes, places)
def test_missing_or_doubled_character_is_noticed(code, place):
    assert not is_own_code(code[:place] + code[place + 1 :])
    assert not is_own_code(code[:place] + code[place] + code[place:])


@pytest.mark.parametrize("text", ["", "C", "012345678905", "C" * 11, "0" * 12, "C0000000000\n", "ç0000000000C"])
def test_what_is_no_code(text):
    assert not is_own_code(text)


@given(codes)
def test_code_is_read_as_people_type_it(code):
    assert read_code(code) == code
    assert read_code(f" {code[:4].lower()}-{code[4:8]} {code[8:].lower()} ") == code
    assert read_code(code.replace("0", "o").replace("1", "l")) == code


def test_reading_no_code_gives_none():
    assert read_code("Sally Pet Owner") is None


@pytest.mark.parametrize(
    ("letter", "number"), [("c", 1), ("I", 1), ("7", 1), ("", 1), ("CC", 1), ("C", -1), ("C", NUMBERS)]
)
def test_code_that_cannot_be_made(letter, number):
    with pytest.raises(ValueError, match="A code"):
        make_code(letter, number=number)
