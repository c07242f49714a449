"""What one row says: in every style in which people type, and given back where it could be read wrongly."""

from datetime import date

import pytest

from astro.customers.models import Act
from astro.importer.dates import When, read_when
from astro.importer.meanings import LABELS, folded, guess, offered
from astro.importer.rows import BadRow, Manner, OldCard, read_row

TODAY = date(2026, 11, 20)


def manner(*meanings, **kwargs):
    return Manner(meanings=meanings, **{"country": "US", "today": TODAY, "upload": "1", **kwargs})


def read(told, **kwargs):
    return read_row(list(told.values()), manner(*told, **kwargs))


def wrong(told, **kwargs):
    with pytest.raises(BadRow) as caught:
        read(told, **kwargs)
    return caught.value.sentences


NAME = {"first_name": "Ann", "last_name": "Smith"}


@pytest.mark.parametrize(
    "typed",
    [
        "(406) 555-2142",
        "406-555-2142",
        "406.555.2142",
        "4065552142",
        "14065552142",
        "+1 406 555 2142",
        "1-406-555-2142",
        "406 555 2142 (cell)",
        "406/555-2142 mobile",
        "'+14065552142",
        "\u00a0406 555\u20112142 ",
    ],
)
def test_phones_in_every_style(typed):
    assert read({**NAME, "phone": typed}).person.details.phone == "+14065552142"


@pytest.mark.parametrize(
    ("meaning", "typed", "told"),
    [
        ("phone", "4.06555E+09", "shortened this number to 4.06555E+09"),
        ("phone", "4,06555E+09", "shortened"),
        ("internal_id", "1.2E+11", "shortened"),
        ("card1_item", "8.5E+11", "shortened"),
        ("phone", "65552142", "Mobile phone:"),
        ("phone", "555-2142", "too short"),
        ("phone", "406-555-2142 ext 5", "letters"),
        ("phone", "0000000000", "no such phone number"),
        ("email", "ann@", "whole e-mail address"),
        ("email", "ann@example.com\r\nBcc: x@example.com", "whole e-mail address"),
        ("first_name", "x" * 1_000, "at most 100 characters|can have 100 characters"),
        ("last_name", "Smi\u202eth", "invisible control character"),
        ("first_name", "#N/A", "formula failed"),
        ("tags", "x" * 41, "40 characters"),
        ("text_yes", "perhaps", "Write yes, no"),
        ("text_yes", "2031-01-01", "Write yes, no"),
        ("pet1_birthday", "31/31/2020", "no day that we can read"),
        ("pet1_birthday", "2030-01-01", "Pet 1: birthday"),
        ("note", "x" * 1_001, "1,000 characters"),
    ],
)
def test_what_could_be_read_wrongly_is_given_back(meaning, typed, told):
    sentences = " ".join(wrong({**NAME, meaning: typed}))
    assert any(one in sentences for one in told.split("|"))
    assert str(LABELS[meaning]) in sentences


def test_everything_wrong_in_a_row_is_said_at_once():
    sentences = wrong({"first_name": "Ann", "last_name": "Smith", "phone": "12", "email": "ann@", "text_yes": "hm"})
    assert [one.partition(":")[0] for one in sentences] == ["Mobile phone", "E-mail", "Wants texts (yes, no)"]


@pytest.mark.parametrize(
    ("full", "last_first", "names"),
    [
        ("Smith, Betty", False, ("Betty", "Smith")),
        ("Smith, Betty", True, ("Betty", "Smith")),
        ("O'Brien,Pat & Sam", False, ("Pat & Sam", "O'Brien")),
        ("Betty Ann Smith", False, ("Betty Ann", "Smith")),
        ("Smith Betty Ann", True, ("Betty Ann", "Smith")),
    ],
)
def test_full_names(full, last_first, names):
    details = read({"full_name": full}, last_first=last_first).person.details
    assert (details.first_name, details.last_name) == names


def test_one_word_is_no_full_name():
    assert "first and a last name" in wrong({"full_name": "Cher"})[0]


def test_a_formula_is_text():
    details = read({"first_name": '=HYPERLINK("http://x")', "last_name": "+Smith"}).person.details
    assert (details.first_name, details.last_name) == ('=HYPERLINK("http://x")', "+Smith")


def test_our_own_guard_comes_off_again():
    assert read({"first_name": "'=Ann", "last_name": "'Smith"}).person.details.first_name == "=Ann"


