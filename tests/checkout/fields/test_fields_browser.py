"""The store's own fields as people meet them: at Check Out, offline, when a reward is redeemed, and in the office."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.checkout.fields.actions import FieldTerms, change_field
from astro.checkout.models import FieldKind, KeptVisit, Visit
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.browser import page_of, send_by_keys
from tests.cast import NOW, inside, platform
from tests.checkout import buying
from tests.checkout.fields.asking import make_field, rows_in
from tests.checkout.scanner import GOLD, ROPE, at_till, check_out, enter, line, said, scan
from tests.checkout.test_offline_till_browser import away, is_sent, rows
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def initials(midtown):
    return make_field(midtown, "Employee initials", longest=3, is_required=True)


def dialog(page):
    return page.locator("#till-reason")


def complaints(page):
    return page.locator("[data-own-field].has-error .error")


def finished(page):
    page.wait_for_selector("#finished")


def shuts_nobody_out(page):
    assert findings_everywhere(page) == {}
    assert sideways(page) == {}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_by_keyboard_alone(page, ben, midtown, initials):
    make_field(midtown, "How found", kind=FieldKind.CHOICE, options=("Friend", "Radio"))
    make_field(midtown, "Dog's weight", kind=FieldKind.NUMBER, highest=90)
    at_till(page, ben)
    scan(page, GOLD)
    expect(line(page, "Northpaw Gold")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_contain_text("Before you check out")
    expect(page.get_by_label("Employee initials")).to_be_focused()
    expect(dialog(page).locator("[data-part=reason]")).to_be_hidden()
    enter(page)
    expect(complaints(page)).to_have_text(re.compile("Type an answer, then go on."))
    expect(page.get_by_label("Employee initials")).to_be_focused()
    page.keyboard.type("J")
    expect(complaints(page)).to_have_count(0)
    page.keyboard.type("BXY")  # three letters fit
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # from No answer
    page.keyboard.press("Tab")
    page.keyboard.type("90.5")
    enter(page)
    expect(complaints(page)).to_have_text(re.compile("Type a number of up to 90."))
    page.keyboard.press("Control+A")
    page.keyboard.type("45.50")
    enter(page)
    finished(page)
    assert rows_in(midtown) == [
        ("Employee initials", "JBX", "", "visit"),
        ("How found", "Radio", "", "visit"),
        ("Dog's weight", "45.5", "", "visit"),
    ]


def test_asked_together_with_why_there_is_more_than_one(page, ben, huxley, midtown, initials):
    at_till(page, ben)
    scan(page, GOLD)
    expect(line(page, "Northpaw Gold")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.get_by_label("Employee initials").fill("JB")
    scan(page, GOLD)  # while the question stands
    expect(dialog(page).locator("[data-part=reason-words]")).to_have_text(re.compile("2 items go onto"))
    expect(page.get_by_label("Employee initials")).to_have_value("JB")
    enter(page)
    expect(dialog(page)).to_contain_text("Choose the reason, then check out.")
    dialog(page).get_by_label("Stocking up").check()
    shuts_nobody_out(page)
    enter(page)
    finished(page)
    with inside(huxley):
        assert Visit.objects.get().reason == "stocking_up"
    assert rows_in(midtown) == [("Employee initials", "JB", "", "visit")]


def test_what_the_server_does_not_take_is_said_and_asked_again_with_what_was_typed(page, ben, midtown, owner, initials):
    at_till(page, ben)
    scan(page, ROPE)
    expect(line(page, "Rope toy")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.get_by_label("Employee initials").fill("JBX")
    with inside(midtown.retailer):  # while the page was open
        terms = FieldTerms(label="Employee initials", kind=FieldKind.TEXT, longest=2, is_required=True)
        change_field(initials, terms, by=owner, at=midtown, now=NOW)
    enter(page)
    expect(said(page)).to_contain_text("Employee initials: that is too long. Up to 2 letters fit.")
    expect(line(page, "Rope toy")).to_be_visible()
    page.wait_for_function("() => document.querySelector('astro-till').catalogue.fields('visit')[0].longest === 2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Employee initials")).to_have_value("JBX")
    page.get_by_label("Employee initials").fill("JB")
    enter(page)
    finished(page)
    assert rows_in(midtown) == [("Employee initials", "JB", "", "visit")]


def test_back_keeps_the_basket_and_what_was_typed(page, ben, midtown, initials):
    at_till(page, ben)
    scan(page, ROPE)
    expect(line(page, "Rope toy")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.get_by_label("Employee initials").fill("JB")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(line(page, "Rope toy")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Employee initials")).to_have_value("JB")


def test_without_fields_nothing_is_asked(page, ben):
    at_till(page, ben)
    scan(page, ROPE)
    expect(line(page, "Rope toy")).to_be_visible()
    check_out(page)


def test_without_network_it_is_asked_kept_and_flagged_where_the_store_asks_more_since(page, ben, midtown, initials):
    away(page, ben)
    make_field(midtown, "Receipt number", is_required=True)  # this till has not heard of it
    page.get_by_label("To be named later: a note").fill("the tall one")
    enter(page)
    scan(page, ROPE)
    expect(line(page, "Rope toy")).to_be_visible()
    page.keyboard.press("Control+Enter")
    enter(page)
    expect(complaints(page)).to_have_text(re.compile("Type an answer, then go on."))
    page.get_by_label("Employee initials").fill("JB")
    enter(page)
    expect(rows(page)).to_have_count(1)
    page.get_by_label("To be named later: a note").fill("another one")
    enter(page)
    scan(page, ROPE)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Employee initials")).to_have_value("")  # the next customer is asked anew
    page.get_by_label("Employee initials").fill("KC")
    enter(page)
    expect(rows(page)).to_have_count(2)
    is_sent(page)
    with inside(midtown.retailer):
        kept = KeptVisit.objects.order_by("kept_at")
        assert [row.body["answers"][0]["value"] for row in kept] == ["JB", "KC"]


def test_without_network_a_customer_who_was_chosen_is_asked_too(page, ben, midtown, initials):
    at_till(page, ben)
    scan(page, ROPE)
    expect(line(page, "Rope toy")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_be_visible()
    page.context.set_offline(True)
    make_field(midtown, "Receipt number", is_required=True)
    page.get_by_label("Employee initials").fill("JB")
    enter(page)
    expect(page.locator("#kept-visit")).to_contain_text("Kept on this till")
    page.context.set_offline(False)
    expect(page.locator("#kept-visit")).to_contain_text("Astro has it now")
    told = [("Employee initials", "JB", "", "visit"), ("Receipt number", "", "missing", "visit")]
    assert rows_in(midtown) == told
    with inside(midtown.retailer):
        key = Visit.objects.get().key
    page.goto(reverse("checkout:visit", args=[key]))
    expect(page.get_by_text("Not answered, though it is required")).to_be_visible()
    expect(page.get_by_text("JB", exact=True)).to_be_visible()
    shuts_nobody_out(page)


@pytest.fixture
def rewarded(midtown, cashier, ben):
    """Ben's card is full."""
    treat = cast.make_product(name="Liver treats", size="", gtins=["614141000036"])
    program = cast.make_program(title="Treat club", products=[treat], rule=RuleOfCard(2))
    cast.make_enrollment(midtown, program=program, by=cashier)
    with platform("test"):
        treat = Product.objects.get(pk=treat.pk)
    buying.buy(ben, treat, 2, at=midtown)
    return ben


