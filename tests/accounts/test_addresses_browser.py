"""IP restriction as a master administrator uses it: a real browser, the real server."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from astro.tenancy.models import Retailer
from tests.browser import page_of, send_by_keys
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def networks_of(huxley):
    return Retailer.objects.get(pk=huxley.pk).networks


def test_a_list_is_made_asked_about_and_shuts_out(browser, live_server, huxley, owner, cashier):
    cashier.memberships.update(networks="198.51.100.0/24\n2001:db8::/32")
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto("/account/addresses/")
        expect(page.get_by_role("heading", name="IP Address Restriction")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("link", name="Restrict yourself").click()
        expect(page.get_by_role("heading", name="Restrict yourself")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("link", name="IP Address Restriction").first.click()
        box = page.get_by_role("textbox", name="People come in only from")
        box.fill("203.0.113.0/24")
        page.get_by_role("button", name="Fetch current IP address").click()
        expect(box).to_have_value("203.0.113.0/24\n127.0.0.1")
        expect(page.get_by_text("127.0.0.1 is added. Save to keep it.")).to_be_visible()
        page.get_by_role("button", name="Fetch current IP address").click()
        expect(page.get_by_text("127.0.0.1 is in the list already.")).to_be_visible()
        assert networks_of(huxley) == ""
        box.fill("203.0.113.0/24\nthe shop")
        send_by_keys(page)
        expect(page.get_by_role("alert")).to_contain_text("Line 2: “the shop” is no address.")
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        box.fill("203.0.113.0/24")
        send_by_keys(page)
        expect(page.get_by_text("You are at 127.0.0.1, which is not in the list.")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("button", name="Back to the list").click()
        expect(box).to_have_value("203.0.113.0/24")
        send_by_keys(page)
        page.get_by_role("button", name="Add 127.0.0.1 and save").click()
        expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
        assert networks_of(huxley) == "203.0.113.0/24\n127.0.0.1"
        box.fill("203.0.113.0/24")
        send_by_keys(page)
        page.get_by_role("button", name="Save anyway").click()
        expect(page.get_by_role("heading", name="IP Address Restricted", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Copy")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})


def test_without_scripts_the_button_sends_and_saves_nothing(browser, live_server, huxley, owner):
    with page_of(browser, live_server, owner, java_script_enabled=False) as page:
        page.goto("/account/addresses/")
        page.get_by_role("textbox", name="People come in only from").fill("203.0.113.0/24")
        page.get_by_role("button", name="Fetch current IP address").click()
        expect(page.get_by_role("textbox", name="People come in only from")).to_have_value("203.0.113.0/24\n127.0.0.1")
        assert networks_of(huxley) == ""
        page.get_by_role("button", name="Save addresses").click()
        expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
