"""One real Chromium for all tests of a process: two loops of Playwright in a thread would not get along. Its pages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from tests.cast import signed_in

PATIENCE = 20_000
"""How long a test waits for what it expects, in ms. One that passes never waits so long, however slow the machine."""
expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nobody outside is asked for any name: where a redirect led there, a slow answer would hold the page up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def patiently() -> Iterator[None]:
    """For a loop that asks again and again, for as long as anything is waited for."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        yield


def settled(page: Page) -> None:
    """Waits until the answers that came are built in whole: shown is not yet listening, and a focus may still move."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def send_by_keys(page: Page) -> None:
    """Ctrl+Enter, once the page's scripts listen to it: they come after what is seen first."""
    page.wait_for_load_state()
    page.keyboard.press("Control+Enter")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a fresh profile. CHROMIUM names another one than Debian's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()


def context_of(browser: Browser, server: LiveServer, user: User | None, **how: Any) -> BrowserContext:
    """A browser of its own, in which this person is signed in; with None, nobody. `how` as for `new_context`.

    Without a service worker, unless one is asked for (`service_workers="allow"`): it would fetch the whole shell ahead.
    """
    how = {"service_workers": "block", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **how}
    context = browser.new_context(base_url=server.url, **how)
    context.set_default_timeout(PATIENCE)
    if user:
        session = signed_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    return context


def complaints_of(page: Page, *, only: str = "", but: str | None = None) -> list[str]:
    """What goes wrong on the page from now on: errors in scripts, and what the console calls an error, of which `only`
    those that hold these words, `but` not those that hold these."""
    wrong: list[str] = []

    def take(kind: str, text: str) -> None:
        if kind == "error" and only in text and (but is None or but not in text):
            wrong.append(text)

    page.on("console", lambda said: take(said.type, said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


@contextmanager
def page_of(
    browser: Browser, server: LiveServer, user: User | None, *, only: str = "", but: str | None = None, **how: Any
) -> Iterator[Page]:
    """A page for this person, in a browser of its own. Whatever it complains about fails the test (`complaints_of`)."""
    context = context_of(browser, server, user, **how)
    try:
        page = context.new_page()
        wrong = complaints_of(page, only=only, but=but)
        yield page
    finally:
        context.close()
    assert wrong == []
