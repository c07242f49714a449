"""A receipt and a paper card after their day, as people enter them: by keyboard and scanner, and on a phone."""

import io
import re
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from astro.checkout.models import LateEntry, PaperCard, Purchase
from astro.kit.clock import utc_now
from tests import cast
from tests.browser import page_of, settled
from tests.cast import inside
from tests.checkout.scanner import GOLD, ROPE, UNKNOWN, enter, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ben(huxley, midtown, cashier):
    bag = cast.make_product(name="Northpaw Gold Adult", gtins=[GOLD])
    program = cast.make_program(title="Dry Dog", products=[bag])
    cast.make_enrollment(midtown, program=program, by=cashier)
    cast.make_product(name="Rope toy", size="", gtins=[ROPE])
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Ben", last_name="Ortiz")


@pytest.fixture
def open_as(browser, live_server):
    with ExitStack() as pages:
        yield lambda user, **how: pages.enter_context(
            page_of(browser, live_server, user, only="Security Policy", **how)
        )


def shuts_nobody_out(page):
    assert findings_everywhere(page) == {}
    assert sideways(page) == {}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_receipt_that_was_set_aside_is_entered_by_scanner_and_keyboard(open_as, huxley, midtown, cashier, ben):
    page = open_as(cashier, timezone_id="America/Denver", locale="en-US")
    page.goto("/checkout/")
    page.get_by_role("link", name="Add a receipt that was set aside").press("Enter")
    page.wait_for_url("**/set-aside/")
    page.get_by_label("Scan a customer card").fill("ortiz")
    with page.expect_navigation():
        enter(page)
    shuts_nobody_out(page)
    page.get_by_role("link", name="Ben Ortiz").press("Enter")
    page.wait_for_url("**/late/new/")
    page.wait_for_load_state()  # nobody scans before the page listens
    yesterday = midtown.day(utc_now()) - timedelta(days=1)
    page.get_by_label("Day on the receipt").focus()
    page.keyboard.type(f"{yesterday:%m%d%Y}")
    page.get_by_label("Time on the receipt").focus()
    page.keyboard.type("0230PM")
    page.get_by_label("Scan an item").press("Home")  # a hand is slower than this one: what it typed belongs to no scan

    for code in (GOLD, ROPE, GOLD, UNKNOWN):  # faster than any answer comes
        scan(page, code)
    lines = page.get_by_role("list", name="Items of this receipt").get_by_role("listitem")
    expect(page.get_by_text("No item is like")).to_be_visible()
    expect(lines).to_have_count(2)
    assert [box.input_value() for box in page.locator("[name=quantity]").all()] == ["2", "1"]
    box = page.get_by_label("Scan an item")
    expect(box).to_be_focused()
    box.fill("rope")
    enter(page)  # adds, and never saves
    expect(page.locator("[name=quantity]").nth(1)).to_have_value("2")
    expect(page).to_have_url(re.compile("/late/new/$"))
    settled(page)  # the box for the next item gets the focus back first
    page.get_by_role("button", name="Remove Rope toy").press("Enter")
    expect(lines).to_have_count(1)
    expect(page.get_by_label("Day on the receipt")).to_have_value(yesterday.isoformat())
    shuts_nobody_out(page)

    page.get_by_role("radio", name="Another reason").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why in a few words.").first).to_be_visible()
    page.get_by_label("Note").fill("The till was being painted")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="What this will do")).to_be_visible()
    expect(page.get_by_text("2 punches on card 1: 2 of 12.")).to_be_visible()
    with inside(huxley):
        assert not Purchase.objects.exists()
    shuts_nobody_out(page)
    page.get_by_role("radio", name="Stocking up").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices, .notice").first).to_contain_text("marked as a late entry")
    expect(page.get_by_text("by Cass Cashier: Another reason: The till was being painted")).to_be_visible()
    expect(page.get_by_text("2:30 p.m.")).to_be_visible()
    with inside(huxley):
        entry = LateEntry.objects.get()
        purchase = Purchase.objects.get()
        assert (purchase.quantity, purchase.day, entry.why) == (2, yesterday, "other")


def test_a_paper_card_is_taken_over_on_a_phone_and_found_in_the_report(open_as, huxley, midtown, owner, ben):
    page = open_as(owner, viewport={"width": 390, "height": 844}, timezone_id="America/Denver", locale="en-US")
    page.goto(reverse("checkout:history", args=[ben.pk]))
    page.get_by_role("link", name="Take over a paper card").click()
    page.wait_for_url("**/paper-card/")  # and its scripts with it: nobody is faster
    page.get_by_label("Program card").select_option(index=1)
    expect(page.get_by_label("Item")).to_contain_text("The cheapest: Northpaw Gold Adult 30 lb")
    today = midtown.day(utc_now())
    page.get_by_label("Punches on the card").fill("12")
    page.get_by_label("First purchase").fill((today - timedelta(days=60)).isoformat())
    page.get_by_label("Last purchase").fill(today.isoformat())
    page.get_by_label("Number on the card").fill("P-417")
    taken = io.BytesIO()
    Image.new("RGB", (1200, 800), "beige").save(taken, "JPEG")
    page.get_by_label("Photo of the card").set_input_files(
        {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}
    )
    shuts_nobody_out(page)
    page.get_by_role("button", name="See what it will do").last.click()
    expect(page.get_by_text("A free item waits.")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_role("button", name="Take over this paper card").dblclick()
    photo = page.get_by_alt_text("Photo of the paper card")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    with inside(huxley):
        assert (PaperCard.objects.count(), LateEntry.objects.count()) == (1, 12)
    shuts_nobody_out(page)

    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_text("12 entries")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_label("Search by customer, note or card number").fill("nobody")
    expect(page.get_by_text("No late entry is like that.")).to_be_visible()
    page.get_by_label("Search by customer, note or card number").fill("P-417")
    page.get_by_role("link", name="Paper card P-417").first.click()
    page.get_by_role("link", name="Take this paper card back").click()
    shuts_nobody_out(page)
    page.get_by_role("button", name="Take this paper card back").click()
    expect(page.get_by_text("Everything of this paper card was taken back.")).to_be_visible()
    page.goto(reverse("checkout:late_settings"))
    shuts_nobody_out(page)
