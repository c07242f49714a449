"""A store makes a program of its own by keyboard, and the till has it: a real browser."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from astro.programs.models import Program
from tests.browser import page_of
from tests.cast import inside
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, live_server, owner):
    with page_of(browser, live_server, owner, but="status of 422") as shown:
        yield shown


def test_a_cash_back_card_from_the_menu_to_the_catalogue(page, huxley):
    page.goto("/programs/own/")
    assert findings_everywhere(page) == {}
    page.get_by_role("link", name="Make one Cash back").click()
    page.get_by_label("Name of the card").fill("Wash card")
    page.get_by_label("What fills the card").fill("Dog wash 25.00\nNail trim 18.00")
    page.get_by_label("Purchases until it is paid out").fill("10")
    page.get_by_label("Cash back, in percent").fill("5")
    assert (findings_everywhere(page), sideways(page)) == ({}, {})
    page.set_viewport_size({"width": 1280, "height": 800})
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


def test_a_picture_stands_on_the_card_before_and_after_it_is_made(page, huxley, tmp_path):
    taken = tmp_path / "card.jpg"
    Image.new("RGB", (1200, 800), "teal").save(taken, "JPEG")
    page.goto("/programs/own/new/?kind=buy_get")
    page.get_by_label("Name of the card").fill("Wash card")
    page.get_by_label("What fills the card").fill("Dog wash 25.00")
    page.get_by_label("Purchases that fill the card").fill("10")
    page.get_by_label("Picture").set_input_files(taken)
    page.get_by_role("button", name="See the card").click()
    assert is_drawn(page)
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="Back, change something").click()
    expect(page.get_by_text("The picture is here.")).to_be_visible()
    page.get_by_role("button", name="See the card").click()
    page.get_by_role("button", name="Make the program").click()
    page.get_by_role("link", name="Change Wash card").click()
    assert is_drawn(page)
    expect(page.get_by_alt_text("Picture of Wash card")).to_be_visible()
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="Replace picture").press("Enter")
    expect(page.get_by_text("Choose a picture file first.").first).to_be_visible()
    assert findings_everywhere(page) == {}
    page.get_by_role("button", name="Remove picture").press("Enter")
    expect(page.get_by_text("The picture is removed.")).to_be_visible()
    expect(page.locator(".punch-card img")).to_have_count(0)


def is_drawn(page):
    """The card's picture came, is a small square, and stands beside the name."""
    return page.locator(".punch-card header").evaluate(
        """header => {
          const [picture, title] = ["img", "h3"].map(name => header.querySelector(name));
          const [one, other] = [picture, title].map(part => part.getBoundingClientRect());
          return picture.complete && picture.naturalWidth === 192 && one.width === 64 && one.height === 64
            && one.right < other.left && one.top < other.bottom && other.top < one.bottom;
        }"""
    )
