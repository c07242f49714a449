"""Offers and cash back as a cashier meets them: a real browser, the real server, a scanner that types."""

import re

import pytest
from playwright.sync_api import expect

from astro.cards.models import Card, Redemption
from astro.checkout.models import Purchase, Visit
from astro.programs.actions import NewCard
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import inside
from tests.checkout.scanner import at_till, enter, scan
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEW = "012345678905"
WASH = "036000291452"
REBATE = RuleOfCard(2, piles="visit", most=2, gives="money", gift_cents=350)
BACK = RuleOfCard(2, gives="back", back_points=500)


@pytest.fixture
def shelf(huxley, midtown, cashier):
    """A brand's rebate on stew, and the store's own cash back on washes."""
    stew = cast.make_product(name="Stew", size="12 oz", gtins=[STEW])
    offer = cast.make_program(title="Offer", cards=[NewCard("Two stews", REBATE, [stew])], kind="offer")
    wash = cast.make_product(name="Dog wash", size="", gtins=[WASH], retailer=huxley)
    back = cast.make_program(
        title="Washes", cards=[NewCard("Wash card", BACK, [wash])], kind="cash_back", retailer=huxley
    )
    for program in (offer, back):
        cast.make_enrollment(midtown, program=program, by=cashier)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def till(page, sally):
    return at_till(page, sally)


def check_out(page):
    page.keyboard.press("Control+Enter")


def test_a_rebate_is_announced_earned_and_taken_off(till, huxley):
    scan(till, STEW)
    expect(till.locator("[data-part=alert]")).to_contain_text("Buy 2, get $3.50 off, all in one visit")
    expect(till.locator("[data-part=missing]")).to_have_text(
        re.compile("Two stews: 1 more in this visit, or it lapses")
    )
    assert findings_everywhere(till) == {}
    scan(till, STEW)
    expect(till.locator("[data-part=missing]")).to_have_count(0)
    expect(till.locator("#band")).to_contain_text("Sally earns")
    check_out(till)
    till.wait_for_selector("astro-redemption[data-seen]")
    expect(till.locator(".redeem-group .choice input").first).to_be_checked()
    assert findings_everywhere(till) == {}
    check_out(till)
    expect(till.locator("#finished")).to_contain_text("Take $3.50 off in your POS")
    with inside(huxley):
        given = Redemption.objects.get()
        assert (given.product_id, given.gift_cents) == (None, 350)


def test_an_offer_is_declined_for_this_visit_only(till, huxley):
    scan(till, STEW)
    scan(till, STEW)
    expect(till.locator("#band")).to_contain_text("Sally earns")
    till.get_by_role("button", name="Decline").click()
    expect(till.locator("[data-part=alert]")).to_contain_text("Declined")
    expect(till.locator("#band")).to_be_empty()
    till.reload()
    expect(till.locator("[data-part=alert]")).to_contain_text("Declined")
    check_out(till)
    expect(till.locator("#finished")).to_contain_text("is checked out")
    with inside(huxley):
        visit = Visit.objects.get()
        assert (len(visit.declined), Card.objects.count(), Purchase.objects.get().quantity) == (1, 0, 2)
    till.get_by_role("link", name="Back to Sally").click()
    scan(till, STEW)
    expect(till.get_by_role("button", name="Decline")).to_be_visible()


def test_an_offer_declined_by_mistake_is_taken_up_again(till, huxley):
    scan(till, STEW)
    scan(till, STEW)
    till.get_by_role("button", name="Decline").click()
    till.get_by_role("button", name="Take part").click()
    expect(till.locator("#band")).to_contain_text("Sally earns")


def test_cash_back_asks_what_was_paid_by_keyboard_alone(till, huxley):
    scan(till, WASH)
    paid = till.get_by_label("What was paid")
    expect(paid).to_be_focused()
    assert findings_everywhere(till) == {}
    check_out(till)
    expect(till.locator("[data-part=said]").first).to_contain_text("Type what was paid")
    expect(paid).to_be_focused()
    paid.fill("abc")
    enter(till)
    expect(till.locator("[data-part=said]").first).to_contain_text("That is no amount")
    paid.fill("25.00")
    enter(till)
    expect(till.locator("[data-part=worth]")).to_have_text("$1.25 cash back")
    check_out(till)
    expect(till.locator("#finished")).to_contain_text("is checked out")
    with inside(huxley):
        assert (Purchase.objects.get().paid_cents, Card.objects.get().cents) == (2500, 125)


def test_what_was_paid_belongs_to_one(till):
    scan(till, WASH)
    expect(till.get_by_label("What was paid")).to_be_focused()
    till.get_by_label("What was paid").fill("12,50")
    enter(till)
    expect(till.locator("[data-part=worth]")).to_have_text("$0.63 cash back")
    scan(till, WASH)
    expect(till.locator("[data-part=said]").first).to_contain_text("is there already")
    expect(till.locator(".today-line output")).to_have_text("1")
