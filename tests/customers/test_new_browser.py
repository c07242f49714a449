"""Adding a pet owner in a real Chromium: the whole way by keyboard alone, and what the scripts of the page add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customers.models import AccountRules, Address, Customer, Pet
from astro.kit.clock import utc_now
from astro.tenancy import features
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.browser import context_of, page_of, send_by_keys
from tests.cast import NOW, make_customer
from tests.kit.axe import faults, findings_everywhere
from tests.messaging import mailing, texting
from tests.messaging.gateway import text_service
from tests.messaging.mail_server import mail_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST, LAST = "Pet Owner First Name", "Pet Owner Last Name"
PHONE, EMAIL = "Pet Owner Mobile Phone", "Pet Owner Email"
NEW = "/customers/new/"


@pytest.fixture
def till(browser: Browser, live_server: LiveServer, cashier: User, midtown: Location) -> Iterator[Page]:
    """A cashier's page. Whatever the console complains about fails the test, but for refused forms."""
    mailing.tell_address(midtown)
    with page_of(browser, live_server, cashier, but="status of 422") as page:
        yield page


@pytest.fixture
def office(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner) as page:
        yield page


def settle(retailer: Retailer, **rules: Any) -> None:
    with inside(retailer), transaction.atomic():
        AccountRules(**rules).save(force_insert=True)


FOCUSED = """(document.activeElement.labels?.[0] ?? document.activeElement)
  .innerText.split('\\n')[0].trim().replace(/ \\(optional\\)$/, '')"""


def focused(page: Page) -> str:
    """What has the focus, by its words or its label."""
    return str(page.evaluate(FOCUSED))


def expect_focus(page: Page, words: str) -> None:
    page.wait_for_function(f"words => {FOCUSED} === words", arg=words)


def tab_to(page: Page, words: str) -> None:
    """Tab until the focus is there; far enough for every page here, and no way round it."""
    for _press in range(30):
        if focused(page) == words:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {words!r}, but to {focused(page)!r}")


def test_the_whole_way_by_keyboard_alone(till: Page, huxley: Retailer, settings: Any) -> None:
    """New customer, e-mail and mobile, both boxes, preview, save-send, address, two pets, finished; both arrive."""
    keys = till.keyboard
    texting.give_number(huxley)
    with mail_server() as mails, text_service() as texts:
        mailing.set_up(settings, port=mails.port)
        texting.set_up(settings, texts)

        till.goto("/")
        tab_to(till, "New Customer")
        keys.press("Enter")
        expect(till.get_by_role("heading", level=1)).to_have_text("New Astro Pet Owner Account")
        expect_focus(till, FIRST)
        keys.type("Betty & Bob")
        tab_to(till, LAST)
        keys.type("Smith")
        tab_to(till, PHONE)
        keys.type("(406) 555-0142")
        keys.press("Tab")
        expect_focus(till, "Send SMS Opt In Text")
        keys.press("Space")
        tab_to(till, "What the text will say")
        keys.press("Enter")
        expect(till.get_by_text("Midtown Pet Supply: Reply YES")).to_be_visible()
        tab_to(till, EMAIL)
        keys.type("betty.smith@example.com")
        keys.press("Tab")
        expect_focus(till, "Send Welcome Email")
        keys.press("Space")

        tab_to(till, "Preview Welcome Email")
        keys.press("Enter")
        dialog = till.get_by_role("dialog", name="Preview Welcome Email")
        letter = till.frame_locator("iframe[name=welcome-preview-frame]")
        expect(letter.get_by_text("Greetings, Betty & Bob Smith.")).to_be_visible()
        frame = dialog.locator("iframe")
        expect(frame).to_have_css("width", "390px")
        expect_focus(till, "Phone")
        keys.press("ArrowRight")
        expect(frame).to_have_css("width", "700px")
        keys.press("Escape")
        expect(dialog).to_be_hidden()
        expect_focus(till, "Preview Welcome Email")

        save = till.get_by_role("button", name=re.compile("^Save Pet Owner"))
        expect(save).to_have_accessible_name(
            re.compile("Save Pet Owner - Send with SMS Opt In Text with Welcome Email")
        )
        expect(save.locator(".goes-text:visible, .goes-email:visible")).to_have_count(2)
        keys.press("Control+Enter")

        expect(till.get_by_text("The SMS Opt In Text is on its way. The Welcome Email is on its way.")).to_be_visible()
        expect_focus(till, "Postcode")
        for words, typed in (("Postcode", "59901"), ("Street and number", "12 Main St"), ("City", "Kalispell")):
            tab_to(till, words)
            keys.type(typed)
        tab_to(till, "Pet Name")
        keys.type("Biscuit")
        tab_to(till, "Dog")
        keys.press("Space")
        tab_to(till, "Pet Age in years")
        keys.type("4")
        tab_to(till, "Add another pet")
        keys.press("Enter")
        expect(till.locator("#id_pet-1-name")).to_be_focused()
        keys.type("Miso")
        tab_to(till, "Dog")
        keys.press("ArrowRight")
        expect_focus(till, "Cat")
        tab_to(till, "Birth Month")
        keys.type("May")
        tab_to(till, "Finished")
        keys.press("Enter")
        expect(till).to_have_url(re.compile(r"/checkout/\d+/$"))
        expect(till.get_by_role("heading", level=1)).to_contain_text("Betty & Bob Smith")

        texting.send_all(utc_now())
        assert [str(letter["To"]) for letter in mails.letters] == ["betty.smith@example.com"]
        assert [text.to for text in texts.texts] == ["+14065550142"]
        assert texts.texts[0].body.startswith("Midtown Pet Supply: Reply YES")

    with inside(huxley), transaction.atomic():
        betty = Customer.objects.get()
        pets = list(Pet.objects.values_list("name", "kind", "born_month", "is_age_told"))
        home = Address.objects.get(customer=betty)
    assert (betty.text_state, betty.email_state, str(home)) == ("asked", "asked", "12 Main St, Kalispell")
    assert pets == [("Biscuit", "dog", None, True), ("Miso", "cat", 5, False)]


