"""Every spelling of a keyword, and nothing that only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.messaging import models
from astro.messaging.texts.keywords import HELPS, STARTS, STOPS, Meaning, understand

pytestmark = pytest.mark.once

OUT = [
    "STOP",
    "STOPALL",
    "STOP ALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT-OUT",
    "OPT OUT",
    "REMOVE",
    "ARRET",
    "ARRÊT",
]


def spellings(word):
    yield from (word, word.lower(), word.title(), f"  {word}\n", f"{word}.", f"{word}!!!", f'"{word}"', f"“{word}”")
    yield from (f"‘{word.lower()}’", f"({word})", f"{word} \U0001f6d1", "\u200b" + word + "\ufeff", f"*{word}*")
    yield "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in word)
    yield word.replace(" ", "\u00a0")
    yield word.replace(" ", "  ")


@pytest.mark.parametrize("word", OUT)
def test_every_spelling_of_stop_stops_at_any_time(word):
    assert {understand(text, was_asked=asked) for text in spellings(word) for asked in (True, False)} == {Meaning.STOP}


@pytest.mark.parametrize("word", ["START", "UNSTOP", "Stárt"])
def test_start_is_the_persons_own_word_at_any_time(word):
    assert {understand(text, was_asked=asked) for text in spellings(word) for asked in (True, False)} == {Meaning.START}


def test_yes_is_an_answer_only_where_something_was_asked():
    assert {understand(text, was_asked=True) for text in spellings("YES")} == {Meaning.START}
    assert {understand(text, was_asked=False) for text in spellings("YES")} == {Meaning.UNKNOWN}


@pytest.mark.parametrize("word", ["HELP", "INFO"])
def test_help(word):
    assert {understand(text, was_asked=False) for text in spellings(word)} == {Meaning.HELP}


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "?", "Stop texting me", "please stop", "no more", "STOPP", "S T O P", "stop it", "y", "yes please",
        "YES STOP", "helpful", "ST0P", "СТОП", "unsub", "Do you have Northpaw Gold?", "stop" + " " * 200 + "!",
        "help\u0338" * 400, "\x00", "\ud83d",
    ],
)  # fmt: skip
def test_everything_else_waits_for_a_person(text):
    assert understand(text, was_asked=True) is Meaning.UNKNOWN


noise = st.text(st.sampled_from(" \t\n.,!?\"'“”‘’«»()*-–—_~\u00a0\u200b\ufeff\U0001f6d1"), max_size=20)


@given(noise, st.sampled_from(sorted(STOPS | STARTS | HELPS)), noise, st.booleans(), st.randoms())
def test_what_stands_around_a_keyword_changes_nothing(before, word, after, asked, random):
    typed = "".join(random.choice((one.upper(), one.lower())) for one in word)
    assert understand(before + typed + after, was_asked=asked) is understand(word, was_asked=asked)


@given(st.text(max_size=200), st.booleans())
def test_any_text_has_one_meaning(text, asked):
    assert understand(text, was_asked=asked) in Meaning


def test_meanings_are_those_of_the_rows():
    assert [one.value for one in Meaning] == models.Meaning.values
