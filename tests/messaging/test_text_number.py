"""The number that a store texts from, given at the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from astro.__main__ import _as_named
from astro.messaging.models import TextNumber
from astro.messaging.texts.numbers import number_here, was_ever_ours
from tests.cast import inside
from tests.messaging.texting import PUBLIC

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reached(settings):
    settings.PUBLIC_URL = PUBLIC
    settings.TEXT_GATEWAY = None


def told(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("text_number", *words, stdout=out)
    return out.getvalue().splitlines()


def test_a_number_is_given_changed_and_taken_away(huxley):
    hook = f"{PUBLIC}/hooks/texts/{huxley.pk}/in/"
    assert told("huxley house", "(406) 555-0100") == [
        "Huxley House texts from (406) 555-0100.",
        f"Set in the text service, for incoming messages to this number: POST {hook}",
        "ASTRO_TEXT_URL names no text service yet: until it does, texts are kept.",
    ]
    assert told(str(huxley.pk), "+14065550100")[0] == "Huxley House texts already from (406) 555-0100."
    assert told("Huxley House", "4065550122")[0] == "Huxley House texts from (406) 555-0122."
    with inside(huxley):
        assert number_here() == "+14065550122"
    assert told("Huxley House", "off") == ["Huxley House has no number. Its texts are kept."]
    assert told("Huxley House", "off") == ["Huxley House has no number already. Its texts are kept."]
    with inside(huxley):
        assert (number_here(), was_ever_ours("+14065550100"), was_ever_ours("")) == ("", True, False)
        assert TextNumber.objects.count() == 2


def test_a_number_is_one_stores_only(huxley, otherpaws):
    told("Huxley House", "4065550100")
    with pytest.raises(CommandError, match="Another retailer texts from this number"):
        told("Other Paws", "4065550100")
    told("Huxley House", "off")
    assert told("Other Paws", "4065550100")[0] == "Other Paws texts from (406) 555-0100."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Nobody", "4065550100"), "There is no retailer Nobody"),
        (("Huxley House", "12"), "This phone number is too short"),
        (("Huxley House", "on"), "letters in it"),
    ],
)
def test_slips_are_told(huxley, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        told(*words)


def test_commands_may_be_written_with_a_hyphen():
    assert _as_named(["text-number", "other-paws", "off"]) == ["text_number", "other-paws", "off"]
    assert (_as_named(["--help"]), _as_named([])) == (["--help"], [])
