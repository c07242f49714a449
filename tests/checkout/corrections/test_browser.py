"""Putting right as people do it: with the keyboard, on a phone, with a pointer that drags."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from astro.cards.models import Card, Punch
from astro.checkout.models import Correction
from astro.kit.clock import utc_now
from tests import cast
from tests.browser import page_of
from tests.cast import inside
from tests.checkout.test_finishing import Counter
from tests.kit.axe import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def counter(midtown, owner):
    made = Counter(cast.by_day(midtown), owner, buy=6)
    made.now = utc_now() - timedelta(days=3)
    made.buy(4)
    return made


@pytest.fixture
def open_as(browser, live_server):
    """Opens a page for a person. Errors in scripts and what the content policy stops fail the test."""
    with ExitStack() as pages:
        yield lambda user, **how: pages.enter_context(
            page_of(browser, live_server, user, only="Security Policy", **how)
        )


def history_of(counter):
    return reverse("checkout:history", args=[counter.customer.pk])


def test_goods_come_back_by_keyboard_and_that_is_undone(open_as, cashier, counter):
    page = open_as(cashier)
    page.goto(history_of(counter))
    page.locator("details summary").first.press("Enter")
    page.get_by_role("link", name="Put right").first.press("Enter")
    page.get_by_role("radio", name="It was brought back").press("Space")
    expect(page.get_by_label("How many were it really?")).to_be_hidden()
    page.get_by_label("Why?").fill("The bag was torn")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("4 of 6 becomes 3 of 6")).to_be_visible()
    with inside(counter.at.retailer):
        assert Correction.objects.count() == 0
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Goods brought back")).to_be_visible()
    assert [row[1] for row in counter.rounds()] == [3]
    # on another day only an administrator could: it was made just now
    page.get_by_role("button", name="Undo this").press("Enter")
    expect(page.get_by_text("3 of 6 becomes 4 of 6")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone on")).to_be_visible()
    assert [row[1] for row in counter.rounds()] == [4]


def test_a_punch_is_dragged_to_a_card_of_its_own(open_as, cashier, counter):
    page = open_as(cashier)
    page.goto(history_of(counter))
    page.get_by_role("link", name="Split").click()
    goes = page.locator('[data-zone="goes"]')
    page.locator("[data-punch]").last.drag_to(goes)
    expect(goes.get_by_role("checkbox")).to_have_count(1)
    page.locator('[data-zone="stays"]').get_by_role("checkbox").first.press("Space")
    expect(goes.get_by_role("checkbox", checked=True)).to_have_count(2)
    goes.get_by_role("checkbox").first.press("Space")  # the one that was ticked goes back
    expect(goes.get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("button", name="See what it will do").last.click()
    expect(page.get_by_text("card 2 is new: 1 of 6")).to_be_visible()
    page.get_by_role("button", name="Change something").click()
    expect(goes.get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("button", name="See what it will do").last.click()
    page.get_by_role("button", name="Put it right").click()
    expect(page.get_by_role("heading", name="Card split")).to_be_visible()
    with inside(counter.at.retailer):
        assert sorted(Card.objects.values_list("punches", flat=True)) == [1, 3]
        assert Punch.objects.exclude(pile=0).count() == 1


def test_a_visit_moves_on_a_phone(open_as, owner, counter):
    with inside(counter.at.retailer):
        cast.make_customer(at=counter.at, first_name="Zora", last_name="Quill")
        cast.make_customer(at=counter.at, first_name="Zora", last_name="Quest")
    page = open_as(owner, viewport={"width": 390, "height": 844})
    page.goto(history_of(counter))
    page.locator("details summary").first.click()
    page.locator("td a").first.click()
    page.get_by_role("link", name="Move to another customer").click()
    page.get_by_label("To whom?").fill("zora")
    page.get_by_role("button", name="See what it will do").last.click()
    page.get_by_role("button", name="Zora Quest").click()
    expect(page.get_by_text("Zora Quest").first).to_be_visible()
    page.get_by_role("button", name="Put it right").click()
    expect(page.get_by_role("heading", name="Visit moved to another customer")).to_be_visible()


@pytest.mark.parametrize(
    "name", ["put_right", "split_card", "transfer_card", "add_punches", "return_rule", "corrections"]
)
def test_pages_are_for_every_eye(open_as, owner, counter, name):
    with inside(counter.at.retailer):
        card, punch = Card.objects.get(), Punch.objects.earliest("id")
    mine = {
        "put_right": [counter.customer.pk, punch.cause_id],
        "split_card": [counter.customer.pk, card.pk],
        "transfer_card": [counter.customer.pk, card.pk],
        "add_punches": [counter.customer.pk],
    }
    page = open_as(owner)
    page.goto(reverse(f"checkout:{name}", args=mine.get(name)))
    assert faults(page) == {}
