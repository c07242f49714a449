"""A store makes a program of its own by keyboard, and the till has it: a real browser."""

import pytest
from playwright.sync_api import expect

from astro.programs.models import Program
from tests.browser import page_of
from tests.cast import inside
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, live_server, owner):
    with page_of(browser, live_server, owner) as shown:
        yield shown


def test_a_cash_back_card_from_the_menu_to_the_catalogue(page, huxley):
    page.goto("/programs/own/")
    assert findings_everywhere(page) == {}
    page.get_by_role("link", name="Make one Cash back").click()
    page.get_by_label("Name of the card").fill("Wash card")
    page.get_by_label("What fills the card").fill("Dog wash 25.00\nNail trim 18.00")
    page.get_by_label("Purchases until it is paid out").fill("10")
    page.get_by_label("Cash back, in percent").fill("5")
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="See the card").press("Enter")
    expect(page.get_by_role("heading", name="As the customer sees it")).to_be_visible()
    expect(page.locator(".punch-card")).to_contain_text("Wash card")
    expect(page.get_by_text("5% back after 10 purchases")).to_be_visible()
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="Back, change something").click()
    expect(page.get_by_label("Name of the card")).to_have_value("Wash card")
    page.get_by_role("button", name="See the card").click()
    page.get_by_role("button", name="Make the program").click()
    expect(page.get_by_text("“Wash card” is there.")).to_be_visible()
    with inside(huxley):
        assert Program.objects.get().kind == "cash_back"
    page.get_by_role("link", name="Change Wash card").click()
    assert findings_everywhere(page) == {}
    page.get_by_role("link", name="Change the rule from a day on").click()
    assert findings_everywhere(page) == {}
    page.get_by_label("Purchases until it is paid out").fill("8")
    page.get_by_role("button", name="Save the new rule").click()
    expect(page.get_by_text("The new rule holds from that day on.")).to_be_visible()
