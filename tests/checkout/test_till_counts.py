"""What a visit costs a cashier in scans, taps and keys, and a page in bytes and pixels: the targets of the design."""

import gzip

import pytest
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.checkout.models import Visit
from astro.customers.actions import give_code
from tests import cast
from tests.cast import NOW, inside, platform
from tests.checkout.buying import buy
from tests.checkout.scanner import GOLD, PATE, UNKNOWN, at_till, boxes, line, said, scan
from tests.kit.axe import SIZES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAP, MAIN = 48, 60
FINGERS = "button, .button, label.choice, input:not([type=radio]), summary"


class Hand:
    """A cashier's hand that counts."""

    def __init__(self, page):
        self.page = page
        self.scans = self.taps = self.keys = 0

    def scan(self, code):
        self.scans += 1
        scan(self.page, code)

    def tap(self, name, role="button"):
        self.taps += 1
        self.page.get_by_role(role, name=name).click()

    def type(self, text):
        for key in text:
            self.press(key)

    def press(self, key):
        self.keys += 1
        self.page.keyboard.press(key, delay=60)

    @property
    def effort(self):
        return {"scans": self.scans, "taps": self.taps, "keys": self.keys}


@pytest.fixture
def hand(page):
    return Hand(page)


@pytest.fixture
def gold(shelf):
    with platform("test"):
        return Product.objects.get(name="Northpaw Gold Adult")


# Scans, taps, keys


@pytest.mark.parametrize("place", ["/", "/checkout/"])
def test_known_customer_by_card_is_two_scans_and_a_tap(page, hand, huxley, ben, place):
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    page.goto(place, wait_until="networkidle")
    hand.scan(code)
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")
    hand.scan(GOLD)
    expect(line(page, "Northpaw Gold")).to_contain_text("1 of 12")
    hand.tap("Check out")
    page.wait_for_selector("#finished")
    assert hand.effort == {"scans": 2, "taps": 1, "keys": 0}
    with inside(huxley):
        assert Visit.objects.get().customer_id == ben.pk


def test_known_customer_by_phone_is_six_keys_and_a_tap(page, hand, huxley, midtown, shelf):
    with inside(huxley):
        cast.make_customer(at=midtown, first_name="Dana", phone="+14065550142")
        cast.make_customer(at=midtown, first_name="Else", phone="+14065550199")
    page.goto("/checkout/", wait_until="networkidle")
    hand.type("0142")
    expect(page.locator("#found")).to_contain_text("Dana")
    hand.press("Enter")
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")
    hand.scan(GOLD)
    expect(line(page, "Northpaw Gold")).to_contain_text("1 of 12")
    hand.tap("Check out")
    page.wait_for_selector("#finished")
    assert hand.effort == {"scans": 1, "taps": 1, "keys": 5}


