"""What may be a password: long enough, and nothing that anybody would try early. Each refusal says why."""

from __future__ import annotations

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from astro.kit.passwords.common import is_common
from astro.kit.passwords.fields import NewPasswordField
from astro.kit.passwords.policy import (
    COMMON,
    IN_A_ROW,
    KNOWN,
    LONGEST,
    REPEATED,
    TOO_LONG,
    TOO_SHORT,
    insist_on_good,
    normalized,
)

pytestmark = pytest.mark.once

FACTS = ["Olive Owner", "owner@huxleyhouse.example", "Huxley House"]


def said_of(password: str, *, least: int = 15) -> object:
    """What is said against it, as it stands in the code; None if nothing is."""
    try:
        insist_on_good(password, least=least, facts=FACTS)
    except ValidationError as refusal:
        return refusal.message if [len(refusal.messages), "%(" in refusal.messages[0]] == [1, False] else refusal
    return None


@pytest.mark.parametrize(
    "password",
    [
        "practice makes paws",
        "nine quiet otters swim",
        "               ten spaces before",
        "correct horse battery staple",
        "vmqpzlrkwtyaxcn",
        "849302715648392",  # digits alone may be one: nothing is said about kinds of characters
        "kein umlaut wäre schöner",
        "ผมชอบแมวมากที่สุดเลยครับ",
        "🐶🐱🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵",
        "the huxley dog barks at noon",  # a known word in a long one is no reason
        "a quiet walk " * 3 + "by the river with the dogs of the whole town",
        "a longer walk up the hill than anybody took " * 22,  # 968 characters, taken whole
    ],
)
def test_a_good_one_passes(password: str) -> None:
    assert said_of(password) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", TOO_SHORT),
        ("", TOO_SHORT),
        ("x1" * 500 + "y", TOO_LONG),
        ("passwordpassword", REPEATED),
        ("Passw0rd Passw0rd", COMMON),
        ("aaaaaaaaaaaaaaa", REPEATED),
        ("!!!!!!!!!!!!!!!!", REPEATED),
        ("abababababababab", REPEATED),
        ("otterotterotter12", REPEATED),
        ("qwertyuiopasdfgh", COMMON),
        ("123456789012345", COMMON),
        ("1qaz2wsx3edc4rfv", COMMON),
        ("manchesterunited", COMMON),
        ("m@nchesterunited", COMMON),
        ("Manchester United 2026", COMMON),
        ("monkey dragon 1234", COMMON),
        ("zyxwvutsrqponmlk", IN_A_ROW),
        ("abcdefgh12345678", IN_A_ROW),
        ("poiuytrewq98765", IN_A_ROW),
        ("astro loyalty 2026", KNOWN),
        ("Astro Loyalty Astro", KNOWN),
        ("my password 12345", COMMON),
        ("huxleyhouse 2026!", KNOWN),
        ("owner@huxleyhouse.example", KNOWN),
        ("Olive Owner Olive", KNOWN),
        ("renwo evilo 12345", KNOWN),
    ],
)
def test_what_anybody_would_try_is_refused_with_its_reason(password: str, why: object) -> None:
    assert said_of(password) == why


def test_the_sentence_names_the_word_that_is_known() -> None:
    with pytest.raises(ValidationError) as refusal:
        insist_on_good("huxleyhouse 2026!", least=15, facts=FACTS)
    (sentence,) = refusal.value.messages
    assert "“huxleyhouse”" in sentence


def test_length_counts_characters_as_they_are_kept() -> None:
    """An é of two code points is one character; a longer one is refused and never cut."""
    assert said_of("é" * 5 + "bcdfghjkl") == TOO_SHORT
    decomposed = unicodedata.normalize("NFD", "é") * 5 + "bcdfghjkl"
    assert len(decomposed) == 19
    assert said_of(decomposed) == TOO_SHORT
    assert said_of("otter river " * 83 + "abcd") is None  # exactly LONGEST
    assert len("otter river " * 83 + "abcd") == LONGEST
    assert said_of("otter river " * 83 + "abcde") == TOO_LONG


def test_a_shorter_least_is_taken_by_the_same_rules() -> None:
    assert said_of("otter bay 7", least=10) is None
    assert said_of("password123", least=10) == COMMON
    assert said_of("sunshine1", least=8) == COMMON


def test_the_list_is_there_in_whole() -> None:
    known = ["123456", "password", "qwertyuiop12345", "trustno1", "iloveyou"]
    assert [is_common(one) for one in [*known, "", "nine quiet otters"]] == [True] * 5 + [False] * 2


def test_the_field_keeps_every_character_and_cuts_nothing() -> None:
    field = NewPasswordField(least=15)
    assert field.clean("  otter river bay ") == "  otter river bay "
    assert field.clean(unicodedata.normalize("NFD", "crème brûlée otter")) == "crème brûlée otter"
    attrs = field.widget_attrs(field.widget)
    assert "maxlength" not in attrs
    assert "minlength" not in attrs
    assert "At least 15 characters" in str(field.help_text)
    with pytest.raises(ValidationError, match="Type a password"):
        field.clean("")


def test_normalizing_is_nfc_and_keeps_looks() -> None:
    assert normalized(unicodedata.normalize("NFD", "é ﬁ")) == "é ﬁ"
