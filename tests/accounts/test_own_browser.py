"""Getting in and staying in: forgotten, set anew, changed, listed and ended. On every width, in light and dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import StaffSession, User
from astro.kit import mail
from astro.kit.clock import utc_now
from astro.kit.models import PlainMail
from astro.kit.outbox.worker import Pace, work_off
from tests.browser import context_of, page_of
from tests.cast import PASSWORD
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW, NEWER = "seven calm badgers dig", "eight calm badgers rest"


def test_a_forgotten_password_from_the_sign_in_page_to_being_in(
    browser: Browser, live_server: LiveServer, owner: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAIL_GOES_OUT = True
    monkeypatch.setattr(mail, "_send", lambda letter: None)  # it stays where it can be read
    with page_of(browser, live_server, None, but="status of 4") as page:
        page.goto("/sign-in/")
        page.get_by_role("link", name="Forgot your password?").click()
        expect(page.get_by_text("Your user name is not an e-mail.")).to_be_visible()
        assert findings_everywhere(page) == {}
        page.get_by_label("E-mail that you sign in with").fill("owner@huxleyhouse.example")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
        assert findings_everywhere(page) == {}

        work_off(pace=Pace(), clock=utc_now)
        letter = PlainMail.objects.get(subject="Set a new Astro password")
        page.goto(re.search(r"/sign-in/new-password/\S+", letter.text).group())  # type: ignore[union-attr]
        field = page.get_by_label("New password")
        field.fill("passwordpassword")
        show = page.get_by_role("button", name="Show password")
        show.click()
        expect(field).to_have_attribute("type", "text")
        expect(field).to_be_focused()
        page.get_by_role("button", name="Hide password").click()
        expect(field).to_have_attribute("type", "password")
        page.get_by_role("button", name="Set password").click()
        expect(page.locator(".field.has-error")).to_contain_text("the same few characters again and again")
        assert findings_everywhere(page) == {}
        field.fill(NEW)
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_text("Your new password is set. Sign in with it.")).to_be_visible()
        page.get_by_label("E-mail or user name").fill("owner@huxleyhouse.example")
        page.get_by_label("Password").fill(NEW)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Olive Owner")).to_be_visible()

        page.goto(re.search(r"/sign-in/new-password/\S+", letter.text).group())  # type: ignore[union-attr]
        expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
        assert findings_everywhere(page) == {}


def test_ones_own_account_by_keyboard(browser: Browser, live_server: LiveServer, owner: User) -> None:
    elsewhere = context_of(browser, live_server, owner)
    with page_of(browser, live_server, owner, but="status of 4") as page:
        page.goto("/")
        page.get_by_role("button", name="Olive Owner").press("Enter")
        page.get_by_role("link", name="My account").press("Enter")
        expect(page.get_by_role("heading", name="My account", level=1)).to_be_visible()
        assert findings_everywhere(page) == {}

        page.get_by_role("link", name="Sessions").press("Enter")
        expect(page.get_by_text("This browser")).to_be_visible()
        expect(page.get_by_role("row")).to_have_count(3)
        assert findings_everywhere(page) == {}
        page.get_by_role("button", name="End all others").press("Enter")
        expect(page.get_by_text("1 other session was ended.")).to_be_visible()
        expect(page.get_by_role("button", name="End all others")).to_have_count(0)
        assert StaffSession.objects.count() == 1
        other = elsewhere.new_page()
        other.goto("/me/")
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
        elsewhere.close()

        page.goto("/me/password/")
        page.get_by_label("Your password now").fill("not my password at all")
        page.get_by_label("New password").fill(NEWER)
        page.keyboard.press("Enter")
        expect(page.locator(".field.has-error")).to_contain_text("This is not your password.")
        assert findings_everywhere(page) == {}
        page.get_by_label("Your password now").fill(PASSWORD)
        page.get_by_label("New password").fill(NEWER)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your password is changed. Everywhere else you are signed out.")).to_be_visible()
        owner.refresh_from_db()
        assert owner.check_password(NEWER)


def test_without_scripts_all_of_it_works(browser: Browser, live_server: LiveServer, owner: User) -> None:
    with page_of(browser, live_server, owner, java_script_enabled=False) as page:
        page.goto("/me/password/")
        expect(page.get_by_role("button", name="Show password")).to_have_count(0)
        page.get_by_label("Your password now").fill(PASSWORD)
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password is changed.")).to_be_visible()
