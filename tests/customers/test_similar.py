"""Names that may be one person's: a table of what is very similar and what is not, and whom the blocks let in."""

import pytest

from astro.customers.look_up import SHORTEST, search_text
from astro.customers.similar import alikeness, are_alike, blocks

Name = tuple[str, str]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Jon", "Smith"), ("John", "Smith")),
        (("Ben", "Ortiz"), ("Benny", "Ortiz")),
        (("Ben", "Ortiz"), ("Ben", "Ortis")),
        (("Zoë", "Nuñez"), ("zoe", "NUNEZ")),
        (("Katherine", "Moore"), ("Catherine", "Moore")),
        (("Sara", "Khan"), ("Sarah", "Kahn")),
        (("Ann & Bob", "Chen"), ("Bob", "Chen")),
        (("Bob", "Chen"), ("Ann and Bob", "Chen")),
        (("Ortiz", "Ben"), ("Ben", "Ortiz")),
        (("Ortiz", "Ben"), ("Ben", "Ortis")),
    ],
)
def test_very_similar_whichever_was_there_first(one: Name, other: Name) -> None:
    assert (are_alike(one, other), are_alike(other, one)) == (True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ben", "Ortiz"), ("Bea", "Ortiz")),
        (("Ben", "Ortiz"), ("Bob", "Ortiz")),
        (("Dan", "Lee"), ("Don", "Lee")),
        (("Ann", "Lee"), ("Ann", "Li")),
        (("Ben", "Ortiz"), ("Ben", "Baker")),
        (("Ann & Bob", "Chen"), ("Cy and Di", "Chen")),
        (("&", "Chen"), ("&", "Chen")),
    ],
)
def test_not_similar_enough(one: Name, other: Name) -> None:
    assert (are_alike(one, other), are_alike(other, one)) == (False, False)


def test_the_same_name_is_most_alike_and_the_right_way_round_is_likelier() -> None:
    ben = ("Ben", "Ortiz")
    assert alikeness(ben, ben) == 1.0
    assert alikeness(ben, ("Ortiz", "Ben")) < 1.0


@pytest.mark.parametrize(
    ("typed", "on_file"),
    [
        (("Jon", "Smith"), ("John", "Smith")),
        (("Ben", "Ortis"), ("Ben", "Ortiz")),
        (("Bob", "Chen"), ("Ann & Bob", "Chen")),
        (("Ann & Bob", "Chen"), ("Ann", "Chen")),
        (("Ortiz", "Ben"), ("Ben", "Ortiz")),
        (("Jo", "Li"), ("Jo", "Li")),
        (("Bo", "van der Berg"), ("Beau", "Van der Berg")),
    ],
)
def test_a_block_lets_in_who_is_alike(typed: Name, on_file: Name) -> None:
    text = search_text(first_name=on_file[0], last_name=on_file[1], phone="", email="")
    found = [all(part in text for part in one) for one in blocks(first_name=typed[0], last_name=typed[1])]
    assert any(found)


@pytest.mark.parametrize(
    "name", [("", "Ortiz"), ("Ben", ""), ("&", "Ortiz"), ("", ""), ("\x00", "\x00"), ("B", "O"), ("%", "_")]
)
def test_too_little_is_compared_with_nobody(name: Name) -> None:
    assert blocks(first_name=name[0], last_name=name[1]) == []


@pytest.mark.parametrize("name", [("Ben", "Ortiz"), ("B", "Ortiz"), ("Ben", "O"), ("יוסי", "כהן")])
def test_each_block_can_be_asked_of_the_index(name: Name) -> None:
    sets = blocks(first_name=name[0], last_name=name[1])
    assert sets
    assert all(max(map(len, fragments)) >= SHORTEST for fragments in sets)
