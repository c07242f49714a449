"""Taking a till over in a real browser: how many taps and keys, and that nothing of the basket is lost."""

from contextlib import contextmanager

import pytest
from django.http import HttpResponse
from playwright.sync_api import expect

from astro.accounts import tills
from astro.accounts.models import StaffSession
from tests.accounts.test_pins import give_pin
from tests.browser import complaints_of, context_of
from tests.cast import make_device
from tests.checkout.scanner import GOLD, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pins(cashier, owner):
    give_pin(cashier, "4711")
    give_pin(owner, "83051")


@contextmanager
def till_page(browser, server, midtown, owner, **how):
    """A browser that is a till of Midtown; nobody is signed in."""
    _device, cookie = make_device(midtown, by=owner, name="Front counter")
    response = HttpResponse()
    tills.write_cookie(response, cookie=cookie)
    context = context_of(browser, server, None, **how)
    context.add_cookies([{"name": tills.COOKIE, "value": response.cookies[tills.COOKIE].value, "url": server.url}])
    try:
        page = context.new_page()
        wrong = complaints_of(page, only="Security Policy")
        yield page
    finally:
        context.close()
    assert wrong == []


def looks_right(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})


def loads_of(page):
    """Addresses of the pages that are loaded from now on."""
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    return loads


def at_work(page, name):
    """What comes after the page is here too: it lets the next one in without leaving the page."""
    expect(page.locator("button.who")).to_contain_text(name)
    page.evaluate("import(document.body.dataset.later)")
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")


def test_one_tap_and_digits_and_the_basket_stays(browser, live_server, midtown, owner, sally, shelf, pins):
    with till_page(browser, live_server, midtown, owner) as page:
        page.goto(f"/checkout/{sally.pk}/")
        expect(page.get_by_role("heading", name="Who is at the till?")).to_be_visible()
        looks_right(page)
        page.get_by_text("Cass Cashier").click()
        page.keyboard.type("4711")
        at_work(page, "Cass Cashier")
        scan(page, GOLD)
        line = page.locator(".today-line")
        expect(line).to_contain_text("Northpaw Gold")

        # One page is loaded, and it is the one where the other person was.
        page.locator("button.who").click()
        page.get_by_role("link", name="Switch person").click()
        expect(page.get_by_role("dialog")).to_contain_text("Here now")
        looks_right(page)
        loads = loads_of(page)
        page.get_by_role("dialog").get_by_text("Olive Owner").click()
        page.keyboard.type("83051")
        at_work(page, "Olive Owner")
        assert [url.removeprefix(live_server.url) for url in loads] == [f"/checkout/{sally.pk}/"]
        expect(line).to_contain_text("Northpaw Gold")
        assert list(StaffSession.objects.values_list("user_id", "is_by_pin")) == [(owner.pk, True)]

        # Locked: only names and digits, and then where it stopped.
        page.locator("button.who").click()
        page.get_by_role("button", name="Lock the till").click()
        expect(page.get_by_role("heading", name="Who is at the till?")).to_be_visible()
        assert not StaffSession.objects.filter(user__isnull=False).exists()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.type("4712")
        expect(page.get_by_text("That is not the PIN. Try again: 4 more tries.")).to_be_visible()
        looks_right(page)
        page.keyboard.type("4711")
        at_work(page, "Cass Cashier")
        expect(line).to_contain_text("Northpaw Gold")


def test_fingers_on_a_phone_and_an_office_page_asks_for_the_password(
    browser, live_server, midtown, owner, sally, shelf, pins
):
    touch = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with till_page(browser, live_server, midtown, owner, **touch) as page:
        page.goto(f"/till/switch/?next=/checkout/{sally.pk}/")
        taps = ["Olive Owner", *"83051"]
        page.get_by_text(taps[0]).tap()
        for digit in taps[1:]:
            page.get_by_role("button", name=digit, exact=True).tap()
        at_work(page, "Olive Owner")
        page.goto("/devices/")
        expect(page.get_by_role("heading", name="Sign in with your password")).to_be_visible()
        looks_right(page)
        page.get_by_role("link", name="Sign in with your password").tap()
        expect(page).to_have_url(f"{live_server.url}/sign-in/?next=/devices/")


def test_without_scripts_a_name_and_digits_are_a_form(browser, live_server, midtown, owner, cashier, pins):
    with till_page(browser, live_server, midtown, owner, java_script_enabled=False) as page:
        page.goto("/till/switch/?next=/customers/")
        page.get_by_role("radio", name="Cass Cashier").check()
        page.get_by_label("PIN").fill("4711")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Customers")).to_be_visible()
