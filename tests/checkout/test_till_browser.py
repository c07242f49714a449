"""The till as a cashier uses it: a real browser, the real server, a scanner that types."""

import gzip
import re
from itertools import pairwise

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from astro.cards.models import Punch, Reward
from astro.checkout.models import Purchase, Visit
from astro.customers.actions import add_practice_customer, give_code
from astro.customers.models import CodeKind, CustomerCode
from astro.kit.gtin import check_digit
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.kit.axe import SIZES, findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOLD = "012345678905"
PATE = "036000291452"
ROPE = "4006381333931"
UNKNOWN = "614141000036"
OTHER_UNKNOWN = "614141000043"
ONCE = re.compile("^1$")


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return add_practice_customer(now=NOW)


@pytest.fixture
def ben(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Ben", last_name="Ortiz", email="ben@example.com")


@pytest.fixture
def shelf(midtown, cashier):
    """A bag and a pate with a program each, and a toy with none."""
    for name, size, code in [("Northpaw Gold Adult", "30 lb", GOLD), ("Fernwell Pate", "24-pack", PATE)]:
        product = cast.make_product(name=name, size=size, gtins=[code])
        program = cast.make_program(title=f"{name} club", products=[product])
        cast.make_enrollment(midtown, program=program, by=cashier)
    cast.make_product(name="Rope toy", size="", gtins=[ROPE])


@pytest.fixture
def context(browser, live_server, cashier, shelf):
    cookie = signed_in(Client(), cashier).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    yield context
    context.close()


@pytest.fixture
def page(context):
    """Errors in scripts and what the content policy stops fail the test."""
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
    yield page
    assert wrong == []


@pytest.fixture
def till(page, sally):
    return at_till(page, sally)


def at_till(page, customer):
    page.goto(f"/checkout/{customer.pk}/")
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")
    return page


KEYSTROKE = """(start => index => (target, key) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: start + 8 * index });
  return target.dispatchEvent(event);
})(performance.now())"""
"""Presses the key with that index of a burst, 8 ms after the one before by the event's own clock: no real keyboard, and
no busy machine, can promise that."""


def scan(page, text):
    page.evaluate(
        """([strike, text]) => {
          const at = eval(strike);
          [...text, "Enter"].forEach((key, index) => at(index)(document.activeElement ?? document.body, key));
        }""",
        [KEYSTROKE, text],
    )


def scan_into(page, field, text):
    """The same with a cursor in a field, which gets the characters as from a real keyboard."""
    page.evaluate(
        """([strike, selector, text]) => {
          const at = eval(strike);
          const field = document.querySelector(selector);
          field.focus();
          [...text, "Enter"].forEach((key, index) => {
            if (!at(index)(field, key) || key === "Enter") return;
            field.value += key;
            field.dispatchEvent(new Event("input", { bubbles: true }));
          });
        }""",
        [KEYSTROKE, field, text],
    )


def said(page):
    return page.locator("[data-part=said]")


def line(page, name):
    return page.locator(".today-line", has_text=name)


def check_out(page):
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#finished")


def test_main_job(page, huxley, sally):
    """Find Sally, scan twelve bags half a second apart, check out, see the full card."""
    page.goto("/")
    page.keyboard.type("Sally", delay=80)
    page.click("#found a")
    page.wait_for_selector("astro-till:defined")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sally Pet Owner")
    for count in range(1, 13):
        scan(page, GOLD)
        expect(line(page, "Northpaw Gold").locator("output")).to_have_text(str(count))
        page.wait_for_timeout(500)
    expect(said(page)).to_have_text("Northpaw Gold Adult 30 lb added. Card is full.")
    expect(page.locator("[data-part=rewards]")).to_have_text("1 reward ready")
    page.get_by_role("button", name="Check out").click()
    expect(page.locator("#finished")).to_contain_text("12 of 12")
    expect(page.locator("#finished .punch.is-filled")).to_have_count(12)
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count(), Reward.objects.count()) == (1, 12, 1)
    page.get_by_role("link", name="Back to Sally").click()
    expect(page.locator("#cards")).to_contain_text("12 of 12")
    expect(line(page, "Northpaw Gold")).to_contain_text("Checked out at")


