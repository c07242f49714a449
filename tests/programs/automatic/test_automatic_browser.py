"""An owner has a brand's offers enrolled by themselves, with the keyboard: a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.kit.clock import utc_now
from astro.programs.models import Kind
from tests import cast
from tests.browser import page_of
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, live_server, owner):
    with page_of(browser, live_server, owner) as shown:
        yield shown


def test_from_the_tab_to_an_offer_that_is_left_again(page, northpaw, paws):
    last_day = utc_now().date() + timedelta(days=20)
    cast.make_program(title="November offer", kind=Kind.OFFER, brand=northpaw, carriers=[paws], ends_on=last_day)
    page.goto("/offers/")
    page.get_by_role("link", name="Auto-Enrollment").click()
    assert findings_everywhere(page) == {}
    page.get_by_role("link", name="Northpaw").click()
    assert findings_everywhere(page) == {}
    expect(page.get_by_label("Account number of Midtown")).to_be_hidden()
    page.get_by_label("Some locations").check()
    expect(page.get_by_label("Distributor of all locations")).to_be_hidden()
    page.get_by_label("Midtown (optional)", exact=True).select_option(label="Paws Distributing")
    page.get_by_label("Account number of Midtown").fill("48")
    page.get_by_role("button", name="Review auto-enrollment").press("Enter")
    expect(page.get_by_text("“November offer” at Midtown")).to_be_visible()
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="I agree, activate auto-enrollment").press("Enter")
    expect(page.get_by_text("Auto-enrollment of Northpaw is on.")).to_be_visible()
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="Leave November offer").click()
    expect(page.get_by_text("Left “November offer”: Midtown.")).to_be_visible()
    page.get_by_role("button", name="Stop auto-enrollment").click()
    expect(page.get_by_text("What is enrolled stays.")).to_be_visible()
    page.goto("/offers/auto-enrollment/")
    assert findings_everywhere(page) == {}
