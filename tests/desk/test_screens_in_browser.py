"""The screens that no module's own browser test opens: for every eye, at every size, in light and dark."""

from __future__ import annotations

import pytest
from django.db import transaction
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.activity.models import Event
from astro.checkout.models import KeptVisit
from astro.kit.clock import utc_now
from astro.tenancy.models import Location
from tests import cast
from tests.browser import page_of
from tests.checkout.test_actions import a_body, a_line, check_out
from tests.kit.axe import faults

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
        assert (KeptVisit.objects.count(), Event.objects.filter(name="visit recorded").count()) == (1, 1)


# A handful of screens share one day, and a browser: making those costs more than to look at them.
@pytest.mark.parametrize("paths", [SIGNED_IN[::2], SIGNED_IN[1::2]], ids=lambda paths: paths[0])
def test_a_signed_in_screen_shuts_nobody_out(
    browser: Browser, live_server: LiveServer, owner: User, life: None, paths: list[str]
) -> None:
    found = {}
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        for path in paths:
            page.goto(path)
            found[path] = faults(page)
    assert found == {path: {} for path in paths}


def test_signing_in_shuts_nobody_out(browser: Browser, live_server: LiveServer, owner: User) -> None:
    with page_of(browser, live_server, None, only="Security Policy") as page:
        page.goto("/sign-in/")
        assert faults(page) == {}
        page.fill("input[name=login]", "owner@huxleyhouse.example")
        page.fill("input[name=password]", "not my password")
        page.keyboard.press("Enter")
        page.get_by_role("alert").first.wait_for()
        assert faults(page) == {}