def test_scan_by_a_real_keyboard_does_not_press_check_out(till):
    for _ in range(10):
        till.evaluate(
            """() => {
              window.heard = [];
              window.addEventListener("keydown", (event) => window.heard.push(event.timeStamp), { capture: true });
            }"""
        )
        till.get_by_role("button", name="Check out").focus()
        till.keyboard.type(GOLD)
        till.keyboard.press("Enter")
        heard = till.evaluate("window.heard")
        if max(later - earlier for earlier, later in pairwise(heard)) < 80:  # else the machine was too busy: again
            break
        till.reload()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(said(till)).to_have_text("Northpaw Gold Adult 30 lb added.")
    expect(till.get_by_role("button", name="Check out")).to_be_focused()


def test_thirteen_bags_are_a_full_card_and_the_first_punch_of_the_next(till):
    scan(till, GOLD)
    for _ in range(12):
        till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    expect(line(till, "Northpaw Gold")).to_contain_text("12 of 12")
    check_out(till)
    expect(till.locator("#finished .punch-card")).to_have_count(2)
    expect(till.locator("#finished .punch-card.is-ready")).to_contain_text("12 of 12")


def test_unknown_and_misread_codes_are_lines_and_never_a_stop(till, huxley):
    scan(till, UNKNOWN)
    expect(said(till)).to_have_text("We don't know 6 14141 00003 6. Skip it or tell us what it is.")
    scan(till, "012345678906")
    expect(said(till)).to_contain_text("012345678906 was misread or mistyped")
    scan(till, ROPE)
    expect(line(till, "Rope toy")).to_contain_text("No program for this item")
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    check_out(till)
    expect(said(till)).to_have_text("6 14141 00003 6 was not recorded, because we don't know it.")
    with inside(huxley):
        assert sorted(row.name for row in Purchase.objects.all()) == ["Northpaw Gold Adult", "Rope toy"]


def test_unknown_code_can_be_named_or_skipped(till):
    scan(till, UNKNOWN)
    till.get_by_role("button", name="What is it?").click()
    till.keyboard.type("pate", delay=80)
    till.get_by_role("button", name="Fernwell Pate").click()
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    expect(line(till, "6 14141 00003 6")).to_have_count(0)
    scan(till, UNKNOWN)
    till.get_by_role("button", name="Skip it").click()
    expect(line(till, "6 14141 00003 6")).to_have_count(0)
    expect(till.locator("[data-part=count]")).to_have_text("1 item")


@pytest.mark.parametrize("typed", ["northpaw 30", "0 12345 67890 5", "fernwell gold"])
def test_name_or_number_can_be_typed(till, typed):
    till.keyboard.press("/")
    expect(till.locator("#scan")).to_be_focused()
    till.keyboard.type(typed, delay=60)
    till.keyboard.press("Enter")
    if typed == "fernwell gold":
        expect(said(till)).to_have_text("No item matches “fernwell gold”. Try another word of its name, or scan it.")
    else:
        expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
        expect(till.locator("#scan")).to_have_value("")


def test_several_matches_are_listed_to_choose_from(till):
    till.keyboard.press("/")
    expect(till.locator("#scan")).to_be_focused()
    till.keyboard.type("pa", delay=80)
    matches = till.locator("[data-part=matches] button")
    expect(matches).to_have_text([re.compile("Fernwell Pate"), re.compile("Northpaw Gold")])
    till.keyboard.press("Escape")
    expect(till.locator("[data-part=matches]")).to_be_hidden()
    till.fill("#scan", "pa")
    till.focus("#scan")
    till.keyboard.press("Enter")
    expect(matches.first).to_be_focused()
    till.keyboard.press("Enter")
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    expect(till.locator("[data-part=matches]")).to_be_hidden()


def test_stepper_and_undo(till):
    scan(till, GOLD)
    till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text("2")
    assert till.evaluate("document.activeElement === document.body")
    till.keyboard.press("F9")
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    till.get_by_role("button", name="Remove Northpaw Gold Adult 30 lb").click()
    expect(line(till, "Northpaw Gold")).to_have_count(0)
    till.get_by_role("button", name="Undo").click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(till.locator("#cards")).to_contain_text("1 of 12")


