"""Access help in a real Chromium, with each thing that it looks for gone wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from astro.desk import status_part
from astro.support import status
from astro.support.models import Ticket
from astro.support.parts import Finding, Part, PartCondition
from tests.browser import page_of
from tests.cast import platform
from tests.kit.axe import findings_everywhere, sideways

HELP = "/access-help/"
ECHO = "**/access-help/echo*"
PORTAL = "<html><body><h1>Welcome to Hotel Wi-Fi</h1></body></html>"

BEFORE = {
    "an old browser": ("delete window.BroadcastChannel", "browser", "is too old for Astro. Update it"),
    "two years ahead": (
        "const now = Date.now; Date.now = () => now() + 2 * 365 * 864e5",
        "clock",
        "It is 730 days fast.",
    ),
    "five minutes behind": ("const now = Date.now; Date.now = () => now() - 3e5", "clock", "It is 5 minutes slow."),
    "a minute ahead": ("const now = Date.now; Date.now = () => now() + 6e4", "clock", "It is right."),
    "storage refused": (
        "indexedDB.open = () => { throw new DOMException('denied', 'SecurityError') }",
        "storage",
        "This browser keeps nothing",
    ),
    "cookies that never come back": (
        "const ask = window.fetch; window.fetch = (url, how) => ask(url, { ...how, credentials: 'omit' })",
        "cookies",
        "This browser refuses Astro's cookies",
    ),
    "disk full": (
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }",
        "storage",
        "The disk is full",
    ),
}
"""What the browser is made to be before the page is read: a script, the check, and what it must say."""


def opened(page: Page) -> None:
    page.goto(HELP)
    settled(page, 1)


def settled(page: Page, run: int) -> None:
    expect(page.locator(f'astro-access-help[data-checked="{run}"]')).to_be_attached()


def again(page: Page) -> None:
    run = int(page.locator("astro-access-help").get_attribute("data-checked") or 0)
    page.get_by_role("button", name="Check again").click()
    settled(page, run + 1)


def says(page: Page, check: str, words: str) -> None:
    expect(page.locator(f'[data-check="{check}"]')).to_contain_text(words, use_inner_text=True)


def instead(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def tickets() -> list[Ticket]:
    with platform("a look"):
        return list(Ticket.objects.order_by("id"))


def test_all_is_well_and_what_is_shown_is_what_is_sent(browser, live_server):
    with page_of(browser, live_server, None, but="422") as page:
        opened(page)
        expect(page.locator("[data-part=verdict]")).to_contain_text("We find nothing wrong", use_inner_text=True)
        assert page.locator('[data-check]:not([data-state="ok"])').count() == 0
        says(page, "address", "Your address on the internet is 127.0.0.1. Your Admin user can tell")
        assert findings_everywhere(page) == {}
        assert sideways(page) == {}
        shown = page.locator("[data-part=report]").inner_text()
        assert "Cookies: This browser keeps Astro's cookies." in shown
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-part=outcome]")).to_contain_text("Write what happened", use_inner_text=True)
        page.get_by_label("What happens when you try?").fill("The page stays white.")
        page.get_by_label("Your e-mail").fill("betty@example.com")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-part=outcome]")).to_contain_text("We have it. Your ticket is", use_inner_text=True)
        (ticket,) = tickets()
        assert ticket.found == shown.strip()
        assert ticket.email == "betty@example.com"
        assert ticket.shown_reference in page.locator("[data-part=outcome]").inner_text()


def test_it_opens_with_no_network_and_sends_when_there_is_one_again(browser, live_server):
    with page_of(browser, live_server, None, only="nothing here", service_workers="allow") as page:
        page.goto("/sign-in/")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        page.context.set_offline(True)
        opened(page)
        says(page, "storage", "The till can keep purchases here")
        says(page, "connection", "This device is not connected")
        says(page, "cookies", "We can only try them when Astro answers.")
        expect(page.locator("[data-part=verdict]")).to_contain_text("cannot be reached", use_inner_text=True)
        page.get_by_label("What happens when you try?").fill("No network since noon.")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-part=outcome]")).to_contain_text("stays on this device", use_inner_text=True)
        page.context.set_offline(False)
        settled(page, 2)
        expect(page.locator("[data-part=outcome]")).to_contain_text("send it now?", use_inner_text=True)
        page.reload()
        settled(page, 1)
        expect(page.get_by_label("What happens when you try?")).to_have_value("No network since noon.")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-part=outcome]")).to_contain_text("We have it.", use_inner_text=True)
        page.reload()
        settled(page, 1)
        expect(page.locator("[data-part=outcome]")).to_be_hidden()
        assert [ticket.subject for ticket in tickets()] == ["I cannot get into Astro"]


def test_what_can_stand_between_a_till_and_astro(browser, live_server, monkeypatch):
    with page_of(browser, live_server, None, only="nothing of this matters") as page:
        opened(page)
        answers = {
            "Somebody else answered in Astro's place": {"status": 200, "content_type": "text/html", "body": PORTAL},
            "Open that page, sign in to the network": {"status": 302, "headers": {"Location": "http://portal.test/"}},
            "our alerts have told us": {"status": 503, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
        }
        for words, answer in answers.items():
            page.route(ECHO, partial(instead, answer))
            again(page)
            says(page, "server", words)
            page.unroute(ECHO)
        page.route(ECHO, lambda route: route.abort())
        again(page)
        says(page, "server", "Open any other website")
        says(page, "service", "We cannot ask while Astro is out of reach.")
        page.unroute(ECHO)

        devtools = page.context.new_cdp_session(page)
        limits = {"offline": False, "latency": 1200, "downloadThroughput": -1, "uploadThroughput": -1}
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", limits)
        again(page)
        says(page, "server", "Astro answers, but slowly")
        devtools.send("Network.emulateNetworkConditions", {**limits, "latency": 0})
        devtools.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
        again(page)
        says(page, "cookies", "This browser refuses Astro's cookies")
        devtools.send("Emulation.setDocumentCookieDisabled", {"disabled": False})

        def late(now):
            return Finding(PartCondition.DOWN, "E-mail waits.")

        monkeypatch.setattr(status_part, "PARTS", [*status_part.PARTS, Part("post", "Mail", late)])
        status.forget()
        again(page)
        says(page, "service", "In trouble: Mail. We are at work on it.")
        says(page, "cookies", "This browser keeps Astro's cookies.")
        assert page.locator('[data-state="bad"]').count() == 1


@pytest.mark.parametrize(("script", "check", "words"), BEFORE.values(), ids=BEFORE)
def test_what_can_be_wrong_with_the_device(browser, live_server, script, check, words):
    with page_of(browser, live_server, None) as page:
        page.add_init_script(script)
        opened(page)
        says(page, check, words)


def test_without_scripts_the_advice_stands_and_somebody_can_write(browser, live_server):
    with page_of(browser, live_server, None, java_script_enabled=False) as page:
        page.goto(HELP)
        expect(page.get_by_text("If nothing happens here, your browser is too old")).to_be_visible()
        expect(page.get_by_role("button", name="Check again")).to_be_hidden()
        page.get_by_role("link", name="Write to us").click()
        page.get_by_label("What happens when you try?").fill("Only white.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="We have it")).to_be_visible()
    assert len(tickets()) == 1


def test_the_status_page_and_the_screens_of_tickets(browser, live_server, owner, midtown):
    with page_of(browser, live_server, owner) as page:
        page.goto("/status/")
        expect(page.get_by_role("heading", name="How Astro is doing")).to_be_visible()
        assert findings_everywhere(page) == {}
        assert sideways(page) == {}
        page.goto("/help/tickets/new/")
        assert findings_everywhere(page) == {}
        page.get_by_label("Subject").fill("Scanner")
        page.get_by_label("What happened, or what do you want to know?").fill("It beeps twice.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("We have it.")).to_be_visible()
        assert findings_everywhere(page) == {}
        assert sideways(page) == {}
        page.get_by_role("link", name="My tickets").first.click()
        page.get_by_role("searchbox").fill("nothing like it")
        expect(page.get_by_text("None of your tickets has")).to_be_visible()
        page.get_by_role("searchbox").fill("beeps")
        expect(page.get_by_role("link", name="Scanner")).to_be_visible()