def test_a_box_waits_for_its_field_and_the_button_follows(till: Page, huxley: Retailer) -> None:
    settle(huxley, asks_by_email=True)
    till.goto(NEW)
    text, email = till.get_by_label("Send SMS Opt In Text"), till.get_by_label("Send Welcome Email")
    save = till.get_by_role("button", name=re.compile("^Save Pet Owner"))
    expect(text).to_be_disabled()
    expect(email).to_be_disabled()
    expect(till.get_by_text("Type the mobile phone first.")).to_be_visible()
    expect(save).not_to_contain_text("Send", use_inner_text=True)
    till.get_by_label(PHONE).fill("4065550142")
    expect(text).to_be_enabled()
    expect(text).not_to_be_checked()
    till.get_by_label(EMAIL).fill("b")
    expect(email).to_be_checked()  # as the store settled
    expect(save).to_contain_text("Save Pet Owner - Send", use_inner_text=True)
    expect(save.locator(".goes-text")).to_be_hidden()
    till.get_by_label(EMAIL).fill("")
    expect(email).not_to_be_checked()
    expect(save).not_to_contain_text("Send", use_inner_text=True)
    email_again = till.get_by_label(EMAIL)
    email_again.fill("b@x.org")
    expect(email).to_be_checked()
    email.uncheck()
    email_again.fill("")
    email_again.fill("b@x.org")
    expect(email).not_to_be_checked()  # what the cashier said stays said


def test_who_looks_alike_is_asked_for_even_on_the_way_to_the_preview(
    till: Page, huxley: Retailer, midtown: Location
) -> None:
    with inside(huxley), transaction.atomic():
        make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", at=midtown)
    till.goto(NEW)
    till.get_by_label(PHONE).fill("4065550142")
    till.get_by_role("button", name="Preview Welcome Email").focus()
    expect(till.locator("#lookalikes")).to_contain_text("Ben Ortiz has this number. Use Ben?")


