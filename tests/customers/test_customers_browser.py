"""The screens of customers in a real Chromium, against the real server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customers.actions import add_practice_customer
from astro.customers.models import Customer
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.browser import page_of, send_by_keys
from tests.cast import NOW, make_customer
from tests.kit.axe import faults, findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = {
    "list": "/customers/",
    "best matches": "/customers/?q=0142",
    "nobody found": "/customers/?q=Zebulon+Quux",
    "new": "/customers/new/",
    "new from a search": "/customers/new/?q=Zebulon+4065550199",
    "page": "/customers/{ben}/",
    "page of the practice customer": "/customers/{sally}/",
    "edit": "/customers/{ben}/edit/",
}


@pytest.fixture
def ids(huxley: Retailer, midtown: Location) -> dict[str, int]:
    """Customers with long names and addresses, few data, and in other scripts."""
    with inside(huxley), transaction.atomic():
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", email="b@x.org", at=midtown)
        make_customer(first_name="x" * 90, last_name="y" * 90, email=f"{'a' * 60}@{'b' * 60}.example.com", at=midtown)
        make_customer(first_name="שרה", last_name="🐶 כהן", at=midtown)
        sally = add_practice_customer(now=NOW)
    return {"ben": ben.pk, "sally": sally.pk}


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: User, ids: dict[str, int]) -> Iterator[Page]:
    """A page of the signed-in owner. Whatever the console complains about fails the test, but for refused forms."""
    with page_of(browser, live_server, owner, but="status of 422") as page:
        yield page


def test_axe_finds_nothing_and_nothing_scrolls_sideways(desk: Page, ids: dict[str, int]) -> None:
    found = {}
    for screen, address in SCREENS.items():
        desk.goto(address.format(**ids))
        found[screen] = faults(desk)
    assert found == {screen: {} for screen in SCREENS}


def test_typing_narrows_the_list_and_the_address_follows(desk: Page) -> None:
    desk.goto("/customers/")
    search = desk.get_by_role("searchbox")
    search.press_sequentially("orti")
    expect(desk.locator("tbody th")).to_have_text(["Ortiz, Ben"])
    expect(desk).to_have_url(re.compile(r"\?q=orti"))
    expect(search).to_be_focused()
    search.press_sequentially("zzz")
    desk.get_by_role("link", name="Add “ortizzz”").click()
    expect(desk.get_by_label("Pet Owner First Name")).to_have_value("Ortizzz")
    expect(desk.get_by_label("Pet Owner Last Name")).to_be_focused()


def test_who_looks_alike_is_offered_while_typing(desk: Page, ids: dict[str, int]) -> None:
    desk.goto("/customers/new/")
    desk.get_by_label("Pet Owner Mobile Phone").press_sequentially("(406) 555-0142")
    expect(desk.locator("#lookalikes")).to_contain_text("Ben Ortiz has this number. Use Ben?")
    desk.get_by_role("link", name="Use Ben").click()
    expect(desk).to_have_url(re.compile(f"/checkout/{ids['ben']}/$"))


def test_saving_too_little_says_what_is_missing_and_then_goes_on(desk: Page, huxley: Retailer) -> None:
    desk.goto("/customers/new/")
    save = desk.get_by_role("button", name="Save Pet Owner")
    save.click()
    summary = desk.get_by_role("alert")
    expect(summary).to_contain_text("Type the first name.")
    expect(summary).to_be_focused()
    expect(desk).to_have_title(re.compile("^Error:"))
    assert findings_everywhere(desk) == {}
    summary.get_by_role("link", name="Type the first name.").click()
    expect(desk.get_by_label("Pet Owner First Name")).to_be_focused()
    desk.get_by_label("Pet Owner First Name").fill("Zoë")
    desk.get_by_label("Pet Owner Last Name").fill("Nguyễn")
    save.click()
    expect(desk).to_have_url(re.compile(r"/customers/\d+/more/$"))
    with inside(huxley), transaction.atomic():
        assert Customer.objects.filter(first_name="Zoë", last_name="Nguyễn").count() == 1


@pytest.mark.parametrize("focus", ["Pet Owner Email", ""])
@pytest.mark.parametrize("screen", ["new", "edit"])
def test_ctrl_enter_saves_from_a_field_and_from_none(
    desk: Page, huxley: Retailer, ids: dict[str, int], screen: str, focus: str
) -> None:
    desk.goto(SCREENS[screen].format(**ids))
    expect(desk.get_by_role("button", name="Save Pet Owner").locator("kbd")).to_have_text("Ctrl+Enter")
    desk.get_by_label("Pet Owner First Name").fill("Zoë")
    desk.get_by_label("Pet Owner Last Name").fill("Nguyễn")
    if focus:
        desk.get_by_label(focus).focus()
    else:
        desk.get_by_role("heading", level=1).click()
    send_by_keys(desk)
    expect(desk).to_have_url(re.compile(r"/customers/\d+/(more/)?$"))
    with inside(huxley), transaction.atomic():
        assert Customer.objects.filter(first_name="Zoë", last_name="Nguyễn").count() == 1
