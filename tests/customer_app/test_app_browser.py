"""A customer's first days with the app, in a real Chromium, without one line of script needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.customer_app.models import AppAccount
from astro.customers.consent.queries import state_of
from astro.customers.models import Channel, Consent, Customer
from astro.tenancy.models import Location, Retailer
from tests.browser import context_of, page_of
from tests.cast import app_link, inside
from tests.customer_app.test_pages import buy
from tests.kit.axe import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=[True, False], ids=["", "without script"])
def phone(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Whatever the console complains about fails the test, but for refused forms."""
    how = {"viewport": PHONE, "java_script_enabled": request.param}
    with page_of(browser, live_server, None, but="status of 422", **how) as page:
        yield page


def consents(huxley: Retailer) -> list[tuple[str, str, str]]:
    with transaction.atomic(), inside(huxley):
        return list(Consent.objects.order_by("id").values_list("channel", "act", "source"))


def test_from_the_link_to_the_cards_and_back_another_day(
    phone: Page, huxley: Retailer, betty: Customer, midtown: Location, owner: User, token: str
) -> None:
    buy(betty, 5, at=midtown, by=owner)
    phone.goto(f"/app/join/{token}/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your cards at Huxley House")
    phone.get_by_label("Choose a password").fill("short")
    phone.get_by_role("button", name="Set password and see my cards").click()
    expect(phone.get_by_role("alert")).to_contain_text("at least 10 characters")
    phone.get_by_label("Choose a password").fill("a quiet walk by the river")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Dry Dog card")).to_be_visible()
    expect(phone.get_by_role("article")).to_contain_text("5 of 8, 3 to go")

    phone.get_by_role("link", name="My Account").click()
    mail = phone.get_by_role("switch", name="E-mail")
    expect(mail).not_to_be_checked()
    for on, said in ((True, "yes"), (False, "stop"), (True, "yes")):
        mail.focus()
        phone.keyboard.press("Space")
        expect(mail).to_be_checked(checked=on)
        phone.get_by_role("button", name="Save Changes").click()
        expect(phone.get_by_text("Your changes are saved.")).to_be_visible()
        expect(mail).to_be_checked(checked=on)
        assert consents(huxley)[-1] == ("email", said, "app")

    phone.get_by_role("button", name="Sign out").click()
    phone.goto("/app/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sign in to your cards")
    phone.get_by_label("E-mail").fill("betty.smith@example.com")
    phone.get_by_label("Password", exact=True).fill("a quiet walk by the river")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Dry Dog card")).to_be_visible()
    with transaction.atomic(), inside(huxley):
        assert state_of(Channel.EMAIL, betty.email) == "yes"


def test_no_screen_shuts_anybody_out(
    browser: Browser,
    live_server: LiveServer,
    huxley: Retailer,
    betty: Customer,
    elsewhere_betty: Customer,
    otherpaws: Retailer,
    midtown: Location,
    owner: User,
    account: AppAccount,
) -> None:
    """Axe at three sizes, light and dark; and nothing scrolls to the side."""
    buy(betty, 3, at=midtown, by=owner, need=3)
    buy(betty, 5, at=midtown, by=owner, title="A very long name of a program with many words in it " * 2)
    with transaction.atomic(), inside(otherpaws):
        second = app_link(elsewhere_betty)
    context = context_of(browser, live_server, None, viewport=PHONE)
    page = context.new_page()

    def look() -> None:
        assert faults(page) == {}, page.url

    page.goto("/app/sign-in/")
    look()
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    look()
    page.goto("/app/join/no-such-link/")
    look()
    page.goto("/app/forgot/")
    look()
    page.goto(f"/app/join/{second}/")
    page.get_by_label("Password", exact=True).fill("practice makes paws")
    look()
    page.keyboard.press("Enter")
    page.get_by_text("You have no cards yet.").wait_for()
    look()
    page.get_by_role("link", name="Other store").click()
    look()
    page.get_by_role("button", name="Huxley House").click()
    page.get_by_text("You have a free item: Dry Dog card").wait_for()
    look()
    page.goto("/app/account/")
    look()
    page.goto("/app/password/")
    look()
    context.close()
