"""An exception as people meet it: asked over the till by hand, by scan and by keys; in the store's list."""

import re

import pytest
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.checkout.models import ExceptionTicket
from tests.cast import inside
from tests.checkout.buying import buy
from tests.checkout.exceptions.asking import state_of
from tests.checkout.scanner import UNKNOWN, at_till, said, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def with_card(ben, shelf, midtown):
    with inside(midtown.retailer):
        gold = Product.objects.get(name="Northpaw Gold Adult")
    buy(ben, gold, 2, at=midtown)
    return ben


def shuts_nobody_out(page):
    assert findings_everywhere(page) == {}
    assert sideways(page) == {}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def dialog(page):
    return page.get_by_role("dialog", name=re.compile("Add Exception to"))


def code(page):
    return page.locator("#id_code")


def the_ticket(huxley):
    with inside(huxley):
        return ExceptionTicket.objects.get()


def test_a_scan_and_the_keyboard_are_enough(page, with_card, huxley):
    at_till(page, with_card)
    page.get_by_role("link", name="Add Exception to").focus()
    page.keyboard.press("Enter")
    expect(code(page)).to_be_focused()
    scan(page, UNKNOWN)
    expect(code(page)).to_have_value("6 14141 00003 6")
    expect(page.locator("[data-key]")).to_have_count(0)  # and nothing came into the basket
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_contain_text("There is a problem")
    expect(dialog(page)).to_contain_text("Choose one of the four reasons.")
    expect(code(page)).to_have_value("6 14141 00003 6")
    page.get_by_label("What the item is").focus()
    page.keyboard.insert_text("Northpaw Gold Lamb 30 lb")  # typed as fast as a test does, it would be a scan
    page.wait_for_timeout(400)  # for 250 ms after a scan, Tab is the scanner's
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(said(page)).to_contain_text("Asked: it waits for approval")
    expect(dialog(page)).to_have_count(0)
    expect(page.locator(".punch-card")).to_contain_text("Waiting for approval: Northpaw Gold Lamb 30 lb")
    ticket = the_ticket(huxley)
    assert (ticket.gtin, ticket.reason, ticket.quantity) == (UNKNOWN.zfill(14), "new", 1)
    scan(page, UNKNOWN)  # from now on a scan is the till's again
    expect(page.locator("[data-key]")).to_have_count(1)


def test_closed_with_escape_the_till_is_as_before(page, with_card, huxley):
    at_till(page, with_card)
    page.get_by_role("link", name="Add Exception to").click()
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/checkout/{with_card.pk}/$"))
    expect(page.get_by_role("link", name="Add Exception to")).to_be_focused()
    scan(page, UNKNOWN)
    expect(page.locator("[data-key]")).to_have_count(1)


def test_everybody_can_read_and_press_it(page, with_card):
    at_till(page, with_card)
    page.get_by_role("link", name="Add Exception to").click()
    expect(dialog(page)).to_be_visible()
    shuts_nobody_out(page)
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_contain_text("There is a problem")
    shuts_nobody_out(page)


def test_on_a_phone(page, with_card, huxley):
    page.set_viewport_size(PHONE)
    at_till(page, with_card)
    note, asking = (
        page.get_by_role("link", name=re.compile(name)).bounding_box() for name in ("note to", "Exception to")
    )
    assert min(note["width"], note["height"], asking["width"], asking["height"]) >= 44
    assert asking["x"] + asking["width"] <= note["x"] + 1
    page.get_by_role("link", name="Add Exception to").click()
    page.get_by_label("What the item is").fill("Torn label")
    page.get_by_label(re.compile("cannot be read")).check()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator(".punch-card")).to_contain_text("Waiting for approval: Torn label")
    shuts_nobody_out(page)
    assert the_ticket(huxley).reason == "unreadable"


def test_without_the_script_of_the_dialog_the_page_does_it(page, with_card, huxley):
    at_till(page, with_card)
    page.goto(page.get_by_role("link", name="Add Exception to").get_attribute("href"))
    shuts_nobody_out(page)
    page.get_by_label("What the item is").fill("Torn label")
    page.get_by_label(re.compile("cannot be read")).check()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator(".punch-card")).to_contain_text("Waiting for approval: Torn label")
    assert state_of(the_ticket(huxley)) == "waiting"


def test_the_list_and_the_page_of_one(page, with_card, huxley):
    at_till(page, with_card)
    page.goto("/checkout/exceptions/")
    expect(page.locator("#found")).to_contain_text("No exception yet")
    shuts_nobody_out(page)
    at_till(page, with_card)
    page.get_by_role("link", name="Add Exception to").click()
    page.get_by_label("What the item is").fill("Torn label")
    page.get_by_label(re.compile("cannot be read")).check()
    page.get_by_role("button", name="Ask for approval").click()
    expect(said(page)).to_contain_text("Asked")
    page.goto("/checkout/exceptions/")
    shuts_nobody_out(page)
    page.get_by_label("Search by customer").fill("zebra")
    expect(page.locator("#found")).to_contain_text("No exception is like that.")
    page.get_by_label("Search by customer").fill("torn")
    page.get_by_role("link", name="Torn label").click()
    expect(page.get_by_role("heading", name="Torn label")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("main")).to_contain_text("Withdrawn: nothing comes of it.")
    assert state_of(the_ticket(huxley)) == "withdrawn"
