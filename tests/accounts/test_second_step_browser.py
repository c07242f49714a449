"""Passkeys in a real browser, with an authenticator that Chromium plays; the second step as people see it."""

from contextlib import contextmanager

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from astro.accounts.models import StaffSession, User
from tests.accounts.stepping import code_of
from tests.browser import complaints_of, context_of, page_of
from tests.cast import PASSWORD
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def page_with_keys(browser, server, user):
    """A page whose computer makes passkeys, with a finger that is always right."""
    context = context_of(browser, server, user)
    try:
        page = context.new_page()
        wrong = complaints_of(page, only="Security Policy")
        protocol = context.new_cdp_session(page)
        protocol.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        keys = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
        yield page, lambda **how: protocol.send("WebAuthn.setUserVerified", {"authenticatorId": keys, **how})
    finally:
        context.close()
    assert wrong == []


def looks_right(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})


def sign_out(page):
    page.goto("/customers/")
    page.locator("button.who").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_passkey_is_added_signs_in_alone_and_with_the_password(browser, live_server, huxley, owner):
    with page_with_keys(browser, live_server, owner) as (page, finger):
        page.goto("/me/second-step/")
        looks_right(page)
        page.get_by_role("link", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
        looks_right(page)
        page.get_by_label("Your password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_label("Name of this passkey").fill("Counter computer")
        looks_right(page)
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.get_by_role("button", name="Show my codes").click()
        expect(page.locator(".codes li")).to_have_count(10)
        looks_right(page)
        with page.expect_download() as kept:
            page.get_by_role("link", name="Download").click()
        codes = kept.value.path().read_text().splitlines()
        assert len(codes) == 10
        page.goto("/me/second-step/")
        expect(page.get_by_role("link", name="Counter computer")).to_be_visible()
        looks_right(page)
        assert User.objects.get(pk=owner.pk).has_second_step

        sign_out(page)
        looks_right(page)
        page.get_by_role("button", name="Use a passkey instead").click()
        expect(page.locator("button.who")).to_contain_text("Olive Owner")
        assert StaffSession.objects.get(user=owner).membership is not None

        sign_out(page)
        page.get_by_label("E-mail or user name").fill(owner.login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        looks_right(page)
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.locator("button.who")).to_contain_text("Olive Owner")

        sign_out(page)
        finger(isUserVerified=False)
        page.get_by_role("button", name="Use a passkey instead").click()
        expect(page.get_by_text("Nothing came of it")).to_be_visible()
        finger(isUserVerified=True)

        # Renamed, then removed: the key is still on the computer, and good for nothing.
        page.get_by_role("button", name="Use a passkey instead").click()
        page.locator("button.who").wait_for()
        page.goto("/me/second-step/")
        page.get_by_role("link", name="Counter computer").click()
        page.get_by_label("Your password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_label("Name of this passkey").fill("Old computer")
        page.get_by_role("button", name="Save the name").click()
        page.get_by_role("link", name="Old computer").click()
        expect(page.get_by_role("button", name="Remove this passkey")).to_be_visible()
        looks_right(page)
        page.get_by_role("button", name="Remove this passkey").click()
        expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()
        assert not Authenticator.objects.exists()
        sign_out(page)
        page.get_by_role("button", name="Use a passkey instead").click()
        expect(page.get_by_role("heading", name="We don't know this passkey")).to_be_visible()
        looks_right(page)
        assert not StaffSession.objects.filter(user=owner).exists()


def test_app_is_set_up_by_keyboard_and_asked_for_without_scripts(browser, live_server, huxley, owner):
    with page_of(browser, live_server, owner, only="Security Policy", java_script_enabled=False) as page:
        page.goto("/me/second-step/app/")
        page.get_by_label("Your password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text("Or type the secret").click()
        secret = "".join(page.locator(".secret span").all_inner_texts())
        assert page.locator(".qr").evaluate("one => one.naturalWidth") > 0
        page.get_by_label("Code").fill("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("That is not the code.").first).to_be_visible()
        page.get_by_label("Code").fill(code_of(secret))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    with page_of(browser, live_server, None, only="Security Policy", java_script_enabled=False) as page:
        page.goto("/sign-in/?next=/customers/")
        page.get_by_label("E-mail or user name").fill(owner.login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_label("Code").fill(code_of(secret, periods_on=1))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Customers")).to_be_visible()


def test_store_asks_for_it_and_an_app_is_set_up(browser, live_server, huxley, owner, riverside_administrator):
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto("/account/second-step/")
        page.get_by_label("Your password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Administrators sign in with a second step")).to_be_visible()
        looks_right(page)
        page.get_by_role("button", name="Administrators sign in with a second step").click()
        expect(page.get_by_text("Administrators here sign in with a second step")).to_be_visible()
        looks_right(page)
        page.get_by_role("link", name="Set up an app").click()
        expect(page.get_by_label("Code")).to_be_visible()
        looks_right(page)
        page.get_by_text("Or type the secret").click()
        secret = "".join(page.locator(".secret span").all_inner_texts())
        page.get_by_label("Code").fill(code_of(secret))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.goto("/account/second-step/")
        expect(page.get_by_role("cell", name="None yet")).to_be_visible()
        looks_right(page)
