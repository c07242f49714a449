"""The list of customers, its tags and a customer's page in a real Chromium, by keyboard and for every eye."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customers.actions import add_pet, add_tag, retire_customer, write_address, write_note
from astro.customers.consent.asking import hear
from astro.customers.models import Act, Channel, CustomerTag, Source
from astro.customers.pets import read_pet
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.browser import page_of
from tests.cast import NOW, make_customer
from tests.kit.axe import faults
from tests.project.access_matrix import a_gift

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = {
    "list with filters": "/customers/?place=all&text=yes&tag=none",
    "list of the removed": "/customers/?place=all&removed=yes",
    "tags": "/customers/tags/",
    "rename": "/customers/tags/{tag}/",
    "page": "/customers/{ben}/",
    "page with cards": "/customers/{buyer}/",
    "page of a removed customer": "/customers/{gone}/",
    "all of consent": "/customers/{ben}/consent/",
    "remove": "/customers/{ben}/remove/",
}


@pytest.fixture
def ids(huxley: Retailer, midtown: Location, cashier: User) -> dict[str, int]:
    """Customers with much to tell, in long words."""
    home = {"postcode": "59901", "street": "1 " + "Main" * 20, "street2": "", "city": "Kalispell", "region": "MT"}
    with inside(huxley), transaction.atomic():
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", email="b@x.org", at=midtown)
        make_customer(first_name="Ann", last_name="Lee", phone="4065550143", at=midtown)
        gone = make_customer(first_name="x" * 90, last_name="y" * 90, email=f"{'a' * 60}@example.com", at=midtown)
        retire_customer(gone, at=midtown, by=cashier, now=NOW)
        said = {"customer": ben, "words": "Reply YES. " + "w" * 90, "now": NOW}
        hear(Channel.TEXT, ben.phone, Act.ASKED, source=Source.TILL, by=cashier, location=midtown, **said)
        hear(Channel.TEXT, ben.phone, Act.YES, source=Source.REPLY, evidence={"reply": "y" * 90}, **said)
        write_address(ben, home, by=cashier, at=midtown, now=NOW)
        write_note(ben, "z" * 200, by=cashier, at=midtown, now=NOW)
        add_pet(ben, read_pet(name="p" * 60, kind="dog", age=3, today=NOW.date()), by=cashier, at=midtown, now=NOW)
        tag, _long = add_tag("VIP", now=NOW), add_tag("t" * 40, now=NOW)
        buyer = a_gift(midtown).customer_id
    return {"ben": ben.pk, "gone": gone.pk, "tag": tag.pk, "buyer": buyer}


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: User, ids: dict[str, int]) -> Iterator[Page]:
    """A page of the signed-in owner. Whatever the console complains about fails the test."""
    with page_of(browser, live_server, owner) as page:
        yield page


def test_axe_finds_nothing_and_nothing_scrolls_sideways(desk: Page, ids: dict[str, int]) -> None:
    found = {}
    for screen, address in SCREENS.items():
        desk.goto(address.format(**ids))
        desk.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        found[screen] = faults(desk)
    assert found == {screen: {} for screen in SCREENS}


def test_filter_tick_tag_and_export_by_keyboard(desk: Page, huxley: Retailer, ids: dict[str, int]) -> None:
    desk.goto("/customers/")
    desk.locator(".narrowing > summary").focus()
    desk.keyboard.press("Enter")
    texts = desk.get_by_label("Texts", exact=True)
    texts.focus()
    desk.keyboard.press("ArrowDown")  # Opted in
    expect(desk).to_have_url(re.compile("text=yes"))
    expect(desk.locator("tbody th")).to_have_text(["Ortiz, Ben"])
    expect(texts).to_be_focused()
    expect(desk.get_by_role("link", name="Texts: Opted in")).to_be_visible()

    whole = desk.get_by_label("This page")
    whole.focus()
    desk.keyboard.press("Space")
    expect(desk.get_by_label("Tick Ben Ortiz")).to_be_checked()
    expect(desk.locator("[data-ticked]")).to_have_text("1 ticked")
    desk.get_by_label("Tag for the ticked customers").focus()
    desk.keyboard.type("VIP")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Tag", exact=True)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("1 customer now has the tag “VIP”.")).to_be_visible()
    expect(desk).to_have_url(re.compile(r"\?.*text=yes"))
    with inside(huxley), transaction.atomic():
        assert [row.customer_id for row in CustomerTag.objects.all()] == [ids["ben"]]

    desk.locator(".drop-down > summary").focus()
    desk.keyboard.press("Enter")
    pets = desk.get_by_role("link", name="Pets, CSV")
    expect(pets).to_be_visible()
    with desk.expect_download() as download:
        pets.press("Enter")
    assert download.value.suggested_filename == "pets.csv"
    desk.keyboard.press("Escape")
    expect(pets).to_be_hidden()

    desk.get_by_role("link", name="Ortiz, Ben").press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")
    desk.get_by_text("The words, and what proves it").first.press("Enter")
    expect(desk.locator("blockquote").first).to_be_visible()
