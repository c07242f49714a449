"""What typed text asks for, in plain Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.customers.look_up import Question, ask, search_text, sort_name

ZOE = search_text(first_name="Zoë", last_name="O’Brien-Smith", phone="+14065550142", email="Zoe.77@Example.com")


def test_the_stored_text_has_its_shape() -> None:
    assert ZOE == " zoe o'brien-smith \n14065550142\nzoe.77@example.com\n"


def test_nothing_is_stored_for_what_is_not_there() -> None:
    assert search_text(first_name="Ann", last_name="Lee", phone="", email="") == " ann lee \n"


def test_a_number_that_is_dialled_otherwise_at_home_is_stored_both_ways() -> None:
    stored = search_text(first_name="Ann", last_name="Lee", phone="+442079460123", email="")
    assert stored == " ann lee \n442079460123\n02079460123\n"


@pytest.mark.parametrize(
    "text",
    [
        "zo", "ZO", "zoë", "Zoe", "o'b", "O’Brien", "smith", "ien-s", "zoe smith", "smith zo", "z smith",
        "0142", "555", "406 555 0142", "(406) 555-0142", "+1 (406) 555-0142", "1-406-555-0142", "406.555.0142",
        "zoe 555-0142", "555 0142 zoe", "+1 406 555 0142 zoe", "zoe.77", "77@exa", "EXAMPLE.COM", " zoe \t ", "zoe -",
    ],
)  # fmt: skip
def test_finds(text: str) -> None:
    question = ask(text)
    assert question is not None
    assert question.is_answered_by(ZOE)


@pytest.mark.parametrize(
    "text", ["oe", "br", "zoe ortiz", "zoe x", "4065550143", "%zoe", "z_e", "zoe%", '"zoe"', "'; --"]
)
def test_does_not_find(text: str) -> None:
    question = ask(text)
    assert question is not None
    assert not question.is_answered_by(ZOE)


@pytest.mark.parametrize(
    "text",
    ["", " ", "z", "%", "z o", "-", "( )", "\u200b\u200b\u200b", "\x00", pytest.param("x" * 501, id="long")],
)
def test_asks_for_nothing(text: str) -> None:
    assert ask(text) is None


def test_two_digits_are_too_few_for_a_phone_number() -> None:
    assert ask("42") == Question(tiers=((" 42",),))


def test_three_digits_may_be_anywhere() -> None:
    assert ask("142") == Question(tiers=((" 142",), ("142",)))


def test_neighbouring_words_of_digits_are_one_number() -> None:
    assert ask("ortiz +1 (406) 555-0142 b") == Question(
        tiers=(
            ("ortiz", "14065550142\n", " b"),
            (" ortiz", " 14065550142", " b"),
            ("ortiz", "14065550142", " b"),
        )
    )


def test_the_thirteenth_word_is_not_asked() -> None:
    question = ask(" ".join(f"word{letter}" for letter in "abcdefghijklmnop"))
    assert question is not None
    assert [len(tier) for tier in question.tiers] == [12, 12]


@pytest.mark.parametrize(
    ("text", "best_first"),
    [
        ("0142", ["\n14065550142\n", " ben 0142 \n", "\n14060142555\n"]),
        ("smi", [" ann smith \n", " ann o'smith \n"]),
        ("an smi", [" ann smith \n", None]),
        ("ann mit", [None, " ann smith \n"]),
    ],
)
def test_ranks(text: str, best_first: list[str | None]) -> None:
    question = ask(text)
    assert question is not None
    ranks = {stored: question.rank(stored) for stored in best_first if stored}
    assert ranks == {stored: rank for rank, stored in enumerate(best_first) if stored}


@given(st.text(max_size=600))
def test_any_text_is_read_and_asks_for_something_an_index_can_find(text: str) -> None:
    question = ask(text)
    assert question is None or all(max(map(len, tier)) >= 3 for tier in question.tiers)


@given(first=st.text(min_size=1, max_size=20), last=st.text(min_size=1, max_size=20))
def test_a_name_finds_itself(first: str, last: str) -> None:
    question = ask(f"{first} {last}")
    stored = search_text(first_name=first, last_name=last, phone="", email="")
    assert (
        question is None or question.is_answered_by(stored) or any(character.isdecimal() for character in first + last)
    )


def test_sorted_by_last_name_without_accents() -> None:
    assert sort_name(first_name="Zoë", last_name="Ångström", length=120) == "angstrom zoe"
    assert sort_name(first_name="b" * 100, last_name="a" * 100, length=120) == "a" * 100 + " " + "b" * 19