def test_enter_in_a_field_saves_and_does_not_preview(till: Page, huxley: Retailer) -> None:
    till.goto(NEW)
    till.get_by_label(FIRST).fill("Zoë")
    till.get_by_label(FIRST).press("Enter")
    expect(till.get_by_role("alert")).to_contain_text("Type the last name.")
    till.get_by_label(LAST).fill("Nguyễn")
    till.get_by_label(LAST).press("Enter")
    expect(till).to_have_url(re.compile(r"/customers/\d+/more/$"))
    assert len(till.context.pages) == 1
    till.get_by_label("Postcode").press("Enter")  # finished, not another pet
    expect(till).to_have_url(re.compile(r"/checkout/\d+/$"))


def test_recommended_asks_once_by_keyboard(till: Page, huxley: Retailer) -> None:
    settle(huxley, email="wanted", pets="wanted")
    till.goto(NEW)
    till.get_by_label(FIRST).fill("Zoë")
    till.get_by_label(LAST).fill("Nguyễn")
    send_by_keys(till)
    expect(till.get_by_role("link", name="Yes, fill it in")).to_be_focused()
    assert findings_everywhere(till) == {}
    till.keyboard.press("Enter")
    expect(till.get_by_label(EMAIL)).to_be_focused()
    send_by_keys(till)
    expect(till).to_have_url(re.compile(r"/customers/\d+/more/$"))
    send_by_keys(till)
    expect(till.get_by_role("heading", name="Add a pet?")).to_be_visible()
    till.get_by_role("button", name="No, go on without").click()
    expect(till).to_have_url(re.compile(r"/checkout/\d+/$"))


def test_without_scripts_the_server_says_what_is_missing_and_the_rest_works(
    browser: Browser, live_server: LiveServer, cashier: User, midtown: Location, huxley: Retailer
) -> None:
    mailing.tell_address(midtown)
    context = context_of(browser, live_server, cashier, java_script_enabled=False)
    page = context.new_page()
    page.goto(NEW)
    page.get_by_label(FIRST).fill("Zoë")
    page.get_by_label(LAST).fill("Nguyễn")
    page.get_by_label("Send SMS Opt In Text").check()
    save = page.get_by_role("button", name="Save Pet Owner")
    expect(save).to_contain_text("Save Pet Owner - Send", use_inner_text=True)
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("Type the mobile phone number that the text goes to")
    with context.expect_page() as shown:
        page.get_by_role("button", name="Preview Welcome Email").click()
    expect(shown.value.get_by_text("Greetings, Zoë Nguyễn.")).to_be_visible()
    page.get_by_label(PHONE).fill("4065550142")
    save.click()
    page.get_by_label("Pet Name").fill("Biscuit")
    page.get_by_role("button", name="Add another pet").click()
    page.locator("#id_pet-1-name").fill("Miso")
    page.get_by_role("button", name="Finished").click()
    expect(page).to_have_url(re.compile(r"/checkout/\d+/$"))
    context.close()
    with inside(huxley), transaction.atomic():
        assert list(Pet.objects.values_list("name", flat=True)) == ["Biscuit", "Miso"]


SCREENS = {"account": NEW, "address and pets": "/customers/{customer}/more/", "settings": "/customers/settings/"}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    office: Page, huxley: Retailer, midtown: Location, screen: str
) -> None:
    with inside(huxley), transaction.atomic():
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
        customer = make_customer(first_name="x" * 90, last_name="y" * 90, at=midtown)
    office.goto(SCREENS[screen].format(customer=customer.pk))
    if screen == "account":
        office.get_by_label(PHONE).fill("4065550142")
        office.get_by_label("Send SMS Opt In Text").check()
        office.get_by_text("What the text will say").click()
    if screen == "address and pets":
        office.get_by_role("button", name="Add another pet").click()
    assert faults(office) == {}


def test_axe_finds_nothing_in_the_preview_and_in_a_refused_page(till: Page, huxley: Retailer) -> None:
    till.goto(NEW)
    till.get_by_role("button", name="Preview Welcome Email").click()
    expect(till.frame_locator("iframe").get_by_text("Greetings,")).to_be_visible()
    found = findings_everywhere(till)
    till.keyboard.press("Escape")
    send_by_keys(till)
    expect(till.get_by_role("alert")).to_be_visible()
    assert (found, findings_everywhere(till)) == ({}, {})
