"""The people of a store in a real browser: added, invited, accepted, changed, removed, restored; by keyboard and on a
phone."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from astro.accounts.models import Membership
from astro.kit.models import PlainMail
from tests.browser import page_of, send_by_keys
from tests.cast import PASSWORD
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECRET = "seven quiet tortoises"


def is_fine(page):
    assert (findings_everywhere(page), sideways(page)) == ({}, {})


def choose(page, label):
    """With the keyboard: to the control, then Space."""
    control = page.get_by_label(label, exact=True)
    control.focus()
    page.keyboard.press("Space")


def type_into(page, label, text):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)


def follow(page, name):
    page.get_by_role("link", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def living_places(**whose):
    rows = Membership.objects.filter(ended_at__isnull=True, **whose)
    return sorted((one.role, one.location_id) for one in rows)


def test_the_whole_story_by_keyboard(browser, live_server, owner, cashier, midtown, riverside, settings):
    settings.MAIL_GOES_OUT = True
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto("/account/")
        is_fine(page)
        follow(page, "My Users Who works here, and what they may do")
        expect(page.get_by_role("heading", name="My Users")).to_be_visible()
        is_fine(page)
        follow(page, "Add user")
        section = page.get_by_role("heading", name="Only for a user name that is one word")
        expect(section).to_be_hidden()
        type_into(page, "Name", "Wanda Word")
        type_into(page, "E-mail or user name", "huxleyfront")
        expect(section).to_be_visible()
        is_fine(page)
        choose(page, "Midtown")
        choose(page, "Riverside")
        page.get_by_label(re.compile("Support Contact")).select_option(label="Olive Owner (owner@huxleyhouse.example)")
        page.get_by_label(re.compile("^First password")).fill("short")
        send_by_keys(page)
        expect(page.get_by_role("alert")).to_contain_text("15 characters")
        is_fine(page)
        page.get_by_label(re.compile("^First password")).fill(SECRET)
        send_by_keys(page)
        expect(page.get_by_text("Wanda Word is added.")).to_be_visible()
        assert living_places(user__user_name="huxleyfront") == [("cashier", midtown.pk), ("cashier", riverside.pk)]

        follow(page, "Add user")
        type_into(page, "Name", "Nora New")
        type_into(page, "E-mail or user name", "nora@staff.example")
        expect(section).to_be_hidden()
        page.get_by_label("Cashier", exact=True).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("Midtown", exact=True)).to_be_hidden()  # a master administrator has all
        send_by_keys(page)
        expect(page.get_by_text("An invitation is on its way to nora@staff.example.")).to_be_visible()
        follow(page, "Nora New")
        is_fine(page)
        page.get_by_role("button", name="Invite again").press("Enter")
        expect(page.get_by_text("Another invitation is on its way")).to_be_visible()
        link = re.findall(r"/invitation/\S+", PlainMail.objects.order_by("-pk")[0].text)[0]

        with page_of(browser, live_server, None, only="Security Policy") as theirs:
            theirs.goto(link)
            is_fine(theirs)
            type_into(theirs, "Password", SECRET)
            theirs.keyboard.press("Enter")
            expect(theirs.get_by_text("You work for Huxley House now.")).to_be_visible()
            assert living_places(user__email="nora@staff.example") == [("master", None)]
            theirs.goto(link)
            expect(theirs.get_by_text("This invitation was accepted already")).to_be_visible()
            is_fine(theirs)

        page.goto("/account/users/")
        follow(page, "Cass Cashier")
        is_fine(page)
        follow(page, "Edit")
        type_into(page, "Name", "Cass Changed")
        choose(page, "Riverside")
        page.get_by_label(re.compile("Support Contact")).select_option(index=1)
        is_fine(page)
        send_by_keys(page)
        expect(page.get_by_role("heading", name="Cass Changed")).to_be_visible()
        follow(page, "Set a new password")
        is_fine(page)


def test_removed_and_restored_on_a_phone(browser, live_server, owner, cashier, midtown):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with page_of(browser, live_server, owner, only="Security Policy", **phone) as page:
        page.goto("/account/users/")
        is_fine(page)
        page.get_by_role("link", name="Cass Cashier").tap()
        page.get_by_role("link", name="Remove").tap()
        is_fine(page)
        page.get_by_role("button", name="Remove Cass Cashier").tap()
        expect(page.get_by_text("Cass Cashier is removed.")).to_be_visible()
        told = Client().post("/sign-in/", {"login": "huxleycashier", "password": PASSWORD})
        assert "Your access was removed" in told.text
        page.get_by_label("State").select_option("removed")
        page.get_by_role("link", name="Cass Cashier").tap()
        is_fine(page)
        page.get_by_role("button", name="Restore").tap()
        expect(page.get_by_text("Cass Cashier works here again, as before.")).to_be_visible()
        assert living_places(user=cashier) == [("cashier", midtown.pk)]
        page.goto("/account/users/new/")
        is_fine(page)
        page.goto("/account/")
        is_fine(page)
