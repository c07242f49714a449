"""Support publishes a version with the keyboard, and the store and its till say so: a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.kit.clock import utc_now
from astro.programs.models import ProgramVersion
from astro.programs.rules import RuleOfCard
from astro.programs.versions.actions import publish_version
from tests import cast
from tests.browser import page_of
from tests.checkout.buying import buy
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_support_publishes_and_withdraws(browser, live_server, midtown, owner, dry_dog):
    cast.make_support(email="sue@platform.example")
    cast.make_enrollment(midtown, program=dry_dog, by=owner)
    with page_of(browser, live_server, None) as page:
        page.goto("/sign-in/")
        page.get_by_label("E-mail or user name").fill("sue@platform.example")
        page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Programs").click()
        expect(page.get_by_role("heading", name="Programs")).to_be_visible()
        assert findings_everywhere(page) == {}
        page.get_by_role("link", name="Northpaw Dry Dog", exact=True).click()
        assert findings_everywhere(page) == {}
        page.get_by_role("link", name="New version of Northpaw Dry Dog card").click()
        assert findings_everywhere(page) == {}
        page.get_by_label("move over with their next purchase").check()
        page.get_by_label("Purchases that fill the card").fill("10")
        page.get_by_label("Reason").fill("A new year")
        page.get_by_role("button", name="See what it means").press("Enter")
        expect(page.get_by_text("It touches 1 store with 1 of its locations.")).to_be_visible()
        expect(page.get_by_text("Open cards move over")).to_be_visible()
        assert findings_everywhere(page) == {}
        page.get_by_role("button", name="Publish the version").press("Enter")
        expect(page.get_by_text("To come")).to_be_visible()
        assert findings_everywhere(page) == {}
        page.get_by_role("link", name="Withdraw version 2").click()
        page.get_by_label("Reason").fill("A slip")
        assert findings_everywhere(page) == {}
        page.get_by_role("button", name="Withdraw it").press("Enter")
        expect(page.get_by_text("Withdrawn: what held before goes on.")).to_be_visible()
    with cast.platform("test"):
        assert ProgramVersion.objects.count() == 1


def test_the_till_says_under_which_version_a_card_runs(browser, live_server, midtown, owner, northpaw):
    food = cast.make_product(name="Gold", brand=northpaw)
    program = cast.make_program(title="Dry Dog", brand=northpaw, products=[food])
    cast.make_enrollment(midtown, program=program, by=owner)
    with cast.inside(midtown.retailer):
        customer = cast.make_customer(at=midtown)
    buy(customer, food, 2, at=midtown)
    with cast.platform("test"):
        card = program.cards.get()
    soon = utc_now().date() + timedelta(days=9)
    publish_version(
        card, RuleOfCard(10, 1, "any", "lesser_or_equal"), from_on=soon, reason="Why", by=owner, now=utc_now()
    )
    with page_of(browser, live_server, owner) as page:
        page.goto(f"/checkout/{customer.pk}/")
        expect(page.locator(".punch-card")).to_contain_text("Began under: Buy 12, get 1. New cards from")
        assert findings_everywhere(page) == {}
        page.goto(f"/programs/{program.pk}/")
        expect(page.get_by_text("go on as they began")).to_be_visible()
        assert findings_everywhere(page) == {}
