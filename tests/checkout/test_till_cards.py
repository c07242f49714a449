"""Items that come otherwise than by a scan: from a card, from browsing; and those that fill no card here."""

import re

import pytest
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.programs.actions import unenroll
from astro.programs.models import Enrollment
from tests import cast
from tests.browser import page_of
from tests.cast import NOW, inside, platform
from tests.checkout.buying import buy
from tests.checkout.scanner import GOLD, ONCE, PATE, ROPE, at_till, boxes, card, check_out, line, said, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STICKS = "614141999996"


@pytest.fixture
def gold(shelf):
    with platform("test"):
        return Product.objects.get(name="Northpaw Gold Adult")


@pytest.fixture
def sticks():
    """In a program that Midtown has not joined."""
    product = cast.make_product(name="Fernwell Sticks", size="6 oz", gtins=[STICKS])
    return cast.make_program(title="Fernwell Treats", products=[product])


def test_card_adds_another_of_its_last_item(page, midtown, sally, gold):
    buy(sally, gold, at=midtown)
    till = at_till(page, sally)
    add = till.get_by_role("button", name="Add one more Northpaw Gold Adult 30 lb to Northpaw Gold Adult club card")
    add.click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(card(till, "Northpaw Gold")).to_contain_text("2 of 12")
    assert till.evaluate("document.activeElement === document.body")
    for count, part in ((3, ".punch:nth-child(9)"), (4, "h3")):  # its punches, its title: all of it
        [place] = boxes(till, f"#cards .punch-card {part}")
        till.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        expect(card(till, "Northpaw Gold")).to_contain_text(f"{count} of 12")


def test_card_is_pressed_again_and_again_by_keyboard(page, midtown, sally, gold):
    """Its card is drawn anew by every answer; the focus stays on its button."""
    buy(sally, gold, at=midtown)
    till = at_till(page, sally)
    add = till.get_by_role("button", name="Add one more Northpaw Gold")
    add.focus()
    for count in (2, 3):
        till.keyboard.press("Enter")
        expect(card(till, "Northpaw Gold")).to_contain_text(f"{count} of 12")
        expect(add).to_be_focused()


def test_card_of_this_basket_adds_too_and_new_punches_are_stamped(till):
    scan(till, PATE)
    expect(card(till, "Fernwell Pate")).to_contain_text("1 of 12")
    expect(till.locator(".punch.is-new")).to_have_count(1)
    card(till, "Fernwell Pate").get_by_role("button", name="Add").click()
    expect(card(till, "Fernwell Pate")).to_contain_text("2 of 12")
    expect(till.locator(".punch.is-new")).to_have_count(1)


def test_browsing_goes_from_brand_to_program_to_item_by_keyboard(till):
    till.get_by_role("button", name="Browse").focus()
    till.keyboard.press("Enter")
    choices = till.locator("#till-browse li button")
    expect(choices).to_have_count(2)
    expect(choices.first).to_be_focused()
    brand = choices.first.locator("strong").text_content()
    till.keyboard.press("Enter")
    expect(till.locator("#till-browse h2")).to_have_text(brand)
    till.keyboard.press("Enter")
    expect(choices).to_have_count(1)
    expect(choices.first).to_have_text(re.compile("(Northpaw Gold Adult 30 lb|Fernwell Pate 24-pack)"))
    name = choices.first.locator("strong").text_content()
    till.keyboard.press("Shift+Tab")
    till.keyboard.press("Shift+Tab")
    till.keyboard.press("Enter")
    expect(till.locator("#till-browse h2")).to_have_text(brand)
    till.keyboard.press("Enter")
    till.keyboard.press("Enter")
    expect(till.locator("#till-browse")).to_be_hidden()
    expect(line(till, name).locator("output")).to_have_text(ONCE)


def test_scan_while_browsing_goes_into_the_basket_and_presses_nothing(till):
    till.get_by_role("button", name="Browse").click()
    expect(till.locator("#till-browse li button").first).to_be_focused()
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(till.locator("#till-browse h2")).to_have_text("Browse")
    till.keyboard.press("Escape")
    expect(till.locator("#till-browse")).to_be_hidden()


def test_program_that_was_not_joined_is_a_line_of_its_own(sticks, till):
    scan(till, STICKS)
    expect(said(till)).to_have_text(
        "Fernwell Sticks 6 oz added. It fills no card: Fernwell Treats takes it, but this location is not enrolled."
    )
    expect(line(till, "Fernwell Sticks")).to_contain_text(
        "Fernwell Treats takes this, but this location is not enrolled. Tell the owner."
    )
    expect(till.locator("[data-part=line]")).to_contain_class("warn")  # somebody can do something about it
    scan(till, ROPE)
    expect(line(till, "Rope toy")).to_contain_text("No program for this item")
    expect(said(till)).to_contain_text("It is in no program here")
    expect(till.locator("[data-part=line]")).to_contain_class("plain")  # nothing to be done
    expect(till.get_by_role("link", name="Look at the program")).to_have_count(0)
    check_out(till)


def test_administrator_is_led_to_the_program(browser, live_server, owner, sally, shelf, sticks):
    with page_of(browser, live_server, owner) as page:
        till = at_till(page, sally)
        scan(till, STICKS)
        expect(line(till, "Fernwell Sticks")).not_to_contain_text("Tell the owner")
        till.get_by_role("link", name="Look at the program").click()
        expect(till.get_by_role("heading", level=1)).to_contain_text("Fernwell Treats")


def test_product_that_was_retired_meanwhile_keeps_its_name_and_is_no_stop(till, gold):
    scan(till, GOLD)
    expect(card(till, "Northpaw Gold")).to_contain_text("1 of 12")
    with platform("test"):
        Product.objects.filter(pk=gold.pk).update(retired_at=NOW)
    till.evaluate("document.querySelector('astro-till').refreshCatalogue()")
    expect(line(till, "Northpaw Gold Adult 30 lb")).to_contain_text("No longer in the catalogue.")
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_contain_text("1 of 12")
    check_out(till)


def test_program_that_was_left_meanwhile_is_told_before_the_checkout(till, huxley, cashier):
    """The server knows of no card any more; the till asks for the catalogue by itself."""
    with inside(huxley):
        for enrollment in Enrollment.objects.filter(program__title__startswith="Northpaw"):
            unenroll(enrollment, by=cashier, now=NOW)
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text(
        "Northpaw Gold Adult club takes this, but this location is not enrolled."
    )


def test_product_without_a_price_is_no_stop(till, huxley):
    cast.make_product(name="Own Chew", size="", retailer=huxley, gtins=["614141888887"], prices={})
    till.evaluate("document.querySelector('astro-till').refreshCatalogue()")
    scan(till, "614141888887")
    expect(line(till, "Own Chew")).to_contain_text("No program for this item")
    check_out(till)


def test_note_and_history_lead_back_to_the_basket(page, midtown, sally, gold):
    """Nothing is asked on the way: the customer does not change."""
    buy(sally, gold, at=midtown)
    till = at_till(page, sally)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    till.get_by_role("link", name="Add a note to Northpaw Gold Adult club card").click()
    till.get_by_label("Note").fill("First bag: May 3")
    till.get_by_role("button", name="Save").click()
    expect(card(till, "Northpaw Gold")).to_contain_text("First bag: May 3")
    till.get_by_role("link", name="Edit the note on Northpaw Gold Adult club card").wait_for()
    till.get_by_role("link", name="History").click()
    till.wait_for_url("**/history/")
    till.go_back()
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
