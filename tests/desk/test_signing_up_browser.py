"""From the sign-up form to a recorded practice checkout in a real Chromium, counted: fields, choices and clicks."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.checkout.models import Visit
from astro.credits.models import CreditLine
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.browser import page_of
from tests.kit.axe import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST = 25


class Hands:
    """What a person does, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def fill(self, label: str, text: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, text: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).select_option(text)

    def click(self, kind: str, name: str) -> None:
        self.count += 1
        self.page.get_by_role(kind, name=name).first.click()  # type: ignore[arg-type]


def test_from_the_form_to_a_practice_checkout(browser: Browser, live_server: LiveServer) -> None:
    cache.clear()
    paws = cast.make_distributor(name="Paws Distributing")
    brand = cast.make_brand(name="Northpaw")
    bag = cast.make_product(name="Northpaw Gold", brand=brand)
    cast.make_program(title="Northpaw Dry", brand=brand, products=[bag], rule=RuleOfCard(5), carriers=[paws])
    found = {}
    with page_of(browser, live_server, None, only="Security Policy") as page:
        hands = Hands(page)
        page.goto("/sign-in/")
        hands.click("link", "Sign your store up")
        found["sign up"] = faults(page)
        hands.fill("Store name", "Brand New Pets")
        hands.fill("Street and number", "1 First Street")
        hands.fill("City", "Helena")
        hands.choose("State or province", "MT")
        hands.fill("Postcode", "59601")
        hands.fill("Your name", "Nina New")
        hands.fill("Your e-mail", "nina@brandnew.example")
        hands.fill("Password", "seven quiet tortoises")
        hands.click("button", "Start the free trial")
        expect(page.get_by_role("heading", name="First steps")).to_be_visible()
        found["home"] = faults(page)
        hands.click("link", "Choose your programs")
        found["suggested"] = faults(page)
        hands.click("button", "I agree and enroll in these")
        found["practice"] = faults(page)
        hands.click("link", "Open Sally's till")
        page.wait_for_selector("astro-till:defined")
        page.evaluate("document.querySelector('astro-till').turn")  # the catalogue is there
        hands.click("button", "Browse")
        hands.click("button", "Northpaw")  # the brand, its program, its item
        hands.click("button", "Northpaw Dry")
        hands.click("button", "Northpaw Gold")
        hands.click("button", "Check out")
        expect(page.locator("[data-part=finished]")).to_contain_text("Northpaw")
        page.goto("/")
        expect(page.locator(".first-steps li").nth(1)).to_contain_text("Done")
    assert hands.count <= MOST, hands.count
    assert found == {name: {} for name in found}
    with cast.inside(Retailer.objects.get(name="Brand New Pets")):
        visit = Visit.objects.get()
        assert visit.is_practice
        assert not CreditLine.objects.exists()


def test_location_pages_shut_nobody_out(
    browser: Browser, live_server: LiveServer, owner: User, midtown: Location, riverside: Location
) -> None:
    paths = ["/account/locations/", "/account/locations/new/"]
    paths += [f"/account/locations/{midtown.pk}/{part}" for part in ("?new=yes", "edit/", "hours/")]
    found = {}
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        for path in paths:
            page.goto(path)
            found[path] = faults(page)
        page.get_by_label("Monday, opens").fill("09:00")
        page.get_by_label("Monday, closes").fill("08:00")
        page.get_by_role("button", name="Save hours").click()
        page.get_by_text("This is not after the opening.").first.wait_for()
        found["wrong hours"] = faults(page)
    assert found == {path: {} for path in found}