def test_a_zip_code_gets_its_zero_back_and_half_an_address_is_left_out():
    home = read({**NAME, "street": "22 Elm", "city": "Boston", "region": "MA", "postcode": "2134"}).person.home
    assert home is not None
    assert home.postcode == "02134"
    assert "ZIP code has 5 digits" in wrong({**NAME, "street": "1 Main", "city": "Boston", "postcode": "5990x"})[0]
    reading = read({**NAME, "city": "Boston", "postcode": "02134"})
    assert (reading.person.home, reading.left_out) == (None, ("address",))


@pytest.mark.parametrize(
    ("kind", "kept", "breed"),
    [
        ("Dog", "dog", ""),
        ("K9", "dog", ""),
        ("Feline", "cat", ""),
        ("Guinea pig", "small", ""),
        ("Turtle", "reptile", ""),
        ("Alpaca", "other", "Alpaca"),
        ("other", "other", ""),
    ],
)
def test_pets_of_every_kind(kind, kept, breed):
    (pet,) = read({**NAME, "pet1_name": "Rex", "pet1_kind": kind, "pet1_age": "4 yrs"}).person.pets
    assert (pet.kind, pet.breed, pet.born_year, pet.is_age_told) == (kept, breed, 2022, True)


@pytest.mark.parametrize(
    ("typed", "day_first", "when"),
    [
        ("2021-05-03", False, When(2021, 5, 3)),
        ("2021-05-03 00:00", False, When(2021, 5, 3)),
        ("5/3/2021", False, When(2021, 5, 3)),
        ("5/3/2021", True, When(2021, 3, 5)),
        ("25/3/21", False, When(2021, 3, 25)),
        ("3.25.98", False, When(1998, 3, 25)),
        ("May 3, 2021", False, When(2021, 5, 3)),
        ("3 May 2021", False, When(2021, 5, 3)),
        ("3-May-2021", False, When(2021, 5, 3)),
        ("May 2021", False, When(2021, 5)),
        ("september", False, When(None, 9)),
        ("5/2021", False, When(2021, 5)),
        ("2021", False, When(2021)),
        ("31/31/2020", False, None),
        ("2021-02-30", False, None),
        ("soon", False, None),
        ("44319", False, None),
    ],
)
def test_days_as_people_write_them(typed, day_first, when):
    assert read_when(typed, day_first=day_first, today=TODAY) == when


def test_a_yes_counts_only_with_a_proof_and_a_no_always():
    told = {**NAME, "text_yes": "yes", "email_yes": "no"}
    reading = read(told)
    assert ({channel: word.act for channel, word in reading.person.words.items()}, reading.left_out) == (
        {"email": Act.STOP},
        ("yes",),
    )
    words = read(told, proof="sheets in the blue folder").person.words
    assert words["text"].act == Act.YES
    assert words["text"].evidence == {
        "upload": "1",
        "column": "Wants texts (yes, no)",
        "value": "yes",
        "proof": "sheets in the blue folder",
    }
    assert read({**NAME, "email_yes": "3/18/2024"}, proof="sheets").person.words["email"].act == Act.YES


def test_old_cards_have_a_day_for_all_or_one_for_each():
    told = {**NAME, "card1_item": "Dry Dog", "card1_count": "3", "card1_dates": "2026-05-03", "card1_note": "blue card"}
    assert read(told).cards == (OldCard("Dry Dog", ((date(2026, 5, 3), 3),), "blue card"),)
    told["card1_dates"] = "2026-05-03; 2026-05-03; 2026-06-01"
    assert read(told).cards[0].days == ((date(2026, 5, 3), 2), (date(2026, 6, 1), 1))
    for dates in ("2026-05-03; 2026-06-01", "", "2027-01-01", "2026"):
        assert "Card 1: dates bought" in wrong({**told, "card1_dates": dates})[0]
    assert read({**told, "card1_count": "0"}).cards == ()
    assert "from 1 to 99" in wrong({**told, "card1_count": "many"})[0]


def test_columns_are_matched_by_name_each_meaning_once():
    headings = ["Home Phone", "Cell Phone", "E-Mail Address", "Customer #", "Client ID", "Nickname", "Pet 2 Name"]
    told = guess(headings, remembered={}, offered=offered(has_internal_id=True))
    assert told == ["", "phone", "email", "internal_id", "", "", "pet2_name"]
    assert guess(["Customer #"], remembered={}, offered=offered(has_internal_id=False)) == [""]


def test_what_was_chosen_once_wins_over_the_name():
    remembered = {folded("Nickname"): "first_name", folded("First name"): ""}
    told = guess(["First name", "Nickname"], remembered=remembered, offered=offered(has_internal_id=False))
    assert told == ["", "first_name"]


def test_every_label_of_ours_is_known_as_a_heading():
    labels = {key: str(label) for key, label in LABELS.items()}
    told = guess(list(labels.values()), remembered={}, offered=offered(has_internal_id=True))
    assert told == list(labels)
