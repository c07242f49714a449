"""The customer's own data over the till: opened at a sign, changed by hand and by keyboard, while scans go on."""

import re

import pytest
from playwright.sync_api import expect

from astro.customers.actions import add_tag, change_customer, give_code, retire_customer
from astro.customers.models import Consent, Customer, CustomerTag, Pet
from tests.cast import NOW, inside
from tests.checkout.scanner import GOLD, PATE, at_till, boxes, enter, line, said, scan, scan_into
from tests.kit.axe import SIZES, findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


FINGERS = "button:not(.visually-hidden), .button, input[type=text], select, label.choice"
TOO_SMALL = """all => all.filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect().height])
  .filter(([, height]) => height < 48)"""


@pytest.fixture
def vip(huxley):
    with inside(huxley):
        return add_tag("VIP", now=NOW)


@pytest.fixture
def bens(page, ben, vip):
    return at_till(page, ben)


def header(page):
    return page.locator(".till-customer")


def sign(page, name):
    return header(page).locator(f".status[href$=sign-{name}]")


def popup(page):
    return page.locator("dialog#popup")


def open_at(page, opener):
    opener.click()
    expect(popup(page)).to_be_visible()
    return popup(page)


def tab(page):
    return popup(page).locator("[role=tab][aria-selected=true]")


@pytest.mark.parametrize(
    ("opener", "begins", "focused"),
    [
        (".status[href$=sign-text]", "Contact", "#id_phone"),
        (".status[href$=sign-email]", "Contact", "#id_email"),
        (".status[href$=sign-app]", "Contact", "#sign-app"),
        (".status[href$=sign-pets]", "Pets", "#id_pet-0-name"),
        (".status[href$=sign-tags]", "Tags", "[name=tags]"),
        ("a:has-text('ben@example.com')", "Contact", "#id_email"),
        ("a:has-text('Incomplete Customer Information')", "Contact", "#id_phone"),
    ],
)
def test_it_opens_at_what_was_pressed(bens, opener, begins, focused):
    dialog = open_at(bens, header(bens).locator(opener))
    expect(tab(bens)).to_have_text(begins)
    expect(dialog.locator(focused)).to_be_focused()
    bens.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(header(bens)).to_contain_text("Ben Ortiz")


def test_all_tabs_by_keyboard_alone_while_items_are_scanned(bens, huxley):
    """The header follows in place, the basket stays, the focus goes back to where it began."""
    scan(bens, PATE)
    expect(line(bens, "Fernwell Pate")).to_be_visible()
    bens.wait_for_timeout(400)  # for 250 ms after the last key of a scan, 96 ms from its first, Enter is the scanner's
    sign(bens, "pets").focus()
    enter(bens)
    expect(popup(bens).locator("#id_pet-0-name")).to_be_focused()
    bens.keyboard.type("Biscuit", delay=60)
    bens.wait_for_timeout(200)  # a hand takes longer from the keys to the scanner
    scan_into(bens, "#id_pet-0-name", GOLD)
    expect(popup(bens).locator("#id_pet-0-name")).to_have_value("Biscuit")
    expect(popup(bens).locator("[data-line]")).to_contain_text("Northpaw Gold")
    bens.wait_for_timeout(400)
    bens.keyboard.press("Tab")
    expect(popup(bens).get_by_label("Dog")).to_be_focused()
    bens.keyboard.press("Space")
    expect(popup(bens).get_by_label("Dog")).to_be_checked()
    bens.keyboard.press("Tab")
    expect(popup(bens).locator("#id_pet-0-breed")).to_be_focused()
    bens.keyboard.press("Tab")
    bens.keyboard.type("4", delay=60)
    popup(bens).get_by_role("tab", name="Pets").focus()
    bens.keyboard.press("ArrowLeft")
    expect(tab(bens)).to_have_text("Contact")
    popup(bens).locator("#id_first_name").fill("Benny")
    popup(bens).locator("#id_email").fill("")
    popup(bens).get_by_role("tab", name="Contact").focus()
    bens.keyboard.press("End")
    expect(tab(bens)).to_have_text("Tags")
    bens.keyboard.press("Tab")
    bens.keyboard.press("Space")
    bens.keyboard.press("Control+Enter")
    expect(popup(bens)).to_have_count(0)
    expect(header(bens)).to_contain_text("Benny Ortiz")
    expect(header(bens)).to_contain_text("Biscuit")
    expect(header(bens)).to_contain_text("No Email on File")
    expect(sign(bens, "pets").locator(".mark.ok")).to_be_visible()
    expect(sign(bens, "tags").locator(".mark.ok")).to_be_visible()
    expect(sign(bens, "email").locator(".mark.bad")).to_be_visible()
    expect(sign(bens, "pets")).to_be_focused()
    expect(bens).to_have_title(re.compile("^Check Out: Benny Ortiz"))
    expect(line(bens, "Northpaw Gold")).to_be_visible()
    expect(line(bens, "Fernwell Pate")).to_be_visible()
    with inside(huxley):
        row = Customer.objects.get()
        assert (row.first_name, row.email) == ("Benny", "")
        assert [(pet.name, pet.kind, pet.is_age_told) for pet in Pet.objects.all()] == [("Biscuit", "dog", True)]
        assert CustomerTag.objects.count() == 1


