"""Support decides an exception: in light and dark, on all devices; and the store reads the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import context_of
from tests.cast import make_support
from tests.checkout.exceptions.asking import ask_for, state_of
from tests.checkout.test_finishing import Counter
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shuts_nobody_out(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
def support(browser, live_server, db):
    context = context_of(browser, live_server, None)
    make_support(email="sue@platform.example")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail or user name").fill("sue@platform.example")
    page.get_by_label("Password", exact=True).fill("practice makes paws")
    page.keyboard.press("Enter")
    page.wait_for_url("**/backoffice/**")
    yield page
    context.close()


def test_an_exception_is_approved_and_the_store_reads_it(browser, live_server, support, midtown, owner):
    ticket = ask_for(Counter(midtown, owner), description="Northpaw Gold Lamb 30 lb")
    support.get_by_role("navigation", name="Main menu").get_by_role("link", name="Exceptions").click()
    shuts_nobody_out(support)
    support.get_by_role("link", name="Northpaw Gold Lamb 30 lb").click()
    expect(support.get_by_role("heading", name="Northpaw Gold Lamb 30 lb")).to_be_visible()
    expect(support.get_by_label("A new item")).to_be_checked()
    shuts_nobody_out(support)
    support.get_by_label("Name of the new item").fill("")
    support.get_by_role("button", name="Approve").click()
    expect(support.get_by_text("There is a problem")).to_be_visible()
    shuts_nobody_out(support)
    support.get_by_label("Name of the new item").fill("Gold Lamb")
    support.get_by_label("Add it to the product list").check()
    support.get_by_label("What the store is told besides").fill("Welcome to the list.")
    support.get_by_role("button", name="Approve").click()
    expect(support.get_by_text("The store is told.")).to_be_visible()
    expect(support.get_by_text("No exception waits for an answer.")).to_be_visible()
    assert state_of(ticket) == "listed"
    support.goto(f"/backoffice/exceptions/{ticket.retailer_id}/{ticket.pk}/")
    expect(support.get_by_role("button", name="Take it back")).to_be_visible()
    shuts_nobody_out(support)
    context = context_of(browser, live_server, owner)
    page = context.new_page()
    page.goto(f"/checkout/exceptions/{ticket.pk}/")
    expect(page.locator("main")).to_contain_text("Welcome to the list.")
    shuts_nobody_out(page)
    page.get_by_role("link", name="Talk with support").click()
    expect(page.locator("main")).to_contain_text("from today on the item counts there")
    context.close()
