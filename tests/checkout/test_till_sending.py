"""The till and a network, a server or a session that fails: nothing is lost, nothing counts twice."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from astro.cards.models import Punch
from astro.checkout.models import Purchase, Visit
from tests.cast import inside
from tests.checkout.scanner import GOLD, ONCE, OTHER_UNKNOWN, PATE, UNKNOWN, at_till, check_out, line, said, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kept(page):
    return page.locator("#kept-visit")


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


def lose(route):
    """The server recorded the visit, and the till never heard of it."""
    route.fetch()
    route.abort()


def test_answer_that_is_lost_counts_once(till, sally, huxley):
    """This till keeps the visit and sends it by itself, under the same key; the page is free for what comes next."""
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.route("**/visits/", lose)
    till.route("**/arrivals/", lambda route: route.abort())
    till.keyboard.press("Control+Enter")
    expect(kept(till)).to_contain_text("Kept on this till")
    expect(kept(till)).to_contain_text("Astro did not answer. It is sent again by itself until it is recorded")
    till.unroute("**/arrivals/")
    till.unroute("**/visits/")
    till.evaluate("window.dispatchEvent(new Event('online'))")
    expect(kept(till)).to_contain_text("Sent")
    kept(till).get_by_role("link", name="Back to Sally").click()
    expect(kept(till)).to_have_count(0)
    at_till(till, sally)
    scan(till, PATE)
    expect(line(till, "Northpaw Gold")).to_contain_text("Checked out at")
    check_out(till)
    with inside(huxley):
        assert sorted(Purchase.objects.values_list("name", "quantity")) == [
            ("Fernwell Pate", 1),
            ("Northpaw Gold Adult", 1),
        ]
        assert Visit.objects.count() == 2


def test_page_that_died_while_it_was_sending_is_taken_up_by_the_next(till, sally, huxley):
    """Sealed and sent, and the tab was killed before an answer: whoever opens the customer next hands it over."""
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    held = []
    till.route("**/visits/", lambda route: held.append(route))
    till.keyboard.press("Control+Enter")
    expect(till.locator("[data-part=check-out]")).to_have_attribute("aria-busy", "true")
    till.reload()
    expect(said(till)).to_contain_text("A checkout from before this page was opened is kept on this till.")
    till.unroute("**/visits/")
    expect(line(till, "Northpaw Gold")).to_contain_text("Checked out at")
    expect(till.locator("[data-part=waiting]")).to_be_hidden()
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 1)


def test_codes_that_nobody_knows_are_told_by_the_page_that_sent_them_and_by_the_same_reloaded(till, huxley):
    scan(till, GOLD)
    scan(till, UNKNOWN)
    scan(till, OTHER_UNKNOWN)
    expect(till.locator("[data-step='1']")).to_have_count(3)
    check_out(till)
    left_out = "2 codes were not recorded, because we don't know them: 6 14141 00004 3, 6 14141 00003 6."
    expect(said(till)).to_have_text(left_out)
    till.reload()
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
    till.wait_for_timeout(400)  # for 250 ms after a scan Enter is the scanner's
    check_out(till, reason="Several pets in the household")
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


def test_visit_of_a_window_that_died_is_sent_from_any_page(till, huxley):
    """Nobody has to open that customer again: the home page hands over what was sealed a while ago."""
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.evaluate("document.querySelector('astro-till').basket.now = () => Date.now() - 3_600_000")
    held = []
    till.route("**/visits/", lambda route: held.append(route))
    till.keyboard.press("Control+Enter")
    expect(till.locator("[data-part=check-out]")).to_have_attribute("aria-busy", "true")
    with till.expect_response("**/arrivals/") as answer:
        till.goto("/")
    assert answer.value.json()["arrival"]["outcome"] == "recorded"
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 1)
