"""The screens of support and the billing page: in light and dark, on all devices, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from astro.billing.actions import place_hold
from astro.kit.clock import utc_now
from astro.programs.enrolling.applying import join
from astro.support.actions import open_ticket
from tests.browser import context_of, page_of, send_by_keys
from tests.cast import PASSWORD, inside, make_program, make_support
from tests.credits.returns.bringing import Bringing
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shuts_nobody_out(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_ticket_is_answered_and_everybody_is_told(browser, live_server, huxley, owner):
    make_support(email="sue@platform.example")
    with inside(huxley):
        told = {"subject": "The scanner beeps", "text": "All day.", "by": owner, "name": owner.name, "store": "Huxley"}
        open_ticket(uuid4(), **told, now=utc_now())
    context = context_of(browser, live_server, None)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail or user name").fill("sue@platform.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Tickets").click()
    page.get_by_placeholder("Words, store or number").fill("nothing of the kind")
    expect(page.get_by_text("No ticket fits this.")).to_be_visible()
    page.get_by_placeholder("Words, store or number").fill("scanner")
    expect(page.get_by_role("link", name="The scanner beeps")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_role("link", name="The scanner beeps").click()
    shuts_nobody_out(page)
    page.get_by_label("Answer").fill("Turn it round.")
    send_by_keys(page)
    expect(page.get_by_text("Turn it round.")).to_be_visible()
    page.goto("/backoffice/applications/")
    expect(page.get_by_text("No application waits for an answer.")).to_be_visible()
    shuts_nobody_out(page)
    page.goto("/backoffice/notices/")
    shuts_nobody_out(page)
    page.get_by_label("What everybody is to read").fill("Mail is late.")
    page.get_by_role("button", name="Tell everybody").click()
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    shuts_nobody_out(page)
    context.close()


def test_applications_are_answered(browser, live_server, midtown, owner):
    make_support(email="sue@platform.example")
    program = make_program(title="Northpaw Select", is_private=True)
    with inside(midtown.retailer):
        join(midtown, program=program, distributor=None, by=owner, now=utc_now())
    context = context_of(browser, live_server, None)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail or user name").fill("sue@platform.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Applications").click()
    expect(page.get_by_role("rowheader", name="Northpaw Select")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_role("link", name="Deny Midtown").click()
    shuts_nobody_out(page)
    page.get_by_label("Reason").fill("Too near another store")
    page.get_by_role("button", name="Deny").press("Enter")
    expect(page.get_by_text("Denied: Midtown.")).to_be_visible()
    page.goto("/backoffice/applications/?state=denied")
    expect(page.get_by_text("Denied", exact=True).last).to_be_visible()
    shuts_nobody_out(page)
    context.close()


def test_returns_are_answered_and_what_a_brand_asks_for_is_written(browser, live_server, midtown, owner):
    make_support(email="sue@platform.example")
    Bringing(midtown, owner).bring()
    context = context_of(browser, live_server, None)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail or user name").fill("sue@platform.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Returns").click()
    shuts_nobody_out(page)
    page.get_by_role("link", name="What brands ask for").click()
    shuts_nobody_out(page)
    page.locator("th a").first.click()
    shuts_nobody_out(page)
    page.get_by_label("From which day on").fill((utc_now().date() + timedelta(days=3)).isoformat())
    page.get_by_label("Asks for the customer's phone number").check()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved. It holds from that day on.")).to_be_visible()
    context.close()


def test_the_billing_page_of_a_held_store(browser, live_server, huxley, owner):
    place_hold(huxley, by=None, reason="The bill of October is open", now=utc_now())
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto("/customers/")
        expect(page.get_by_role("heading", name="Billing Information")).to_be_visible()
        expect(page.get_by_text("The bill of October is open").first).to_be_visible()
        shuts_nobody_out(page)
        page.get_by_label("E-mail for bills").fill("books")
        send_by_keys(page)
        expect(page.get_by_text("This is not a whole e-mail address.").first).to_be_visible()
        page.get_by_label("E-mail for bills").fill("books@huxleyhouse.example")
        send_by_keys(page)
        expect(page.get_by_text("Saved. Bills go there from now on.")).to_be_visible()
