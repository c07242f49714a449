"""How the till's page stands: nothing moves, everything is on the screen, and axe finds nothing."""

import pytest
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.kit.gtin import check_digit
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import platform
from tests.checkout.buying import buy
from tests.checkout.scanner import GOLD, PATE, ROPE, UNKNOWN, at_till, boxes, check_out, line, said, scan
from tests.kit.axe import SIZES, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gold(shelf):
    with platform("test"):
        return Product.objects.get(name="Northpaw Gold Adult")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(till):
    for code in (GOLD, PATE, ROPE, UNKNOWN):
        scan(till, code)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    assert faults(till) == {}
    check_out(till)
    assert faults(till) == {}


def test_axe_finds_nothing_with_rewards_and_in_dialogs(page, midtown, sally, gold):
    """What was recorded, one unit of it taken back; a reward that waits, and two bags on the next card."""
    buy(sally, gold, 14, at=midtown)
    till = at_till(page, sally)
    till.get_by_role("button", name="Remove one Northpaw Gold").click()
    expect(till.locator("#recorded")).to_contain_text("1 removed")
    scan(till, GOLD)
    till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    expect(till.locator("#cards")).to_contain_text("3 of 12")
    assert faults(till) == {}
    for opener, shows in [("Browse", "Northpaw"), ("See items", "$64.99"), ("Check out", "2 items")]:
        till.get_by_role("button", name=opener).click()
        expect(till.locator("dialog[open]")).to_contain_text(shows)
        assert faults(till) == {}, opener
        till.keyboard.press("Escape")
        expect(till.locator("dialog[open]")).to_have_count(0)


def places(page, *more):
    """Where the till's parts begin and end, in pixels from the top of the screen."""
    names = ["#scan", "[data-part=line]", "#cards", "#today", "[data-part=check-out]", *more]
    return {name: (box["top"], box["bottom"]) for name, box in zip(names, boxes(page, *names), strict=True)}


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


def test_long_words_under_the_scan_bar_move_nothing(page, midtown, sally, gold):
    buy(sally, gold, 12, at=midtown)
    till = at_till(page, sally)
    for width, height in SIZES.values():
        till.set_viewport_size({"width": width, "height": height})
        names = ("#scan", "#band", "#today", "#cards")
        before = boxes(till, *names)
        till.evaluate("document.querySelector('astro-till').say('warn', 'Many words of a long name. '.repeat(8))")
        assert boxes(till, *names) == before
        till.evaluate("document.querySelector('astro-till').hush()")


def test_on_a_phone_the_first_item_stands_above_check_out(page, midtown, sally, gold):
    """Practice, a reward that waits, what was said of the last scan: Today still begins on the screen."""
    buy(sally, gold, 12, at=midtown)
    page.set_viewport_size({"width": 390, "height": 844})
    till = at_till(page, sally)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_contain_text("1 of 12")
    item, footer, heading, history, banner, flask = boxes(
        till, ".today-line", ".today > footer", "#cards-title", ".till-history", ".banner.test", ".banner.test .icon"
    )
    assert item["bottom"] <= footer["top"]
    assert history["top"] < heading["top"] < history["bottom"]
    assert flask["top"] < banner["top"] + 24
    assert banner["height"] <= 48


def test_punches_are_of_one_size_on_all_cards(page, midtown, sally, cashier):
    for need in (5, 8, 10, 12):
        product = cast.make_product(name=f"Kibble {need}")
        rule = RuleOfCard(need, 1, "any", "lesser_or_equal")
        program = cast.make_program(products=[product], rule=rule)
        cast.make_enrollment(midtown, program=program, by=cashier)
        buy(sally, product, at=midtown)
    till = at_till(page, sally)
    for width, height in SIZES.values():
        till.set_viewport_size({"width": width, "height": height})
        sizes = till.locator("#cards .punch").evaluate_all(
            "cells => cells.map((cell) => Math.round(cell.getBoundingClientRect().width))"
        )
        assert len(sizes) == 39
        expect(till.locator("#cards .comma").first).to_have_css("opacity", "0")  # no line ends with one
        assert max(sizes) - min(sizes) <= 1
        assert min(sizes) >= 24


@pytest.mark.parametrize("customer", ["sally", "ben"])
def test_check_out_is_on_the_screen_and_nothing_moves_when_the_connection_goes(context, page, request, customer):
    """Sally's page has a practice banner, Ben's has none; both may be offline, with many lines."""
    at_till(page, request.getfixturevalue(customer))
    expect(page.locator(".banner.test")).to_have_count(1 if customer == "sally" else 0)
    for count in range(10):
        digits = f"61414100{count:03}"
        scan(page, digits + check_digit(digits))
    expect(page.locator(".today-line")).to_have_count(10)
    offline = page.locator(".bar .is-off")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        expect(offline).to_be_hidden()
        online = places(page)
        context.set_offline(True)
        expect(offline).to_be_visible()
        assert places(page) == online
        now = places(page, ".bar", ".bar .is-off", ".till-customer")
        assert now[".bar"][0] <= now[".bar .is-off"][0]
        assert now[".bar .is-off"][1] <= now[".bar"][1]
        assert now[".till-customer"][0] - now[".bar"][1] <= 16  # no room is kept for words that are not there
        assert now["[data-part=check-out]"][1] <= height
        with page.expect_response("**/preview/"):  # back again it asks how the cards stand
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
    content, room = till.evaluate(heights, "[data-part=today]")
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
    [lines] = boxes(till, ".today-lines")
    till.mouse.move(lines["x"] + 50, lines["y"] + 50)
    till.mouse.wheel(0, 3000)
    till.wait_for_function(
        "top => document.querySelector('.today-lines').getBoundingClientRect().top < top", arg=lines["y"]
    )
