"""Kept purchases as people use them: a real browser, the real server."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from astro.checkout.models import KeptVisit, Visit
from astro.checkout.waiting import Waiting, note_waiting
from astro.kit.clock import utc_now
from tests import cast
from tests.browser import page_of
from tests.cast import inside
from tests.checkout.test_actions import a_line
from tests.checkout.test_kept_views import bag as bag
from tests.checkout.test_kept_views import bring
from tests.checkout.test_kept_views import sally as sally
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_note_becomes_a_visit_and_a_code_a_product(browser, live_server, huxley, midtown, owner, sally, bag):
    codes = [{"code": "bakery-7", "quantity": 3}]
    row = bring(midtown, {"note": "Red coat, two beagles"}, a_line(bag, 2), unknown=codes)
    till = cast.make_device(midtown, by=owner, name="Front till")[0]
    with inside(huxley):
        note_waiting(till, Waiting(3, utc_now() - timedelta(hours=30)), now=utc_now())
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto(f"{live_server.url}{reverse('checkout:kept')}")
        expect(page.get_by_text("still holds 3 purchases")).to_be_visible()
        page.get_by_role("searchbox").fill("nobody")
        expect(page.get_by_text("No kept purchase is like that.")).to_be_visible()
        page.get_by_role("searchbox").fill("beagles")
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("link", name="Red coat, two beagles").click()
        page.get_by_role("searchbox").fill("shopper")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Record for them Sally Shopper")).to_be_visible()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("button", name="Record for them Sally Shopper").click()
        expect(page.get_by_text("Kept on the till, came in")).to_be_visible()
        with inside(huxley):
            items = KeptVisit.objects.get(why="items")
        page.goto(f"{live_server.url}{reverse('checkout:kept_one', args=[items.pk])}")
        page.get_by_role("textbox", name="Scan the item, or type its UPC or name").fill("northpaw")
        page.keyboard.press("Enter")
        page.get_by_role("radio", name="Northpaw Gold").check()
        assert (findings_everywhere(page), sideways(page)) == ({}, {})
        page.get_by_role("button", name="Add to the card").click()
        expect(page.get_by_text("Late entry, entered")).to_be_visible()
    with inside(huxley):
        assert sorted(Visit.objects.values_list("key", "source")) == sorted(
            [(row.key, "till"), (Visit.objects.get(source="late").key, "late")]
        )