def test_leaving_with_changes_asks_once(bens, huxley):
    open_at(bens, sign(bens, "text"))
    bens.keyboard.press("Escape")
    expect(popup(bens)).to_have_count(0)  # nothing was changed
    dialog = open_at(bens, sign(bens, "text"))
    dialog.locator("#id_phone").fill("406-555-0142")
    bens.keyboard.press("Escape")
    expect(dialog.locator("[data-leaving]")).to_be_visible()
    expect(dialog.locator("[data-save]")).to_be_focused()
    dialog.locator("#id_phone").fill("406-555-0143")
    expect(dialog.locator("[data-leaving]")).to_be_hidden()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog.locator("[data-leaving]")).to_be_visible()
    bens.keyboard.press("Escape")
    expect(popup(bens)).to_have_count(0)
    expect(bens.locator("astro-till")).to_be_visible()
    assert bens.url.endswith("/")
    with inside(huxley):
        assert Customer.objects.get().phone == ""


def test_what_is_wrong_is_shown_in_its_tab_and_several_pets_are_added(bens, huxley):
    dialog = open_at(bens, sign(bens, "pets"))
    dialog.locator("#id_pet-0-name").fill("Biscuit")
    dialog.get_by_role("button", name="Add another pet").click()
    expect(dialog.locator("#id_pet-1-name")).to_be_focused()
    dialog.locator("#id_pet-1-name").fill("Miso")
    dialog.get_by_role("tab", name="Address").click()
    dialog.locator("#id_street").fill("1 Main St")
    dialog.get_by_role("tab", name="Tags").click()
    dialog.get_by_role("button", name="Save Pet Owner").click()
    expect(tab(bens)).to_have_text("Address")
    expect(dialog.locator("#id_postcode")).to_be_focused()
    expect(dialog.locator("#part-address")).to_contain_text("Type the postcode.")
    assert findings_everywhere(bens) == {}
    dialog.locator("#id_postcode").fill("59901")
    dialog.locator("#id_city").fill("Kalispell")
    dialog.locator("#id_city").press("Enter")
    expect(popup(bens)).to_have_count(0)
    expect(header(bens)).to_contain_text("Biscuit & Miso")
    with inside(huxley):
        assert Pet.objects.count() == 2