def test_preview_stores_nothing_and_goes_with_the_line(till, huxley):
    scan(till, GOLD)
    expect(till.locator("#cards")).to_contain_text("1 of 12")
    till.keyboard.press("F9")
    expect(till.locator("#cards")).to_contain_text("has no cards yet")
    with inside(huxley):
        assert Punch.objects.count() == 0


def test_basket_outlives_a_reload_and_a_closed_tab(context, till, sally):
    scan(till, GOLD)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    till.evaluate("document.querySelector('astro-till').basket.saved")
    till.reload()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    till.close(run_before_unload=False)
    again = at_till(context.new_page(), sally)
    expect(line(again, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    check_out(again)
    again.reload()
    expect(again.locator("[data-step]")).to_have_count(0)


def test_answer_that_is_lost_counts_once(till, huxley):
    """The server recorded the visit, and the till never heard of it."""
    scan(till, GOLD)

    def lose(route):
        route.fetch()
        route.abort()

    till.route("**/visits/", lose)
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("Astro did not answer")
    scan(till, PATE)
    expect(till.locator("[data-part=waiting]")).to_have_text("1 item waits to be sent")
    till.unroute("**/visits/")
    check_out(till)
    with inside(huxley):
        assert sorted(Purchase.objects.values_list("name", "quantity")) == [
            ("Fernwell Pate", 1),
            ("Northpaw Gold Adult", 1),
        ]
        assert Visit.objects.count() == 2


def test_no_answer_keeps_the_basket_and_try_again_sends_it(till, huxley):
    scan(till, GOLD)
    till.route("**/visits/", lambda route: route.abort())
    till.get_by_role("button", name="Check out").click()
    expect(said(till)).to_contain_text("Nothing is lost")
    till.reload()
    expect(said(till)).to_contain_text("Nothing is lost")
    till.unroute("**/visits/")
    till.get_by_role("button", name="Try again").click()
    till.wait_for_selector("#finished")
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 1)


def test_offline_nothing_is_sent_and_scanning_goes_on(context, till, huxley):
    scan(till, GOLD)
    context.set_offline(True)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("No connection. The basket is kept on this till.")
    expect(till.locator("[data-part=stale]")).to_be_visible()
    context.set_offline(False)
    expect(till.locator("[data-part=stale]")).to_be_hidden()
    check_out(till)
    with inside(huxley):
        assert Purchase.objects.count() == 2


def test_codes_left_out_are_told_although_the_visit_was_sent_after_a_reload(till, huxley):
    """By the page that was there when it was sealed, by the one that sent it, and by the same page reloaded."""
    scan(till, GOLD)
    scan(till, UNKNOWN)
    scan(till, OTHER_UNKNOWN)
    till.route("**/visits/", lambda route: route.abort())
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("Nothing is lost")
    till.unroute("**/visits/")
    left_out = "2 codes were not recorded, because we don't know them: 6 14141 00004 3, 6 14141 00003 6."
    for _ in range(2):
        till.reload()
        expect(line(till, "Northpaw Gold")).to_contain_text("Checked out at")
        expect(said(till)).to_have_text(left_out)
    scan(till, PATE)
    expect(said(till)).to_contain_text("Fernwell Pate")
    with inside(huxley):
        assert Visit.objects.count() == 1


def test_codes_left_out_are_told_beside_what_came_late(till):
    scan(till, GOLD)
    scan(till, UNKNOWN)
    held = []
    till.route("**/visits/", lambda route: held.append(route))
    till.keyboard.press("Control+Enter")
    expect(till.locator("[data-part=check-out]")).to_have_attribute("aria-busy", "true")
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    held[0].continue_()
    expect(said(till)).to_have_text(
        "6 14141 00003 6 was not recorded, because we don't know it. "
        "One item came after the checkout. It is in a new basket for Sally."
    )


def test_server_that_rejects_a_basket_gives_it_back(till, huxley):
    scan(till, GOLD)
    sentence = "One of the items is not in the catalogue any more. Remove it and check out again."
    till.route("**/visits/", lambda route: route.fulfill(status=422, json={"error": {"message": sentence}}))
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_have_text(sentence)
    till.unroute("**/visits/")
    till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    check_out(till)
    with inside(huxley):
        assert Punch.objects.count() == 2


def test_session_that_ended_loses_nothing(context, till, huxley):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    session = next(one for one in context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("You were signed out. The basket is kept")
    context.add_cookies([session])
    till.get_by_role("link", name="Go on").click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    check_out(till)
    with inside(huxley):
        assert Visit.objects.count() == 1


def test_nothing_to_check_out_says_so(till):
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_have_text("There is nothing to check out yet. Scan an item first.")


def test_two_presses_are_one_visit(till, huxley):
    scan(till, GOLD)
    till.evaluate(
        """() => { const button = document.querySelector("[data-part=check-out]"); button.click(); button.click(); }"""
    )
    till.wait_for_selector("#finished")
    with inside(huxley):
        assert Visit.objects.count() == 1


def test_scan_while_the_server_thinks_is_in_the_next_basket(till, huxley):
    scan(till, GOLD)
    held = []
    till.route("**/visits/", lambda route: held.append(route))
    till.keyboard.press("Control+Enter")
    expect(till.locator("[data-part=check-out]")).to_have_attribute("aria-busy", "true")
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    held[0].continue_()
    till.unroute("**/visits/")
    expect(said(till)).to_contain_text("One item came after the checkout.")
    till.get_by_role("link", name="Go on").click()
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    with inside(huxley):
        assert [row.name for row in Purchase.objects.all()] == ["Northpaw Gold Adult"]


def test_customer_card_opens_its_customer_and_asks_first_where_a_basket_stands(till, huxley, ben):
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    scan(till, code)
    expect(said(till)).to_contain_text("That is a customer card. Sally's item is not checked out")
    till.get_by_role("link", name="Go on").click()
    expect(till.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")
    expect(till.locator("[data-part=count]")).to_have_text("")


def test_card_of_an_earlier_system_can_be_opened_too(till, huxley, ben):
    with inside(huxley):
        CustomerCode(customer=ben, code="OLD-17", kind=CodeKind.OLD).save()
    scan(till, "OLD-17")
    expect(said(till)).to_have_text("“OLD-17” is not an item's barcode. If it is a customer card, go on to open it.")
    till.get_by_role("link", name="Go on").click()
    expect(till.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")


@pytest.mark.parametrize("place", ["/", "/checkout/"])
def test_customer_card_opens_its_customer_from_the_look_up(page, huxley, ben, place):
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    page.goto(place, wait_until="networkidle")
    scan_into(page, "#find", GOLD)
    page.wait_for_timeout(400)  # the digits went into the box and out again, and the list of customers followed
    expect(page.locator("[data-find]")).to_contain_text("That is an item. Choose the customer first")
    scan(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")


def test_keys_lead_where_they_say(till, ben):
    till.keyboard.press("?")
    expect(till.locator("#till-keys")).to_be_visible()
    till.keyboard.press("Escape")
    expect(till.locator("#till-keys")).to_be_hidden()
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.keyboard.press("F2")
    expect(said(till)).to_contain_text("Sally's item is not checked out. It stays here for Sally.")
    till.keyboard.press("F9")
    till.keyboard.press("F2")
    till.wait_for_url("**/checkout/")
    at_till(till, ben)
    till.keyboard.press("F8")
    till.wait_for_url("**/customers/new/**")


def test_without_javascript_the_till_says_what_it_needs(client, cashier, sally):
    page = signed_in(client, cashier).get(f"/checkout/{sally.pk}/").text
    assert "The till needs JavaScript" in re.search("<noscript>(.*?)</noscript>", page, re.DOTALL)[1]


def test_first_load_keeps_its_weight(page, sally):
    """Bytes as they go over the wire, by the budget of the till: HTML 15 kB, styles 12, scripts 30."""
    weights = {"document": 0, "stylesheet": 0, "script": 0}
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"/checkout/{sally.pk}/", wait_until="networkidle")
    for answer in answers:  # not in the handler: its reading of a body may outlast the loading of the page
        kind = answer.request.resource_type
        if kind in weights:
            weights[kind] += len(gzip.compress(answer.body()))
    assert min(weights.values()) > 1_000
    assert (weights["document"] <= 15_000, weights["stylesheet"] <= 12_000, weights["script"] <= 30_000) == (True,) * 3


def test_axe_finds_nothing_and_nothing_scrolls_sideways(till):
    for code in (GOLD, PATE, ROPE, UNKNOWN):
        scan(till, code)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    assert findings_everywhere(till) == {}
    assert sideways(till) == {}
    check_out(till)
    assert findings_everywhere(till) == {}
    assert sideways(till) == {}


def sideways(page):
    over = {}
    for device, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0:
            over[device] = too_wide
    return over


def places(page, *more):
    """Where the till's parts begin and end, in pixels from the top of the screen."""
    names = ["#scan", "[data-part=line]", "#cards", "#today", "[data-part=check-out]", *more]
    boxes = {name: page.locator(name).bounding_box() for name in names}
    return {name: (box["y"], box["y"] + box["height"]) for name, box in boxes.items()}


def beginnings(page):
    return {name: top for name, (top, _) in places(page).items()}


def test_nothing_moves_when_a_scan_comes(till):
    before = beginnings(till)
    scan(till, GOLD)
    expect(till.locator("#cards")).to_contain_text("1 of 12")
    assert beginnings(till) == before
    scan(till, UNKNOWN)
    expect(said(till)).to_contain_text("We don't know")
    assert beginnings(till) == before


@pytest.mark.parametrize("customer", ["sally", "ben"])
def test_check_out_is_on_the_screen_and_nothing_moves_when_the_connection_goes(context, page, request, customer):
    """Sally's page has a practice banner, Ben's has none; both may be offline, with many lines."""
    at_till(page, request.getfixturevalue(customer))
    expect(page.locator(".banner.test")).to_have_count(1 if customer == "sally" else 0)
    for count in range(10):
        digits = f"61414100{count:03}"
        scan(page, digits + check_digit(digits))
    expect(page.locator(".today-line")).to_have_count(10)
    offline = page.locator(".banner.offline")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        expect(offline).to_be_hidden()
        online = places(page)
        context.set_offline(True)
        expect(offline).to_be_visible()
        assert places(page) == online
        now = places(page, ".bar", ".banner.offline", ".till-customer")
        assert now[".bar"][1] <= now[".banner.offline"][0]
        assert now[".banner.offline"][1] <= now[".till-customer"][0]
        assert now["[data-part=check-out]"][1] <= height
        context.set_offline(False)


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (1366, 600)])
def test_till_is_as_high_as_the_screen_and_its_lists_scroll(till, size):
    till.set_viewport_size({"width": size[0], "height": size[1]})
    for count in range(10):
        digits = f"61414100{count:03}"
        scan(till, digits + check_digit(digits))
    expect(till.locator(".today-line")).to_have_count(10)
    heights = "(name) => { const of = document.querySelector(name); return [of.scrollHeight, of.clientHeight]; }"
    for frame in ("html", "#content"):
        content, room = till.evaluate(heights, frame)
        assert content == room, frame
    content, room = till.evaluate(heights, "[data-part=lines]")
    assert content > room > 100
    check_out = places(till)["[data-part=check-out]"]
    assert check_out[1] <= size[1] - 16


@pytest.mark.parametrize("place", ["Today on a phone", "finished"])
def test_page_scrolls_under_a_finger_on_its_lines(till, place):
    for code in (GOLD, PATE, ROPE, UNKNOWN):
        scan(till, code)
    expect(till.locator("#cards")).to_contain_text("1 of 12")
    till.set_viewport_size(
        {"width": 390, "height": 844} if place == "Today on a phone" else {"width": 1024, "height": 600}
    )
    if place == "finished":
        check_out(till)
    lines = till.locator(".today-lines").bounding_box()
    till.mouse.move(lines["x"] + 50, lines["y"] + 50)
    till.mouse.wheel(0, 3000)
    till.wait_for_function(
        "top => document.querySelector('.today-lines').getBoundingClientRect().top < top", arg=lines["y"]
    )
