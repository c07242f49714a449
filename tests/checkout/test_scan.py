"""The scan catcher in a real browser, with real keys.

Keys are pressed through Chromium, so they write into fields, press buttons and move the focus as at a till; what time
it is comes from the test, key by key, and the silence after a scan passes when the test says so. A few cases at the end
type in real time.
"""

from itertools import pairwise

import pytest

from tests.browser import patiently

pytestmark = pytest.mark.browser

UPC = "012345678905"
EAN = "4006381333931"
CARD = "C0D4K9ZQ3T1E"
WRONG = "012345678906"

PAGE = """
<form id="form">
  <input id="box" value="sally"> <input id="number" type="number"> <textarea id="note">a note</textarea>
  <select id="brand"><option>Fernwell<option selected>Northpaw<option>0 to 9<option>Camden</select>
  <input id="tick" type="checkbox">
  <button id="button">Check out</button>
</form>
<dialog id="dialog"><input id="inside"><button id="close" type="button">Close</button></dialog>
<script type="module">
  import { catchScans } from "/checkout/scan.js";
  window.scans = []; window.times = []; window.silences = []; window.did = [];
  const note = (what) => () => window.did.push(what);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.did.push("heard Enter");
  });
  document.querySelector("#form").addEventListener("submit", (event) => {
    event.preventDefault();
    window.did.push("sent");
  });
  for (const id of ["button", "close", "tick"]) {
    document.querySelector("#" + id).addEventListener("click", note("pressed " + id));
  }
  window.start = (options = {
    now: () => window.times.shift(),
    wait: (act) => {
      window.silences.push(act);
      return () => window.silences.splice(window.silences.indexOf(act), 1);
    },
  }) => {
    window.stop = catchScans(document, { onScan: (scan) => window.scans.push(scan), ...options });
  };
</script>
"""


class Till:
    """A page with the catcher on it, and a clock that the test moves."""

    def __init__(self, page):
        self.page = page
        self.time = 1000
        page.wait_for_function("Boolean(window.start)")
        page.evaluate("window.start()")

    def press(self, key, *, after=0):
        self.time += after
        self.page.evaluate("time => { window.times = [time] }", self.time)
        self.page.keyboard.press(key)

    def burst(self, text, *, gap=10, end="Enter"):
        """Characters `gap` ms apart (a number, or one for each gap), then the end key; half a second since the last."""
        gaps = [gap] * len(text) if isinstance(gap, int) else gap
        for place, character in enumerate(text):
            self.press(character, after=gaps[place - 1] if place else 500)
        if end:
            self.press(end, after=gaps[len(text) - 1] if len(gaps) >= len(text) else 10)

    def silence(self):
        """120 ms pass without a key."""
        self.time += 120
        self.page.evaluate("() => { for (const act of [...window.silences]) act() }")

    @property
    def texts(self):
        return [scan["text"] for scan in self.page.evaluate("window.scans")]

    @property
    def did(self):
        return self.page.evaluate("window.did")

    def value(self, field):
        return self.page.eval_on_selector(field, "field => field.value")

    @property
    def focus(self):
        return self.page.evaluate("document.activeElement.id")


@pytest.fixture
def till(module_page):
    return Till(module_page(PAGE))


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (UPC, 1),
        (UPC, 50),
        (UPC, 51),
        (UPC, 100),
        (EAN, 100),
        (CARD, 5),
        (CARD, 100),
        ("40170725", 90),
        ("00012345678905", 100),
        ("abc123", 10),
        ("OLD-CARD 17", 50),
        (WRONG, 50),
        ("https://id.gs1.org/01/09506000134352/10/LOT7", 40),
        (UPC, [100, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, 100]),
    ],
)
def test_is_a_scan(till, text, gap):
    till.burst(text, gap=gap)
    assert till.texts == [text]


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("abc12", 1),
        ("abc123", 51),
        ("sally pet owner", 60),
        ("sally pet owner", 75),
        ("sally pet owner", 90),
        ("4065550142", 60),
        (WRONG, 51),
        (UPC, 101),
        (UPC, [10, 10, 10, 10, 10, 10, 10, 101, 10, 10, 10, 10]),
        (UPC, [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 101]),
        ("C0D4K9ZQ3T1F", 60),
        ("https://id.gs1.org/01/09506000134352/10/LOT7", 51),
    ],
)
def test_is_a_person(till, text, gap):
    till.burst(text, gap=gap)
    till.silence()
    assert till.texts == []
    assert till.did == ["heard Enter"]


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_either_end_key_ends_a_scan(till, end):
    till.burst(UPC, end=end)
    assert till.texts == [UPC]


