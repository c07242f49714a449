"""An administrator acts as the cashier: rings up a visit, with and without network, and is themselves again."""

import pytest
from playwright.sync_api import expect

from astro.accounts.models import Masquerade
from astro.activity.models import Event
from astro.checkout.models import Visit
from tests import cast
from tests.browser import page_of, settled
from tests.cast import inside
from tests.checkout.scanner import GOLD, at_till, enter, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ben(huxley, midtown, cashier):
    bag = cast.make_product(name="Northpaw Gold Adult", gtins=[GOLD])
    program = cast.make_program(title="Dry Dog", products=[bag])
    cast.make_enrollment(midtown, program=program, by=cashier)
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Ben", last_name="Ortiz")


def shuts_nobody_out(page):
    assert findings_everywhere(page) == {}
    assert sideways(page) == {}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def check_out(page, customer):
    at_till(page, customer)
    scan(page, GOLD)
    expect(page.locator("[data-part=lines] li")).to_have_count(1)
    page.get_by_role("button", name="Check out").click()


def test_a_visit_rung_up_while_acting_names_both(browser, live_server, huxley, midtown, owner, cashier, ben):
    other = cashier.memberships.get()
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto(f"/account/users/{other.pk}/acting/")
        shuts_nobody_out(page)
        page.get_by_role("button", name="Act as Cass Cashier").click()
        expect(page.get_by_text("Say in a few words why").first).to_be_visible()
        page.get_by_label("Why?").fill("Cass's till shows no cards")
        enter(page)
        banner = page.locator(".acting-as")
        expect(banner).to_contain_text("You (Olive Owner) act as Cass Cashier until")
        shuts_nobody_out(page)

        check_out(page, ben)
        expect(page.locator("#finished")).to_be_visible()
        expect(banner).to_be_visible()

        page.goto(f"/checkout/{ben.pk}/")
        shuts_nobody_out(page)
        banner.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("You are Olive Owner again.")).to_be_visible()
        expect(banner).to_have_count(0)

        page.goto("/account/acting/")
        row = page.get_by_role("row").filter(has_text="Cass's till shows no cards")
        expect(row).to_contain_text("Olive Owner")
        expect(row).to_contain_text("Stopped")
        shuts_nobody_out(page)
        page.get_by_placeholder("Name or reason").fill("nobody of that name")
        expect(page.get_by_text("Nobody acted like that.")).to_be_visible()
        settled(page)
        page.goto("/account/consents/")
        shuts_nobody_out(page)
        page.get_by_role("button", name="Support must ask first").click()
        page.get_by_label("4 hours").check()
        shuts_nobody_out(page)
        page.get_by_role("button", name="Let support in").click()
        expect(page.get_by_text("Support may act as your people until")).to_be_visible()
        shuts_nobody_out(page)

    with inside(huxley):
        visit, one = Visit.objects.get(), Masquerade.objects.get()
        event = Event.objects.get(name="visit recorded")
    assert visit.by_id == cashier.pk
    assert (event.by_user_id, event.really_by_id) == (cashier.pk, owner.pk)
    assert one.why_ended == "stopped"


def test_without_network_it_is_kept_with_both(browser, live_server, huxley, midtown, owner, cashier, ben):
    """What waits names the time of acting, and so the two."""
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto(f"/account/users/{cashier.memberships.get().pk}/acting/")
        page.get_by_label("Why?").fill("Network is down")
        enter(page)
        expect(page.locator(".acting-as")).to_be_visible()
        at_till(page, ben)
        scan(page, GOLD)
        expect(page.locator("[data-part=lines] li")).to_contain_text("1 of 12")
        page.context.set_offline(True)
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-part=kept-items]")).to_contain_text("Northpaw Gold Adult")
        with page.expect_response("**/checkout/arrivals/") as sent:
            page.context.set_offline(False)
        assert sent.value.ok
    with inside(huxley):
        told = list(Event.objects.filter(name="visit arrived").values_list("by_user_id", "really_by_id"))
    assert told == [(cashier.pk, owner.pk)]
