"""Letters in a real Chromium: looked at by the store, answered by their reader, without scripts and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customers.models import Customer
from tests.browser import context_of, page_of
from tests.cast import NOW, inside, make_customer
from tests.kit.axe import findings_everywhere
from tests.messaging import mailing
from tests.messaging.mailing import BETTYS, ask_by_mail, kept, path_in, send_all, tell_address
from tests.messaging.texting import ask_by_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def betty(huxley, midtown, cashier, live_server, settings) -> Customer:
    """Asked by mail, which was kept here; the links in it lead to the server of this test."""
    mailing.set_up(settings, port=None)
    settings.PUBLIC_URL = live_server.url
    tell_address(midtown)
    with inside(huxley):
        betty = make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)
    ask_by_mail(betty, by=cashier, at=midtown, now=NOW)
    send_all()
    return betty


@pytest.fixture
def office(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    """A page of the signed-in owner; nothing in the console may complain."""
    with page_of(browser, live_server, owner) as page:
        yield page


def test_a_kept_letter_is_opened_in_its_frame_and_its_links_lead_to_pages(betty, office: Page):
    office.goto(reverse("messaging:mailbox"))
    office.get_by_role("link", name="Welcome Email").click()
    expect(office.get_by_text("Not sent: demo")).to_be_visible()
    letter = office.frame_locator("iframe")
    expect(letter.get_by_role("heading", name="Greetings, Betty Smith.")).to_be_visible()
    width = "one => one.getBoundingClientRect().width"
    assert office.locator("iframe").evaluate(width) > 800
    office.get_by_text("Phone", exact=True).click()
    expect(office.locator("iframe")).to_have_css("width", "390px")
    with office.expect_popup() as opened:
        letter.get_by_role("link", name="Verify my e-mail address").click()
    expect(opened.value.get_by_role("button", name="Verify my e-mail address")).to_be_visible()
    opened.value.close()


def test_the_words_of_a_kept_text_can_be_read(office: Page, huxley, midtown, cashier):
    tell_address(midtown)
    with inside(huxley):
        ann = make_customer(at=midtown, first_name="Ann", phone="4065550133")
    ask_by_text(ann, by=cashier, at=midtown)
    send_all()
    office.goto(reverse("messaging:mailbox"))
    office.get_by_role("link", name="SMS Opt In Text").click()
    expect(office.get_by_text("Reply YES")).to_be_visible()


def test_screens_have_no_findings(betty, office: Page, huxley):
    (message,) = kept(huxley)
    pages = [
        reverse("messaging:mailbox"),
        reverse("messaging:mailbox") + "?q=nobody",
        reverse("messaging:kept", args=[message.pk]),
    ]
    for page in pages:
        office.goto(page)
        assert findings_everywhere(office) == {}, page


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_the_letter_can_be_read_in_the_light_and_in_the_dark(betty, office: Page, huxley, colors):
    (message,) = kept(huxley)
    office.emulate_media(color_scheme=colors)
    office.set_content(message.html)
    styled = "element => { const s = getComputedStyle(element); return [s.color, s.backgroundColor] }"
    words = office.get_by_role("heading", name="Greetings").evaluate(styled)[0]
    paper = office.locator(".paper").evaluate(styled)[1]
    expected = {"light": ("rgb(29, 26, 43)", "rgb(255, 255, 255)"), "dark": ("rgb(242, 240, 248)", "rgb(30, 28, 38)")}
    assert (words, paper) == expected[colors]


def test_a_reader_verifies_and_leaves_without_scripts_or_cookies_on_a_phone(betty, browser, live_server, huxley):
    text = kept(huxley)[0].text
    how = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    context = context_of(browser, live_server, None, **how)
    page = context.new_page()
    page.goto(path_in(text, "verify"))
    expect(page.get_by_text("b•••@example.com")).to_be_visible()
    page.get_by_role("button", name="Verify my e-mail address").click()
    expect(page.get_by_role("heading", name="Thank you. You are on the mailing list.")).to_be_visible()
    assert mailing.state(huxley) == "yes"
    page.get_by_role("link", name="Unsubscribe").click()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert mailing.state(huxley) == "stopped"
    page.get_by_role("link", name="Terms and privacy").click()
    expect(page.get_by_role("heading", name="Messages: terms and privacy")).to_be_visible()
    assert context.cookies() == []
    context.close()


def test_the_readers_pages_have_no_findings(betty, browser: Browser, live_server: LiveServer, huxley):
    text = kept(huxley)[0].text
    with page_of(browser, live_server, None, but="status of 404") as page:
        for path in (
            path_in(text, "verify"),
            path_in(text, "unsubscribe"),
            path_in(text, "terms"),
            "/m/verify/broken/",
        ):
            page.goto(path)
            expect(page).to_have_title(re.compile("·"))
            assert findings_everywhere(page) == {}, path
