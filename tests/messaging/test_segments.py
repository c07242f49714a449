"""Parts of a text, with the vectors of the text services."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.punctuation import tidy
from astro.messaging.texts.segments import ALPHABET, IN_PARTS, SECOND_PAGE, Encoding, encoding_of, segments_of

pytestmark = pytest.mark.once

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
PAW = "\U0001f43e"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", GSM7, 0, 0),
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        ("€" * 80, GSM7, 160, 1),
        ("€" * 81, GSM7, 162, 2),
        ("a" * 70 + PAW, UCS2, 72, 2),
        (PAW * 35, UCS2, 70, 1),
        (PAW * 36, UCS2, 72, 2),
        ("ж" * 70, UCS2, 70, 1),
        ("ж" * 71, UCS2, 71, 2),
        ("ж" * 135, UCS2, 135, 3),
        ("^{}\\[]~|€\f", GSM7, 20, 1),
        ("Ça coûte", UCS2, 8, 1),
        ("Ñandú", UCS2, 5, 1),
        ("Ñandù à Ålesund", GSM7, 15, 1),
    ],
)
def test_vectors(text, encoding, units, parts):
    counted = segments_of(text)
    assert (counted.encoding, counted.units, counted.count) == (encoding, units, parts)


def test_the_room_is_that_of_the_parts():
    assert [segments_of("a" * many).room for many in (0, 1, 160, 161, 307)] == [160, 160, 160, 306, 459]
    assert [segments_of("ж" * many).room for many in (1, 70, 71, 135)] == [70, 70, 134, 201]


def test_an_escape_pair_does_not_straddle_two_parts():
    parts = segments_of("a" * 152 + "€" + "b" * 20).parts
    assert parts == ("a" * 152, "€" + "b" * 20)


def test_a_surrogate_pair_does_not_straddle_two_parts():
    parts = segments_of("ж" * 66 + PAW + "ш" * 20).parts
    assert parts == ("ж" * 66, PAW + "ш" * 20)


def test_marks_kept_back_by_parts_may_cost_one_more():
    """305 units would fill two parts, if a pair could be cut."""
    counted = segments_of("a" * 152 + "€" + "b" * 152)
    assert (counted.units, counted.count, counted.room) == (306, 3, 459)


def test_the_alphabet_is_whole():
    assert (len(ALPHABET), len(SECOND_PAGE), ALPHABET & SECOND_PAGE) == (127, 10, frozenset())


def units(text, encoding):
    if encoding is UCS2:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return sum(2 if character in SECOND_PAGE else 1 for character in text)


texts = st.text(st.sampled_from("ab \n€{~ж" + PAW) | st.characters(), max_size=400)


@given(texts | st.text(st.sampled_from("a€|]"), min_size=150, max_size=700))
def test_parts_join_to_the_text_and_each_fits(text):
    counted = segments_of(text)
    assert "".join(counted.parts) == text
    assert counted.units == units(text, counted.encoding)
    assert counted.units <= counted.room
    if counted.count > 1:
        assert all(0 < units(part, counted.encoding) <= IN_PARTS[counted.encoding] for part in counted.parts)
        # Nothing was left unused that the next character would have fitted into.
        for part, following in zip(counted.parts, counted.parts[1:], strict=False):
            assert units(part + following[0], counted.encoding) > IN_PARTS[counted.encoding]


def test_tidying_makes_a_text_cheap_again():
    typed = "Betty’s “free”\u00a0bag — only today… "
    assert (encoding_of(typed), tidy(typed)) == (UCS2, 'Betty\'s "free" bag - only today... ')
    assert encoding_of(tidy(typed)) is GSM7


@given(texts)
def test_tidying_twice_changes_nothing_and_keeps_letters(text):
    once = tidy(text)
    assert tidy(once) == once
    assert [one for one in once if one.isalpha()] == [one for one in text if one.isalpha() and one not in "ʼʹ"]
