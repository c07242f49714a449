"""Two tills with the same customer open: each is told, and nothing is lost."""

import pytest
from playwright.sync_api import expect

from astro.checkout.models import Purchase
from tests.browser import context_of
from tests.cast import inside
from tests.checkout.scanner import GOLD, ONCE, PATE, at_till, boxes, check_out, line, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look_up(page):
    """The person comes back to this till's page: it asks at once, not with its next breath."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_each_is_told_and_sees_what_the_other_checked_out(context, browser, live_server, till, sally, huxley):
    other_context = context_of(browser, live_server, None)
    other_context.add_cookies(context.cookies())
    other = at_till(other_context.new_page(), sally)
    [alone] = boxes(till, "#scan")
    for page in (other, till):
        look_up(page)
        expect(page.locator("[data-part=others]")).to_have_text("Open too: Cass Cashier, Midtown.")
    assert boxes(till, "#scan") == [alone]
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_contain_text("1 of 12")
    scan(other, GOLD)
    expect(line(other, "Northpaw Gold")).to_contain_text("1 of 12")
    check_out(other)
    look_up(till)
    expect(till.locator("#recorded")).to_contain_text("Northpaw Gold Adult 30 lb")
    expect(till.locator("#cards")).to_contain_text("Northpaw Gold Adult club card")
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    check_out(till)
    with inside(huxley):
        assert sorted(Purchase.objects.values_list("name", flat=True)) == ["Fernwell Pate", "Northpaw Gold Adult"]
    other_context.close()
