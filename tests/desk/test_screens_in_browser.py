"""The screens that no module's own browser test opens: for every eye, at every size, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.activity.models import Event
from astro.checkout.models import RefusedVisit
from astro.kit.clock import utc_now
from astro.tenancy.models import Location
from tests import cast
from tests.checkout.test_actions import a_body, a_line, check_out
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_IN = [
    "/",
    "/help/",
    "/devices/",
    "/checkout/",
    "/checkout/?q=a",
    "/checkout/?q=sh",
    "/checkout/?q=Zebulon",
    "/checkout/?code=C0000000000A",
    "/checkout/day/",
    "/checkout/day/?on=2020-02-02",
    "/checkout/refused/",
    "/no-such-page/",
]


@pytest.fixture
def life(midtown: Location, owner: User) -> None:
    """A day with a checkout, a refused visit and a till, so that no page is empty for want of rows."""
    bag = cast.make_product(name="Northpaw Gold")
    cast.make_enrollment(midtown, program=cast.make_program(products=[bag]), by=owner)
    now = utc_now()
    with cast.inside(midtown.retailer):
        people = [cast.make_customer(at=midtown, first_name=name, last_name="Shopper") for name in ("Ann", "Ben")]
    body = a_body(a_line(bag, 12), at=now)
    with transaction.atomic():
        check_out(people[0], body, at=midtown, by=owner, now=now)
        check_out(people[0], {**body, "lines": [a_line(bag, 2)]}, at=midtown, by=owner, now=now)
    cast.make_device(midtown, by=owner, name="Front counter")
    with cast.inside(midtown.retailer):
        assert (RefusedVisit.objects.count(), Event.objects.filter(name="visit recorded").count()) == (1, 1)


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Errors in scripts and what the content policy stops fail the test."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
    yield page
    context.close()
    assert wrong == []


@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_signed_in_screen_shuts_nobody_out(
    page: Page, live_server: LiveServer, owner: User, life: None, path: str
) -> None:
    cookie = cast.signed_in(Client(), owner).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(path)
    assert findings_everywhere(page) == {}


def test_signing_in_shuts_nobody_out(page: Page, owner: User) -> None:
    page.goto("/sign-in/")
    assert findings_everywhere(page) == {}
    page.fill("input[name=login]", "owner@huxleyhouse.example")
    page.fill("input[name=password]", "not my password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").first.wait_for()
    assert findings_everywhere(page) == {}