def test_a_redemption_asks_its_own_and_enter_finishes(page, rewarded, midtown, initials):
    make_field(midtown, "Batch number", is_required=True, for_visits=False, for_redemptions=True, longest=9)
    make_field(
        midtown, "Bag opened", kind=FieldKind.CHOICE, options=("Yes", "No"), for_visits=False, for_redemptions=True
    )
    page.goto(reverse("checkout:redeem", args=[rewarded.pk]))
    page.wait_for_selector("astro-redemption[data-seen]")
    expect(page.get_by_label("Employee initials")).to_have_count(0)
    page.locator(".redeem-group .choice", has_text="Liver treats").first.click()
    page.keyboard.press("Control+Enter")
    expect(complaints(page)).to_have_text(re.compile("Type an answer, then go on."))
    expect(page.get_by_label("Batch number")).to_be_focused()
    shuts_nobody_out(page)
    page.get_by_label("Batch number").fill("B-17")
    page.get_by_label("Batch number").press("Enter")
    finished(page)
    assert rows_in(midtown) == [("Batch number", "B-17", "", "redemption")]


def test_a_field_that_came_since_the_page_was_opened_leads_to_a_fresh_one(page, rewarded, midtown):
    page.goto(reverse("checkout:redeem", args=[rewarded.pk]))
    page.wait_for_selector("astro-redemption[data-seen]")
    make_field(midtown, "Batch number", is_required=True, for_visits=False, for_redemptions=True)
    page.locator(".redeem-group .choice", has_text="Liver treats").first.click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("astro-redemption [data-part=said]")).to_contain_text("Batch number: type an answer")
    page.reload()
    page.wait_for_selector("astro-redemption[data-seen]")
    page.locator(".redeem-group .choice", has_text="Liver treats").first.click()
    page.get_by_label("Batch number").fill("B-17")
    page.keyboard.press("Control+Enter")
    finished(page)
    assert rows_in(midtown) == [("Batch number", "B-17", "", "redemption")]


