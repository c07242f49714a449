"""A till whose address the store's list has not: it says so, keeps what was rung up, and sends what it kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from astro.checkout.models import Visit
from astro.tenancy.models import Retailer
from tests.browser import patiently
from tests.cast import inside
from tests.checkout.scanner import GOLD, PATE, enter, line, said, scan
from tests.checkout.test_offline_till_browser import until
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


KNOWN = "import('/static/checkout/identity.js').then(({ recall }) => recall()).then((known) => known.person)"


def restrict(huxley, networks="203.0.113.9"):
    Retailer.objects.filter(pk=huxley.pk).update(networks=networks)


def visits(huxley):
    with inside(huxley):
        return Visit.objects.count()


def test_restricted_in_the_middle_of_a_basket_the_till_says_so_and_goes_on_offline(till, huxley, owner):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    until(till, KNOWN)
    restrict(huxley)
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text(
        "Your store allows Astro from some addresses only, and 127.0.0.1 is none of them."
    )
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.goto("/checkout/offline/")
    till.wait_for_selector("astro-offline-till:defined")
    till.evaluate("document.querySelector('astro-offline-till').turn")
    till.locator("#phone").fill("4065550142")
    enter(till)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("Kept on this till.")
    expect(till.locator(".offline-state")).to_contain_text("Connected. Everything is sent.")


def test_what_a_till_kept_is_sent_from_the_page_that_keeps_it_out(context, till, huxley, owner):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    context.set_offline(True)
    till.keyboard.press("Control+Enter")
    expect(till.locator("#kept-visit")).to_contain_text("It is sent when the connection is back.")
    restrict(huxley)
    context.route("**/checkout/arrivals/", lambda route: route.abort())
    context.set_offline(False)
    till.goto("/checkout/")
    expect(till.get_by_role("heading", name="IP Address Restricted", exact=True)).to_be_visible()
    expect(till.get_by_role("link", name="owner@huxleyhouse.example")).to_be_visible()
    expect(till.locator("#notices")).to_contain_text("1 checkout kept on this till since")
    assert (findings_everywhere(till), sideways(till)) == ({}, {})
    assert visits(huxley) == 0
    context.unroute("**/checkout/arrivals/")
    till.evaluate("dispatchEvent(new Event('online'))")
    for _ in patiently():
        if visits(huxley):
            break
        till.wait_for_timeout(50)
    assert visits(huxley) == 1
    expect(till.locator("#notices")).not_to_contain_text("kept on this till")