@pytest.mark.parametrize(
    ("text", "gap", "texts"),
    [
        (UPC, 10, [UPC]),
        (EAN, 50, [EAN]),
        (CARD, 10, [CARD]),
        (UPC, 51, []),
        (WRONG, 10, []),
        ("northpaw", 10, []),
    ],
)
def test_scanner_without_end_key_is_known_by_silence(till, text, gap, texts):
    till.burst(text, gap=gap, end=None)
    assert till.texts == []
    till.silence()
    assert till.texts == texts


def test_silence_is_counted_from_the_last_character(till):
    till.burst(EAN[:12], end=None)
    assert till.page.evaluate("window.silences.length") == 1
    till.press(EAN[12], after=10)
    assert till.page.evaluate("window.silences.length") == 1
    till.silence()
    assert till.texts == [EAN]


def test_end_key_later_than_the_silence_is_swallowed_too(till):
    till.page.focus("#button")
    till.burst(UPC, end=None)
    till.silence()
    till.press("Enter", after=60)
    assert (till.texts, till.did) == ([UPC], [])


def test_end_key_that_comes_before_the_page_noticed_the_silence(till):
    till.page.focus("#button")
    till.burst(UPC, end=None)
    till.press("Enter", after=125)
    till.silence()
    assert (till.texts, till.did) == ([UPC], [])


@pytest.mark.parametrize("end", ["Enter", "Tab"])
@pytest.mark.parametrize("focus", ["#box", "#number", "#note", "#brand", "#tick", "#button"])
def test_scan_leaves_no_trace_where_the_focus_is(till, focus, end):
    till.page.focus(focus)
    before = till.page.evaluate("[...form.elements].map((field) => [field.value, field.checked])")
    till.burst("C 0 4 1 9 F", gap=40, end=end)
    till.press("Enter", after=30)
    assert till.texts == ["C 0 4 1 9 F"]
    assert till.page.evaluate("[...form.elements].map((field) => [field.value, field.checked])") == before
    assert till.focus == focus[1:]
    assert till.did == []


def test_slow_scan_does_not_press_check_out(till):
    till.page.focus("#button")
    till.burst(UPC, gap=100)
    assert (till.texts, till.did) == ([UPC], [])


def test_scan_into_a_dialog(till):
    till.page.evaluate("dialog.showModal()")
    till.page.focus("#inside")
    till.burst(UPC)
    assert (till.texts, till.value("#inside"), till.focus) == ([UPC], "", "inside")
    till.page.focus("#close")
    till.burst(EAN, end="Tab")
    assert (till.texts, till.did, till.focus) == ([UPC, EAN], [], "close")


def test_field_gets_back_its_selection(till):
    till.page.eval_on_selector("#box", "box => { box.focus(); box.setSelectionRange(1, 4, 'backward') }")
    till.burst(UPC)
    assert till.page.eval_on_selector(
        "#box", "box => [box.value, box.selectionStart, box.selectionEnd, box.selectionDirection]"
    ) == ["sally", 1, 4, "backward"]


def test_field_says_that_it_changed_back(till):
    till.page.eval_on_selector("#box", "box => box.addEventListener('input', () => window.did.push(box.value.length))")
    till.page.focus("#box")
    till.burst("012345678905")
    assert till.did == [*range(6, 18), 5]


def test_letters_typed_before_a_scan_stay(till):
    till.page.focus("#note")
    till.press("End", after=500)
    till.burst(" on", gap=80, end=None)
    till.burst(UPC)
    assert (till.texts, till.value("#note")) == ([UPC], "a note on")