def test_on_a_phone(page, ben, midtown, initials):
    make_field(midtown, "How did they find us?", kind=FieldKind.CHOICE, options=("A friend told them", "Radio", "Sign"))
    page.set_viewport_size(PHONE)
    at_till(page, ben)
    scan(page, GOLD)
    expect(line(page, "Northpaw Gold")).to_be_visible()
    page.get_by_role("button", name="Check out").click()
    expect(dialog(page)).to_be_visible()
    dialog(page).get_by_role("button", name="Check out").click()
    expect(complaints(page)).to_be_visible()
    box = page.get_by_label("Employee initials").bounding_box()
    assert box["height"] >= 44
    assert box["x"] + box["width"] <= PHONE["width"]
    shuts_nobody_out(page)
    page.set_viewport_size(PHONE)
    page.get_by_label("Employee initials").fill("JB")
    page.get_by_text("Radio").click()
    dialog(page).get_by_role("button", name="Check out").click()
    finished(page)
    assert [value for _label, value, *_rest in rows_in(midtown)] == ["JB", "Radio"]


def test_the_office_adds_moves_and_switches_by_keyboard(browser, live_server, owner, midtown, riverside):
    with page_of(browser, live_server, owner, only="Security Policy") as page:
        page.goto("/checkout/fields/")
        shuts_nobody_out(page)
        page.get_by_role("link", name="Add field").first.press("Enter")
        page.wait_for_url("**/fields/new/")
        expect(page.get_by_label("Longest answer, in letters")).to_be_visible()
        expect(page.get_by_label("The answers to choose from")).to_be_hidden()
        send_by_keys(page)
        expect(page.get_by_role("alert").first).to_contain_text("Type what the till asks.")
        page.get_by_label("What does the till ask?").fill("How found")
        page.get_by_label("One of several answers").check()
        expect(page.get_by_label("Longest answer, in letters")).to_be_hidden()
        page.get_by_label("The answers to choose from").fill("Friend\nRadio")
        page.get_by_label("At chosen locations").check()
        page.get_by_label("Midtown").check()
        shuts_nobody_out(page)
        send_by_keys(page)
        page.wait_for_url("**/fields/")
        make_field(midtown, "Employee initials", is_required=True)
        page.reload()
        shuts_nobody_out(page)
        page.get_by_role("button", name="Ask Employee initials earlier").press("Enter")
        page.wait_for_url(re.compile("moved="))
        expect(page.get_by_role("button", name="Ask Employee initials later")).to_be_focused()
        expect(page.locator(".own-fields th bdi")).to_have_text(["Employee initials", "How found"])
        page.get_by_role("button", name="Switch off How found").press("Enter")
        expect(page.get_by_text("“How found” is asked no more.")).to_be_visible()
        shuts_nobody_out(page)
        page.get_by_role("button", name="Switch on How found").press("Enter")
        expect(page.get_by_role("button", name="Switch off How found")).to_be_visible()
