"""Customer returns in a real browser: no faults for any eye, and from the label to Resubmit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.catalog.models import Barcode
from astro.credits.models import ConsumerReturn, ReturnState
from astro.tenancy.models import Location
from tests import cast
from tests.browser import page_of
from tests.credits.returns.bringing import Bringing
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        yield page


def test_screens_of_returns_have_no_faults(page: Page, midtown: Location, owner: User) -> None:
    bringing = Bringing(midtown, owner)
    made, declined = bringing.bring(), bringing.bring(quantity=2)
    bringing.move(made, ReturnState.APPROVED, ReturnState.CREDITED)
    bringing.move(declined, ReturnState.DECLINED, note="The number lacks its beginning.")
    new = reverse("checkout:return_new", args=[bringing.customer.pk])
    found = {}
    for path in (
        reverse("checkout:returns"),
        reverse("checkout:return_find") + "?q=Ortiz",
        new,
        f"{new}?item=zzz",
        f"{new}?product={bringing.bag.pk}",
        reverse("checkout:return", args=[made.pk]),
        reverse("checkout:return", args=[declined.pk]),
    ):
        page.goto(path)
        found[path] = findings_everywhere(page)
    assert found == {path: {} for path in found}


def test_from_the_label_to_resubmit(page: Page, midtown: Location, owner: User) -> None:
    bringing = Bringing(midtown, owner)
    with cast.inside(midtown.retailer):
        code = Barcode.objects.get(product=bringing.bag).gtin
    page.goto(reverse("checkout:return_new", args=[bringing.customer.pk]))
    page.keyboard.type(f"(01){code}(15)270600(10)LOT7")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Adult 30 lb").wait_for()
    assert page.get_by_label("Lot Code").input_value() == "LOT7"
    assert page.get_by_label("Best By Date").input_value() == "2027-06-30"
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Choose why it was brought back").wait_for()
    page.get_by_label("Reason", exact=True).select_option("Smells Off")
    page.get_by_label("Account number").fill("1")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Credit is asked for, and not promised").wait_for()
    with cast.inside(midtown.retailer):
        made = ConsumerReturn.objects.get()
    bringing.move(made, ReturnState.DECLINED)
    page.reload()
    page.get_by_label("Account number").fill("48-1123")
    page.get_by_role("button", name="Resubmit").click()
    page.get_by_text("Resubmitted.").first.wait_for()
    assert bringing.states(made) == ["submitted", "declined", "resubmitted"]
