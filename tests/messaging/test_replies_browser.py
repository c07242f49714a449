"""The list of replies for every eye and by keyboard, and what it does with long words on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.kit.clock import utc_now
from astro.messaging.texts.inbound import Incoming, receive
from astro.tenancy.models import Location
from tests import cast
from tests.browser import page_of
from tests.kit.axe import findings_everywhere, sideways
from tests.messaging.texting import BETTYS, OURS, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = ["please leave me alone", "Do you have kittens?", "x" * 400, "", "HELP"]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, owner: User, midtown: Location) -> Iterator[Page]:
    with cast.inside(midtown.retailer):
        cast.make_customer(at=midtown, first_name="Betty", last_name="Smith", phone=BETTYS)
        for number, body in enumerate(SAID):
            sender = BETTYS if number < 3 else "+14065550199"
            receive(Incoming(f"SM{number}", sender, OURS, body), now=utc_now())
    with page_of(browser, live_server, owner) as page:
        yield page


def test_read_found_and_settled_by_keyboard(page: Page, midtown: Location) -> None:
    page.goto("/messages/replies/?show=all")
    assert findings_everywhere(page) == {}
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page, widths=[390]) == {}
    page.reload()
    expect(page.get_by_role("link", name="Replies by text")).to_be_in_viewport(ratio=1)

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/messages/replies/")
    page.get_by_role("searchbox").press_sequentially("alone")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="It means stop").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No more texts go to Betty Smith.")).to_be_visible()
    expect(page.get_by_text("No text has “alone” in it.")).to_be_visible()
    assert findings_everywhere(page) == {}
    assert state(midtown.retailer) == "stopped"