def test_scanner_that_sends_cr_and_lf(till):
    till.page.focus("#button")
    till.burst(UPC)
    till.press("Enter", after=5)
    till.burst(EAN)
    till.press("Control+j", after=5)
    assert (till.texts, till.did) == ([UPC, EAN], [])


@pytest.mark.parametrize(("after", "did"), [(249, []), (250, ["heard Enter", "pressed button", "sent"])])
def test_end_key_is_swallowed_for_a_quarter_of_a_second(till, after, did):
    till.page.focus("#button")
    till.burst(UPC)
    till.press("Enter", after=after)
    assert till.did == did


@pytest.mark.parametrize(("pause", "count"), [(100, 1), (129, 1), (130, 2), (380, 2)])
def test_same_code_within_a_quarter_of_a_second_is_one_scan(till, pause, count):
    till.burst(UPC)
    for place, character in enumerate(UPC):
        till.press(character, after=10 if place else pause)
    till.press("Enter", after=10)
    assert till.texts == [UPC] * count


def test_same_product_in_another_form_is_the_same_code(till):
    till.burst(UPC, gap=1)
    till.press("0", after=100)
    for character in UPC:
        till.press(character, after=1)
    till.press("Enter", after=1)
    assert till.texts == [UPC]


def test_another_code_at_once_is_another_scan(till):
    till.burst(UPC, gap=1)
    till.press("4", after=110)
    for character in EAN[1:]:
        till.press(character, after=1)
    till.press("Enter", after=1)
    assert till.texts == [UPC, EAN]


def test_twelve_bags_half_a_second_apart(till):
    for _ in range(12):
        till.burst(UPC, gap=8)
    assert till.texts == [UPC] * 12


@pytest.mark.parametrize("key", ["Backspace", "ArrowLeft", "Escape", "Delete", "F9"])
def test_key_that_no_scanner_sends_ends_the_burst(till, key):
    till.burst("01234567", end=None)
    till.press(key, after=10)
    for character in "8905":
        till.press(character, after=10)
    till.press("Enter", after=10)
    assert till.texts == []


def test_capitals_with_shift_are_characters(till):
    till.burst("]", end=None)
    for character in "C10109506000134352":
        till.press(f"Shift+{character}" if character.isalpha() else character, after=10)
    till.press("Enter", after=10)
    assert till.page.evaluate("window.scans") == [
        {"text": "]C10109506000134352", "gtin": "09506000134352", "code": None, "problem": None}
    ]


def test_separator_of_gs1_as_a_scanner_sends_it(till):
    till.burst("]C110LOT7", end=None)
    till.press("Control+]", after=10)
    for character in "0109506000134352":
        till.press(character, after=10)
    till.press("Enter", after=10)
    assert [scan["gtin"] for scan in till.page.evaluate("window.scans")] == ["09506000134352"]


def test_keys_with_control_or_alt_are_let_be(till):
    till.page.evaluate(
        """document.addEventListener("keydown", (event) => window.did.push([event.key, event.defaultPrevented]))"""
    )
    till.burst(UPC[:6], end=None)
    till.press("Control+k", after=10)
    till.press("Alt+k", after=10)
    assert [one for one in till.did if one[0] == "k"] == [["k", False], ["k", False]]
    assert till.texts == []


def dispatch(till, keys):
    """Synthetic keys, for what a keyboard here cannot send: `keys` are event properties with their time."""
    till.page.evaluate(
        """keys => {
          for (const { time, ...key } of keys) {
            window.times = [time];
            document.body.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...key }));
          }
        }""",
        keys,
    )


def as_keys(text, **more):
    keys = [{"key": character, "time": 2000 + 10 * place, **more} for place, character in enumerate(text)]
    return [*keys, {"key": "Enter", "time": 2000 + 10 * len(text), **more}]


@pytest.mark.parametrize("more", [{"isComposing": True}, {"keyCode": 229}, {"repeat": True}, {"ctrlKey": True}])
def test_input_methods_held_keys_and_chords_are_no_scan(till, more):
    dispatch(till, as_keys(UPC))
    dispatch(till, as_keys(EAN, **more))
    assert till.texts == [UPC]