def test_sending_and_stopping_act_at_once_and_keep_what_is_typed(bens, huxley):
    dialog = open_at(bens, sign(bens, "email"))
    dialog.locator("#id_last_name").fill("Orton")
    dialog.get_by_role("button", name="Send Welcome Email").click()
    expect(dialog.locator("#reach-email")).to_contain_text("The Welcome Email is on its way.")
    expect(dialog.locator("#reach-email [data-said]")).to_be_focused()
    expect(dialog.locator("#id_last_name")).to_have_value("Orton")
    expect(header(bens).locator(".status[href$=sign-email]")).to_have_attribute(
        "aria-label", "Email: Not verified. Asked today by Cass Cashier, no answer yet."
    )
    dialog.get_by_role("button", name="Send Welcome Email again").click()
    expect(dialog.locator("#reach-email")).to_contain_text("on you can send it again.")
    dialog.locator("#id_email").fill("new@example.com")
    expect(dialog.locator("#reach-email")).to_contain_text("A changed address starts unverified.")
    expect(dialog.get_by_role("button", name="Send Welcome Email again")).to_be_hidden()
    dialog.locator("#id_email").fill("ben@example.com")
    dialog.get_by_role("button", name="Customer said stop").click()
    expect(dialog.locator("#reach-email")).to_contain_text("No more e-mail goes to this address.")
    expect(sign(bens, "email").locator(".mark.bad")).to_be_visible()
    dialog.get_by_role("tab", name="Messages").click()
    expect(dialog.locator("#told li")).to_have_count(2)
    with inside(huxley):
        assert [one.act for one in Consent.objects.order_by("id")] == ["asked", "stop"]
        assert Customer.objects.get().last_name == "Ortiz"


def test_a_customers_card_waits_until_it_is_closed(bens, huxley, sally):
    with inside(huxley):
        code = give_code(sally, now=NOW).code
    dialog = open_at(bens, sign(bens, "text"))
    dialog.locator("#id_phone").fill("406-555-0142")
    scan(bens, code)
    expect(dialog.locator("[data-line]")).to_contain_text("That is a customer card.")
    dialog.get_by_role("button", name="Save Pet Owner").click()
    bens.wait_for_url(f"**/checkout/{sally.pk}/")
    with inside(huxley):
        assert Customer.objects.get(first_name="Ben").phone == "+14065550142"


def test_another_till_changed_it_or_took_it_away(bens, huxley, midtown, cashier, ben):
    dialog = open_at(bens, sign(bens, "text"))
    dialog.locator("#id_last_name").fill("Orton")
    told = {"first_name": "Ben", "phone": "406-555-0188", "email": "ben@example.com"}
    with inside(huxley):
        change_customer(ben, last_name="Ortiz", **told, at=midtown, by=cashier, now=NOW)
    dialog.get_by_role("button", name="Save Pet Owner").click()
    expect(dialog.locator("[data-elsewhere]")).to_be_focused()
    expect(dialog.locator("[data-elsewhere]")).to_contain_text("Pet Owner Mobile Phone: now (406) 555-0188")
    expect(dialog.locator("#id_last_name")).to_have_value("Orton")
    with inside(huxley):
        retire_customer(ben, at=midtown, by=None, now=NOW)
    dialog.get_by_role("button", name="Save Pet Owner").click()
    expect(dialog.locator("[data-line]")).to_contain_text("Ben Ortiz was removed from your list.")
    bens.keyboard.press("Escape")
    bens.keyboard.press("Escape")
    sign(bens, "text").click()
    expect(said(bens)).to_contain_text("Ben Ortiz was removed from your list.")
    bens.reload()
    expect(bens.get_by_role("link", name="Look up a customer")).to_be_visible()


def test_axe_finds_nothing_and_fingers_fit(bens):
    assert findings_everywhere(bens) == {}
    open_at(bens, sign(bens, "text"))
    for name in ("Contact", "Pets", "Address", "Messages", "Tags"):
        popup(bens).get_by_role("tab", name=name).click()
        assert findings_everywhere(bens) == {}, name
    for width, height in SIZES.values():
        bens.set_viewport_size({"width": width, "height": height})
        for name in ("Contact", "Pets"):
            popup(bens).get_by_role("tab", name=name).click()
            small = popup(bens).locator(FINGERS).evaluate_all(TOO_SMALL)
            assert small == []
            assert popup(bens).evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_the_page_finds_nothing_wrong_either(page, ben, vip):
    page.goto(f"/customers/{ben.pk}/edit/")
    assert findings_everywhere(page) == {}


def test_on_a_phone_the_scan_bar_is_not_pushed_low(bens):
    bens.set_viewport_size({"width": 390, "height": 844})
    box, head = boxes(bens, "#scan", ".till-customer")
    assert box["top"] <= 300
    assert head["height"] <= 150
