"""The band at home and at the till, and the page of the distributor, for every eye."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.programs.enrolling.applying import decide, join
from astro.programs.models import Application, Carrier, Enrollment
from astro.tenancy.models import Location
from tests import cast
from tests.browser import page_of
from tests.checkout.test_finishing import Counter
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        yield page


def test_screens_of_holding_have_no_faults(page: Page, midtown: Location, owner: User) -> None:
    counter = Counter(midtown, owner)
    payer = cast.make_distributor(name="Paws Distributing")
    with cast.platform("it agreed"):
        Carrier.objects.create(program=counter.program, distributor=payer)
    counter.finish(counter.buy(3))
    with cast.inside(midtown.retailer):
        running = Enrollment.objects.get()
    found = {}
    for path in ("/", f"/checkout/{counter.customer.pk}/", f"/programs/enrollments/{running.pk}/distributor/"):
        page.goto(path)
        found[path] = findings_everywhere(page)
    assert found == {path: {} for path in found}
    page.get_by_label("Distributor").first.select_option("Paws Distributing")
    page.get_by_label("Account number").fill("48")
    page.get_by_role("button", name="Change distributor").click()
    page.get_by_text("Paws Distributing from today on.").wait_for()


def test_screens_of_applications_have_no_faults(
    page: Page, browser: Browser, live_server: LiveServer, midtown: Location, riverside: Location, owner: User
) -> None:
    program = cast.make_program(title="Northpaw Select", is_private=True)
    sue = cast.make_support()
    with cast.inside(midtown.retailer):
        for place in (midtown, riverside):
            join(place, program=program, distributor=None, by=owner, now=cast.NOW)
        denied = Application.objects.get(location=midtown)
        decide(denied, is_approved=False, reason="Too near another store", by=sue, now=cast.NOW)
    found = {}
    for path in (f"/programs/{program.pk}/", "/programs/", "/programs/by-location/"):
        page.goto(path)
        found[path] = findings_everywhere(page)
    assert found == {path: {} for path in found}