def test_bracket_typed_with_alt_graph_is_a_character(till):
    keys = as_keys("]C10109506000134352")
    keys[0] |= {"ctrlKey": True, "altKey": True, "modifierAltGraph": True}
    dispatch(till, keys)
    assert till.texts == ["]C10109506000134352"]


def test_event_without_a_key_does_no_harm(till):
    till.page.evaluate("""document.body.dispatchEvent(new Event("keydown", { bubbles: true }))""")
    till.burst(UPC)
    assert till.texts == [UPC]


def test_fast_hands_on_a_page_without_focus_write_into_nothing(till):
    till.burst("ab cd", gap=70, end=None)
    till.press("Enter", after=300)
    assert (till.texts, till.did) == ([], ["heard Enter"])


def test_text_typed_by_fast_hands_arrives(till):
    till.page.fill("#box", "")
    till.page.focus("#box")
    till.burst("northpaw gold", gap=65)
    assert till.value("#box") == "northpaw gold"
    assert till.did == ["heard Enter", "pressed button", "sent"]


def test_stopped_catcher_catches_nothing(till):
    till.page.focus("#box")
    till.burst(UPC, end=None)
    till.page.evaluate("window.stop()")
    till.silence()
    till.burst(EAN)
    assert till.texts == []
    assert till.page.evaluate("window.silences.length") == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (UPC, {"text": UPC, "gtin": "00012345678905", "code": None, "problem": None}),
        (CARD, {"text": CARD, "gtin": None, "code": CARD, "problem": None}),
        (CARD.lower(), {"text": CARD.lower(), "gtin": None, "code": CARD, "problem": None}),
        ("]C0" + CARD, {"text": "]C0" + CARD, "gtin": None, "code": CARD, "problem": None}),
        (WRONG, {"text": WRONG, "gtin": None, "code": None, "problem": "check digit"}),
        ("1234567890", {"text": "1234567890", "gtin": None, "code": None, "problem": "length"}),
        ("OLDCARD17", {"text": "OLDCARD17", "gtin": None, "code": None, "problem": "letters"}),
    ],
)
def test_caller_is_told_what_it_was(till, text, found):
    till.burst(text)
    assert till.page.evaluate("window.scans") == [found]


# In real time. A busy machine can hold a key back longer than any scanner would: then the attempt was no test of the
# page (its own record of the keys says so) and is made again on a fresh one.


@pytest.fixture
def live(module_page):
    def open_page():
        page = module_page(PAGE)
        page.wait_for_function("Boolean(window.start)")
        page.evaluate(
            """() => {
              window.start({});
              window.heard = [];
              window.addEventListener("keydown", (event) => window.heard.push(event.timeStamp), { capture: true });
            }"""
        )
        page.focus("#box")
        return page

    return open_page


def scan(live, text, *, delay, end):
    for _ in patiently():
        page = live()
        page.keyboard.type(text, delay=delay)
        if end:
            page.keyboard.press(end)
        heard = page.evaluate("window.heard")
        gaps = [later - earlier for earlier, later in pairwise(heard)]
        if max(gaps) < 80 and heard[-1] - heard[0] < 45 * len(gaps):
            return page
    pytest.skip("This machine is too busy to type as fast as a scanner.")  # the same was typed by the keys' own clock


@pytest.mark.parametrize("delay", [0, 5, 20])
def test_scanner_in_real_time(live, delay):
    page = scan(live, UPC, delay=delay, end="Enter")
    page.wait_for_function("window.scans.length === 1")
    assert page.input_value("#box") == "sally"
    assert page.evaluate("window.did") == []


def test_scanner_without_end_key_in_real_time(live):
    page = scan(live, EAN, delay=5, end=None)
    page.wait_for_function("window.scans.length === 1")
    assert page.evaluate("window.scans[0].gtin") == EAN.zfill(14)
    assert page.input_value("#box") == "sally"


@pytest.mark.parametrize("delay", [60, 90])
def test_person_in_real_time(live, delay):
    page = live()
    page.keyboard.press("End")
    page.keyboard.type(" pet owner", delay=delay)
    page.keyboard.press("Enter")
    page.wait_for_function("window.did.length > 0")
    assert page.evaluate("window.scans") == []
    assert page.input_value("#box") == "sally pet owner"
