"""What texts say: all that the law and the carriers ask, in few parts."""

import pytest
from django.template.loader import render_to_string

from astro.customers.consent.wordings import opt_in_text
from astro.messaging.texts import words
from astro.messaging.texts.segments import Encoding, segments_of
from astro.tenancy.stores import Store

pytestmark = pytest.mark.once

TERMS = "https://cards.example.com/m/terms/382932815238847553/"
MIDTOWN = Store("Midtown Pet Supply", ("12 Main Street", "Helena, MT 59601"), "+14065550177", "hello@midtown.example")

ASKED_OF_A_REQUEST = {
    "who asks": "Midtown Pet Supply",
    "how to say yes": "Reply YES",
    "what will come": "offers & news",
    "that it is automated": "recurring automated texts",
    "to which number": "this number",
    "how often": "up to 4 msgs/month",
    "no condition": "Not a condition of purchase",
    "what it costs": "Msg & data rates may apply",
    "help": "Reply HELP for help",
    "the way out": "STOP to cancel",
    "terms and privacy": f"Terms & privacy: {TERMS}",
}


@pytest.mark.parametrize("what", ASKED_OF_A_REQUEST)
def test_the_request_says_all_that_ctia_and_tcpa_ask(what):
    assert ASKED_OF_A_REQUEST[what] in opt_in_text(MIDTOWN, terms_url=TERMS)


@pytest.mark.parametrize(
    "what", ["who asks", "what will come", "how often", "what it costs", "help", "the way out", "terms and privacy"]
)
def test_the_confirmation_repeats_it(what):
    assert ASKED_OF_A_REQUEST[what] in words.subscribed(MIDTOWN, terms_url=TERMS)


def test_the_answer_to_help_says_who_we_are_how_to_reach_us_and_how_to_stop():
    told = words.help_answer(MIDTOWN, terms_url=TERMS)
    assert told.startswith("Midtown Pet Supply: ")
    assert "Questions? Call (406) 555-0177." in told
    assert "Reply STOP to cancel" in told
    assert "hello@midtown.example" in words.help_answer(Store("M", (), "", MIDTOWN.email), terms_url=TERMS)
    assert "Ask us in the store" in words.help_answer(Store("M", (), "", ""), terms_url=TERMS)


def test_nothing_is_offered_to_who_stopped():
    assert words.stopped(MIDTOWN) == (
        "Midtown Pet Supply: You are opted out and get no more texts from us. Reply START to opt in again."
    )


def test_each_fits_two_parts_with_a_long_name_full_of_smart_marks():
    store = Store("Betty’s – “Best” Friends\u00a0Forever Pets Co", (), "+14065550177", "")
    texts = [
        opt_in_text(store, terms_url=TERMS),
        words.subscribed(store, terms_url=TERMS),
        words.help_answer(store, terms_url=TERMS),
        words.stopped(store),
    ]
    counted = [segments_of(text) for text in texts]
    assert [(one.encoding, one.count) for one in counted] == [(Encoding.GSM7, 2)] * 3 + [(Encoding.GSM7, 1)]


def test_a_page_says_what_a_text_costs():
    def told(text):
        return " ".join(render_to_string("messaging/texts/parts.html", {"text": text}).split())

    assert "132/160, 1 part<" in told("a" * 132)
    assert "205/306, 2 parts<" in told("a" * 205)
    assert "71/134, 2 parts<" in told("ж" * 71)
