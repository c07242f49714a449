"""What the till says and hears, each part by itself in a real browser: answers to visits, words, numbers, shortcuts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astro.kit.gtin import check_digit, display_gtin

pytestmark = pytest.mark.browser

WORDS = """<template id="till-words"><p data-word="added">{name} added.</p><p data-word="items-one">{count} item</p>
<p data-word="items-other">{count} items</p><i data-icon="check"><svg id="check"></svg></i></template>"""


# Sending

FINISHED = '<section id="finished">Done</section>'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"body": FINISHED}, {"outcome": "recorded", "text": "Done"}),
        ({"status": 409, "body": FINISHED}, {"outcome": "refused", "text": "Done"}),
        (
            {"status": 422, "json": {"error": {"message": "Scan an item first.", "field": "lines"}}},
            {"outcome": "unfit", "message": "Scan an item first.", "field": "lines", "status": 422},
        ),
        ({"status": 404, "body": "<h1>Not here</h1>"}, {"outcome": "unfit"}),
        (
            {"status": 413, "json": {"error": {"message": "Too large."}}},
            {"outcome": "unfit", "message": "Too large.", "status": 413},
        ),
        ({"status": 401, "json": {"error": {"message": "Sign in."}}}, {"outcome": "signed out"}),
        ({"status": 403, "body": "CSRF"}, {"outcome": "stale"}),
        ({"status": 500, "body": "Oh"}, {"outcome": "unknown"}),
        ({"status": 503, "json": {}}, {"outcome": "unknown"}),
        ({"body": "<h1>Sign in to the Wi-Fi</h1>"}, {"outcome": "unknown"}),
        ({"status": 422, "body": "{", "content_type": "application/json"}, {"outcome": "unknown"}),
        (None, {"outcome": "unknown"}),
    ],
)
def test_every_answer_to_a_visit_is_an_outcome(module_site, module_page, answer, outcome):
    page = module_page("""<body hx-headers='{"X-CSRFToken": "abc"}'>""")
    module_site.answers["/visits/"] = [answer]
    assert (
        page.evaluate(
            """async () => {
          const { sendVisit } = await import("/checkout/visits.js");
          const { fragment, ...told } = await sendVisit("/visits/", { key: "k", lines: [] });
          return fragment ? { ...told, text: fragment.querySelector("#finished").textContent } : told;
        }"""
        )
        == outcome
    )
    [request] = module_site.asked
    assert (request.headers["x-csrftoken"], request.post_data_json) == ("abc", {"key": "k", "lines": []})


def test_answer_that_led_to_the_sign_in_page_is_signed_out(module_page):
    page = module_page("""<body hx-headers='{"X-CSRFToken": "abc"}'>""")
    told = page.evaluate(
        """async finished => {
          window.fetch = async () => Object.defineProperty(new Response(finished), "redirected", { value: true });
          const { sendVisit } = await import("/checkout/visits.js");
          return sendVisit("/visits/", {});
        }""",
        FINISHED,
    )
    assert told == {"outcome": "signed out"}


# Words and numbers


def test_sentences_are_filled_and_numbers_choose_their_form(module_page):
    page = module_page(WORDS)
    assert page.evaluate(
        """async () => {
          const { Words } = await import("/checkout/words.js");
          const words = new Words(document.getElementById("till-words"));
          return [words.say("added", { name: "{name} $& <b>" }), words.say("added"), words.count("items", 1),
            words.count("items", 0), words.count("items", 12), words.icon("check").id];
        }"""
    ) == ["{name} $& <b> added.", "{name} added.", "1 item", "0 items", "12 items", "check"]


gtins = st.sampled_from([1, 7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length).map(
        lambda text: (text + check_digit(text)).zfill(14)
    )
)


@settings(max_examples=5, deadline=None)
@given(texts=st.lists(gtins, min_size=50, max_size=80))
def test_numbers_are_shown_as_python_shows_them(module_site, texts):
    module_site.answers.clear()
    page = module_site.page if module_site.page.url.startswith("http") else module_site.open("")
    shown = page.evaluate(
        """async texts => {
          const { shownCode } = await import("/checkout/lines.js");
          return texts.map((text) => shownCode(text));
        }""",
        texts,
    )
    assert shown == [display_gtin(text) for text in texts]


# Shortcuts

LISTEN = """
<input id="box"><p id="rest" tabindex="0">Rest</p><dialog id="dialog"><p>Keys</p></dialog>
<script type="module">
  import { listenForKeys } from "/checkout/keys.js";
  window.did = [];
  const names = ["/", "?", "F2", "F9", "Ctrl+Enter", "Escape"];
  const acts = Object.fromEntries(names.map((name) => [name, () => window.did.push(name)]));
  window.stop = listenForKeys(document, acts);
  window.isReady = true;
</script>
"""


@pytest.fixture
def keys(module_page):
    page = module_page(LISTEN)
    page.wait_for_function("window.isReady")
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.focus("#rest")
    return page


def did(page):
    return page.evaluate("window.did")


@pytest.mark.parametrize("key", ["F2", "F9", "Control+Enter", "Escape"])
def test_named_keys_act_at_once_even_in_a_field(keys, key):
    keys.focus("#box")
    keys.keyboard.press(key)
    assert did(keys) == [key.replace("Control", "Ctrl")]


@pytest.mark.parametrize("key", ["/", "?"])
def test_character_acts_after_silence(keys, key):
    keys.keyboard.press(key)
    assert did(keys) == []
    keys.clock.run_for(119)
    assert did(keys) == []
    keys.clock.run_for(1)
    assert did(keys) == [key]


def test_character_of_a_scan_does_not_act(keys):
    keys.keyboard.type("/a")
    keys.clock.run_for(500)
    assert did(keys) == []


def test_character_right_after_another_does_not_act(keys):
    """As a scanner's would come, in one breath; the page's own keyboard cannot type so fast for certain."""
    keys.evaluate(
        """() => {
          for (const key of ["a", "/"]) {
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          }
        }"""
    )
    keys.clock.run_for(500)
    assert did(keys) == []


def test_character_in_a_field_is_text(keys):
    keys.focus("#box")
    keys.keyboard.press("/")
    keys.clock.run_for(500)
    assert (did(keys), keys.input_value("#box")) == ([], "/")


def test_characters_can_be_turned_off_and_named_keys_stay(keys):
    keys.evaluate("document.body.dataset.keys = 'off'")
    keys.keyboard.press("/")
    keys.clock.run_for(500)
    keys.keyboard.press("F9")
    assert did(keys) == ["F9"]


def test_open_dialog_has_the_keys(keys):
    keys.evaluate("document.querySelector('#dialog').showModal()")
    keys.keyboard.press("F2")
    keys.keyboard.press("Escape")
    assert did(keys) == []
    assert not keys.evaluate("document.querySelector('#dialog').open")


def test_stopped_listener_hears_nothing(keys):
    keys.keyboard.press("/")
    keys.evaluate("window.stop()")
    keys.clock.run_for(500)
    keys.keyboard.press("F9")
    assert did(keys) == []
