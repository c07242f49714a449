"""Converting an account in a real Chromium: from the pop-up at the till and back, sound at every size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.catalog.models import Product
from astro.customers.actions import make_employee
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.programs.models import Audience
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.browser import page_of
from tests.cast import make_brand, make_customer, make_enrollment, make_product, make_program
from tests.checkout.buying import buy
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def breeders(midtown: Location, owner: User) -> Product:
    """A program for breeders whom Northpaw gave a number, with its bag, and one for employees; Midtown joined both."""
    brand = make_brand(name="Northpaw")
    bag = make_product(name="Northpaw Gold", brand=brand)
    made = make_program(
        title="Northpaw Breeder", brand=brand, products=[bag], rule=RuleOfCard(5), audience=Audience.NUMBERED
    )
    fed = make_program(title="Employee Feeder", rule=RuleOfCard(3), audience=Audience.EMPLOYEES)
    for program in (made, fed):
        make_enrollment(midtown, program=program, by=owner)
    return bag


@pytest.fixture
def betty(huxley: Retailer, midtown: Location) -> Customer:
    with inside(huxley), transaction.atomic():
        return make_customer(first_name="Betty", last_name="Smith", phone="4065550142", at=midtown)


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner) as page:
        yield page


def test_from_the_pop_up_to_a_breeder_and_back(
    desk: Page, huxley: Retailer, midtown: Location, betty: Customer, breeders: Product
) -> None:
    desk.goto(f"/checkout/{betty.pk}/")
    desk.locator(".till-customer .status[href$=sign-text]").click()
    popup = desk.locator("dialog#popup")
    expect(popup.get_by_role("link", name="Convert to Employee Account")).to_be_visible()
    assert findings_everywhere(desk) == {}
    popup.get_by_role("link", name="Convert to Breeder Account").press("Enter")
    expect(desk.get_by_role("heading", name="Convert Betty Smith to a Breeder Account")).to_be_visible()
    assert findings_everywhere(desk) == {}
    desk.get_by_label("Breeder number of Northpaw").fill("NP 204")
    desk.keyboard.press("Enter")
    expect(desk.locator(".till-customer").get_by_text("Breeder", exact=True)).to_be_visible()
    assert findings_everywhere(desk) == {}
    buy(betty, breeders, 3, at=midtown)
    desk.goto(f"/customers/{betty.pk}/edit/")
    desk.get_by_role("link", name="Back to Pet Owner").click()
    expect(desk.get_by_text("Northpaw Breeder card: 3 of 5")).to_be_visible()
    assert findings_everywhere(desk) == {}
    desk.get_by_role("button", name="Back to Pet Owner").press("Enter")
    expect(desk.get_by_text("Betty Smith is a pet owner again.")).to_be_visible()
    desk.goto(f"/checkout/{betty.pk}/")
    expect(desk.get_by_text("The account was converted since")).to_be_visible()
    assert findings_everywhere(desk) == {}


def test_the_other_screens_are_sound(
    desk: Page, huxley: Retailer, midtown: Location, betty: Customer, breeders: Product, owner: User
) -> None:
    with inside(huxley), transaction.atomic():
        make_employee(betty, employee_id="E-7", by=owner, at=midtown, now=utc_now())
    for screen in (
        f"/customers/{betty.pk}/kind/employee/",
        f"/customers/{betty.pk}/",
        "/customers/",
        "/customers/new/?kind=breeder",
        f"/checkout/{betty.pk}/history/",
    ):
        desk.goto(screen)
        assert findings_everywhere(desk) == {}, screen
    desk.goto("/customers/")
    desk.get_by_role("link", name="Add New Breeder Account").click()
    desk.get_by_label("Pet Owner First Name").fill("Ann")
    desk.get_by_label("Pet Owner Last Name").fill("Keeper")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="Breeder numbers of Ann Keeper")).to_be_visible()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("heading", name="Address and pets of Ann Keeper")).to_be_visible()
