"""Doubles, merging, a person's data and erasing in a real Chromium: at every size, light and dark, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customers.actions import write_note
from astro.customers.doubles import look_for_doubles
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.browser import page_of
from tests.cast import NOW, make_customer
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ids(huxley: Retailer, midtown: Location, owner: User) -> list[int]:
    """Two pairs: one like any other, and one whose names and addresses are as long as they may be."""
    with inside(huxley), transaction.atomic():
        made = [
            make_customer(first_name="Betty", last_name="Smith", phone="4065550142", at=midtown),
            make_customer(first_name="Betty", last_name="Smith", email="betty@example.com", at=midtown),
            *(make_customer(first_name="x" * 90, last_name="y" * 90, at=midtown) for _ in range(2)),
        ]
        write_note(made[0], "Likes salmon.\n" + "w" * 200, by=owner, at=midtown, now=NOW)
        assert look_for_doubles(today=NOW.date()) == 2
    return [one.pk for one in made]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner) as page:
        yield page


def test_two_accounts_are_combined_and_split_by_keyboard_and_every_screen_is_sound(desk: Page, ids: list[int]) -> None:
    betty = ids[0]
    for screen in (
        "/customers/doubles/?q=smith",
        f"/customers/merges/new/?kept={ids[2]}&gone={ids[3]}",
        f"/customers/{betty}/data/",
        f"/customers/{betty}/erasure/",
    ):
        desk.goto(screen)
        assert findings_everywhere(desk) == {}, screen
    desk.goto("/customers/doubles/")
    desk.get_by_role("link", name="Combine Betty Smith").press("Enter")
    expect(desk.get_by_role("heading", name="Combine Customers")).to_be_visible()
    desk.get_by_role("button", name="Combine Customers").press("Enter")
    expect(desk.get_by_text("The accounts are combined.")).to_be_visible()
    assert findings_everywhere(desk) == {}
    desk.get_by_role("button", name="Split again").press("Enter")
    expect(desk.get_by_text("These are two accounts.")).to_be_visible()