def test_undoing_the_last_scan_is_one_tap(till, hand):
    hand.scan(GOLD)
    hand.scan(PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    hand.tap("Undo")
    expect(line(till, "Fernwell Pate")).to_have_count(0)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    assert hand.effort == {"scans": 2, "taps": 1, "keys": 0}


def test_whole_visit_by_keyboard(page, hand, huxley, ben):
    """From home to the next customer, without a scanner or a finger; an item is found, counted, checked out."""
    page.goto("/", wait_until="networkidle")
    hand.type("Ortiz")
    expect(page.locator("#found")).to_contain_text("Ben Ortiz")
    hand.press("Enter")
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")
    page.wait_for_timeout(150)  # a slash acts after 120 ms of silence
    hand.press("/")
    expect(page.locator("#scan")).to_be_focused()
    hand.type("gold")
    hand.press("Enter")
    expect(line(page, "Northpaw Gold")).to_contain_text("1 of 12")
    for _ in range(20):
        if page.evaluate("document.activeElement.dataset.step === '1'"):
            break
        hand.press("Tab")
    hand.press("Enter")
    expect(line(page, "Northpaw Gold").locator("output")).to_have_text("2")
    hand.press("Control+Enter")
    hand.press("Space")
    hand.press("Enter")
    page.wait_for_selector("#finished")
    with inside(huxley):
        assert Visit.objects.get().reason == "paper_card"
    hand.press("Control+Enter")
    page.wait_for_url("**/checkout/")
    assert (hand.scans, hand.taps) == (0, 0)


def test_everything_that_can_be_pressed_is_reached_by_tab(page, midtown, sally, gold):
    buy(sally, gold, 14, at=midtown)
    till = at_till(page, sally)
    scan(till, PATE)
    scan(till, UNKNOWN)
    expect(line(till, "Fernwell Pate")).to_contain_text("1 of 12")
    marked = """() => {
      const all = [...document.querySelectorAll("astro-till :is(a[href], button, input)")]
        .filter((one) => one.checkVisibility());
      all.forEach((one, place) => { one.dataset.place = place; });
      return all.length;
    }"""
    count = till.evaluate(marked)
    assert count > 15
    reached = set()
    till.wait_for_timeout(400)  # for 250 ms after a scan, Tab is the scanner's
    till.evaluate("document.querySelector('.skip').focus()")
    for _ in range(count + 40):
        till.keyboard.press("Tab")
        reached.add(till.evaluate("document.activeElement.dataset.place ?? null"))
    assert {str(place) for place in range(count)} - reached == set()


# Bytes


def weigh(page, address):
    """Compressed bytes by kind, as they go over the wire. What is fetched when the page stands (`later.js`) is none of
    them, however late a busy machine comes to rest."""
    nothing = {"body": "", "content_type": "text/javascript"}
    page.route("**/desk/shell.js", lambda route: route.fulfill(**nothing))
    weights = {"document": 0, "stylesheet": 0, "script": 0, "font": 0}
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    for answer in answers:  # not in the handler: its reading of a body may outlast the loading of the page
        kind = answer.request.resource_type
        if kind == "font":
            weights[kind] += len(answer.body())
        elif kind in weights:
            weights[kind] += len(gzip.compress(answer.body()))
    return weights


def test_first_load_keeps_its_weight(page, midtown, sally, gold):
    buy(sally, gold, 14, at=midtown)
    weights = weigh(page, f"/checkout/{sally.pk}/")
    assert min(weights.values()) > 1_000
    limits = {"document": 15_000, "stylesheet": 12_000, "script": 30_000, "font": 50_000}
    assert {kind: bytes_ for kind, bytes_ in weights.items() if bytes_ > limits[kind]} == {}


def test_repeated_page_keeps_its_weight(page, midtown, sally, gold):
    """Styles, scripts and the font come from the browser's own store, and the catalogue has not changed."""
    buy(sally, gold, 14, at=midtown)
    address = f"/checkout/{sally.pk}/"
    page.goto(address, wait_until="networkidle")
    page.goto("/", wait_until="networkidle")
    with page.expect_response(f"**{address}") as document:
        page.goto(address, wait_until="networkidle")
    others = page.evaluate("performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)")
    assert len(gzip.compress(document.value.body())) + others <= 15_000


# Pixels


def too_small(page, least):
    """What a finger would miss: the words on it, and its size."""
    return page.evaluate(
        """([fingers, least]) => [...document.querySelectorAll(fingers)]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.closest("astro-till, dialog[open]"))
          .map((one) => [one.getAttribute("aria-label") ?? one.textContent.trim(), one.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && (box.width < least || box.height < least))
          .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)""",
        [FINGERS, least],
    )


@pytest.mark.parametrize("device", SIZES)
def test_everything_is_big_enough_for_a_finger(page, midtown, sally, gold, device):
    width, height = SIZES[device]
    page.set_viewport_size({"width": width, "height": height})
    buy(sally, gold, 14, at=midtown)
    till = at_till(page, sally)
    scan(till, PATE)
    scan(till, UNKNOWN)
    expect(said(till)).to_contain_text("We don't know")
    expect(line(till, "Fernwell Pate")).to_contain_text("1 of 12")
    assert too_small(till, TAP) == []
    assert all(main["height"] >= MAIN for main in boxes(till, "[data-part=check-out]", "#scan"))
    for opener in ("Browse", "See items"):
        till.get_by_role("button", name=opener).click()
        expect(till.locator("dialog[open] :is(li, h3)").first).to_be_visible()
        assert too_small(till, TAP) == [], opener
        till.keyboard.press("Escape")
    till.get_by_role("button", name="One Fernwell Pate 24-pack more").click()
    till.get_by_role("button", name="Check out").click()
    expect(till.locator("#till-reason")).to_be_visible()
    assert too_small(till, TAP) == []
