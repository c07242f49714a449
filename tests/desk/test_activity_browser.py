"""The activity log as an administrator uses it: a real browser, the real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.activity.actions import record
from astro.kit.asking import asked
from tests.activity.sealing import happened, seal
from tests.browser import page_of
from tests.cast import NOW, inside, make_customer
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_log_is_read_narrowed_and_followed(browser, live_server, midtown, owner, cashier):
    happened(midtown, 0)
    seal(midtown.retailer, 5)
    with inside(midtown.retailer):
        betty = make_customer(at=midtown, first_name="Betty", last_name="Smith")
        carl = make_customer(at=midtown, first_name="Carl", last_name="Jones")
        with asked(really_by=owner.pk, address="2001:db8:85a3:8d3:1319:8a2e:370:7348"):
            for number, one in enumerate((betty, carl)):
                told = {"now": NOW + timedelta(minutes=number), "fields": ["phone", "email", "address"]}
                record("customer changed", one, by=cashier, at=midtown, **told)
    with page_of(browser, live_server, owner) as page:
        page.goto("/account/activity/")
        expect(page.get_by_role("heading", name="Activity log")).to_be_visible()
        expect(page.get_by_text("is sealed.")).to_be_visible()
        expect(page.get_by_text("really: Olive Owner")).to_have_count(2)
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("searchbox").fill("betty")
        expect(page.get_by_role("link", name="Betty Smith", exact=True)).to_have_count(2)
        expect(page.get_by_role("link", name="Carl Jones", exact=True)).to_have_count(0)
        page.get_by_label("What happened", exact=True).select_option("customer changed")
        expect(page.get_by_role("link", name="Betty Smith", exact=True)).to_have_count(1)
        page.get_by_role("link", name="All about this").click()
        expect(page.get_by_role("link", name="About: Customer Betty Smith")).to_be_visible()
        page.locator("summary", has_text="Filter").click()
        page.get_by_label("Only while acting as another").check()
        expect(page.get_by_role("row")).to_have_count(2)
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_label("To", exact=True).fill("2020-01-01")
        expect(page.get_by_text("Nothing in the log is like that.")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("link", name="Show the whole log").click()
        page.get_by_role("link", name="Betty Smith", exact=True).first.click()
        expect(page.get_by_role("heading", name="Betty Smith")).to_be_visible()


def test_without_scripts_it_is_a_form(browser, live_server, midtown, owner):
    happened(midtown, 0)
    with page_of(browser, live_server, owner, java_script_enabled=False) as page:
        page.goto("/account/activity/?what=all:programs")
        expect(page.get_by_text("Nothing in the log is like that.")).to_be_visible()
        page.get_by_label("What happened", exact=True).select_option("visit recorded")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("row")).to_have_count(2)
