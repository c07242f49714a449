"""Support places a hold: the cashier is told whom to ask, what the till kept comes in all the same, and all goes on
when the hold is lifted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from astro.billing.models import Hold
from astro.cards.models import Punch
from astro.checkout.models import Visit
from tests.browser import context_of, patiently
from tests.cast import PASSWORD, inside, make_support
from tests.checkout.scanner import GOLD, enter, line, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def support(browser, live_server):
    """A page of the platform's support, who came in by the one door."""
    make_support(email="sue@platform.example")
    context = context_of(browser, live_server, None)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail or user name").fill("sue@platform.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    enter(page)
    expect(page.get_by_role("heading", name="Stores")).to_be_visible()
    yield page
    context.close()


def shuts_nobody_out(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def visits(huxley):
    with inside(huxley):
        return Visit.objects.count()


def test_a_hold_stops_the_store_and_not_the_queue_of_its_till(context, till, support, huxley, owner):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    context.set_offline(True)
    till.keyboard.press("Control+Enter")
    expect(till.locator("#kept-visit")).to_contain_text("It is sent when the connection is back.")

    shuts_nobody_out(support)
    support.get_by_role("link", name="Huxley House").click()
    shuts_nobody_out(support)
    support.get_by_role("link", name="Place a hold").click()
    shuts_nobody_out(support)
    support.keyboard.press("Control+Enter")
    expect(support.get_by_text("Say why in a few words").first).to_be_visible()
    support.get_by_label("Reason").fill("The bill of October is open")
    support.keyboard.press("Control+Enter")
    expect(support.get_by_text("The account is on hold.")).to_be_visible()
    expect(support.get_by_text("The bill of October is open").first).to_be_visible()

    context.route("**/checkout/arrivals/", lambda route: route.abort())
    context.set_offline(False)
    till.goto("/checkout/")
    expect(till.get_by_role("heading", name="Your account is on hold")).to_be_visible()
    expect(till.get_by_role("link", name="owner@huxleyhouse.example")).to_be_visible()
    shuts_nobody_out(till)
    assert visits(huxley) == 0
    context.unroute("**/checkout/arrivals/")
    till.evaluate("dispatchEvent(new Event('online'))")
    for _ in patiently():
        if visits(huxley):
            break
        till.wait_for_timeout(50)
    with inside(huxley):
        assert (Visit.objects.count(), Hold.objects.get().lifted_at) == (1, None)

    support.get_by_role("link", name="Lift the hold").click()
    support.get_by_label("Reason").fill("Paid")
    support.keyboard.press("Control+Enter")
    expect(support.get_by_text("The hold is lifted.")).to_be_visible()
    till.goto("/checkout/")
    expect(till.get_by_role("heading", name="Your account is on hold")).to_have_count(0)
    with inside(huxley):
        assert Punch.objects.count() == 1
