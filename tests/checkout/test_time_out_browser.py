"""A till at which nobody did anything for too long: one signs in again, and the basket is there, to check out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.accounts.models import StaffSession
from astro.checkout.models import Purchase, Visit
from astro.kit.clock import utc_now
from tests.cast import PASSWORD, inside
from tests.checkout.scanner import GOLD, PATE, check_out, line, said, scan
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def time_out() -> None:
    assert StaffSession.objects.update(last_used_at=utc_now() - timedelta(hours=13)) == 1


def test_the_basket_outlives_the_session(till, huxley, sally):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    time_out()
    scan(till, PATE)  # the catalogue is in the browser: the till goes on
    expect(line(till, "Fernwell Pate")).to_be_visible()
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("signed out")
    with inside(huxley):
        assert Visit.objects.count() == 0

    till.reload()
    expect(till.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(till.locator("main")).to_contain_text("You were signed out after 12 hours without use. Your basket is kept.")
    assert findings_everywhere(till) == {}
    till.get_by_label("E-mail or user name").fill("huxleycashier")
    till.get_by_label("Password").fill(PASSWORD)
    till.get_by_role("button", name="Sign in", exact=True).click()

    till.wait_for_url(f"**/checkout/{sally.pk}/")
    till.wait_for_selector("astro-till:defined")
    expect(line(till, "Northpaw Gold")).to_be_visible()
    expect(line(till, "Fernwell Pate")).to_be_visible()
    check_out(till)
    expect(till.locator("#finished")).to_be_visible()
    till.reload()
    till.wait_for_load_state()
    with inside(huxley):
        assert (Visit.objects.count(), Purchase.objects.count()) == (1, 2), "once, with both"
