"""The till as a cashier uses it: a real browser, the real server, a scanner that types."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from astro.cards.models import Punch, Reward
from astro.checkout.models import Purchase, Visit
from astro.customers.actions import give_code
from astro.customers.models import CodeKind, CustomerCode
from tests.browser import patiently
from tests.cast import NOW, inside, signed_in
from tests.checkout.scanner import GOLD, ONCE, ROPE, UNKNOWN, at_till, check_out, enter, line, said, scan, scan_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_main_job(page, huxley, sally):
    """Find Sally, scan twelve bags, check out, keep the reward, see the full card."""
    page.goto("/")
    page.keyboard.type("Sally", delay=80)
    page.click("#found a")
    page.wait_for_selector("astro-till:defined")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sally Pet Owner")
    for count in range(1, 13):
        scan(page, GOLD)
        expect(line(page, "Northpaw Gold").locator("output")).to_have_text(str(count))
    expect(said(page)).to_have_text("Northpaw Gold Adult 30 lb added. Card is full.")
    expect(page.locator("[data-part=rewards]")).to_have_text("Earns 1 reward")
    expect(page.locator("#band")).to_contain_text("Sally earns a free item")
    page.get_by_role("button", name="Check out").click()
    page.get_by_text("Stocking up").click()
    enter(page)
    expect(page.locator("#redemption")).to_be_visible()
    page.get_by_role("button", name="Keep for next time").click()
    expect(page.locator("#finished")).to_contain_text("12 of 12")
    expect(page.locator("#finished .punch.is-filled")).to_have_count(12)
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count(), Reward.objects.count()) == (1, 12, 1)
        assert Visit.objects.get().reason == "stocking_up"
    page.get_by_role("link", name="Back to Sally").click()
    expect(page.locator("#cards")).to_contain_text("12 of 12")
    expect(page.locator("#band")).to_contain_text("Sally has a free item")
    expect(line(page, "Northpaw Gold")).to_contain_text("Checked out at")


def test_scan_by_a_real_keyboard_does_not_press_check_out(till):
    for _ in patiently():
        till.evaluate(
            """() => {
              window.heard = [];
              window.addEventListener("keydown", (event) => window.heard.push(event.timeStamp), { capture: true });
            }"""
        )
        till.get_by_role("button", name="Check out").focus()
        till.keyboard.type(GOLD)
        enter(till)
        heard = till.evaluate("window.heard")
        if max(later - earlier for earlier, later in pairwise(heard)) < 80:  # else the machine was too busy: again
            break
        till.evaluate("""async () => {
          const { basket } = document.querySelector("astro-till");
          for (const line of [...basket.lines]) basket.remove(line);
          await basket.saved;
        }""")
        till.reload()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(said(till)).to_have_text("Northpaw Gold Adult 30 lb added.")
    expect(till.get_by_role("button", name="Check out")).to_be_focused()


def test_thirteen_bags_are_a_full_card_and_the_first_punch_of_the_next(till):
    scan(till, GOLD)
    for _ in range(12):
        till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    expect(line(till, "Northpaw Gold")).to_contain_text("12 of 12")
    expect(till.locator("#cards .punch-card")).to_have_count(2)
    expect(till.locator("#cards .punch-card.is-ready")).to_contain_text("12 of 12")
    expect(till.locator("#cards .punch-card:not(.is-ready)")).to_contain_text("1 of 12, 11 to go")


def test_unknown_and_misread_codes_are_lines_and_never_a_stop(till, huxley):
    scan(till, UNKNOWN)
    expect(said(till)).to_have_text("We don't know 6 14141 00003 6. Skip it or tell us what it is.")
    scan(till, "012345678906")
    expect(said(till)).to_contain_text("012345678906 was misread or mistyped")
    scan(till, ROPE)
    expect(line(till, "Rope toy")).to_contain_text("No program for this item")
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    check_out(till)
    expect(said(till)).to_have_text("6 14141 00003 6 was not recorded, because we don't know it.")
    with inside(huxley):
        assert sorted(row.name for row in Purchase.objects.all()) == ["Northpaw Gold Adult", "Rope toy"]


def test_unknown_code_can_be_named_or_skipped(till):
    scan(till, UNKNOWN)
    till.get_by_role("button", name="What is it?").click()
    till.keyboard.type("pate", delay=80)
    till.get_by_role("button", name="Fernwell Pate").click()
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    expect(line(till, "6 14141 00003 6")).to_have_count(0)
    scan(till, UNKNOWN)
    till.get_by_role("button", name="Skip it").click()
    expect(line(till, "6 14141 00003 6")).to_have_count(0)
    expect(till.locator("[data-part=count]")).to_have_text("1 item")


@pytest.mark.parametrize("typed", ["northpaw 30", "0 12345 67890 5", "fernwell gold"])
def test_name_or_number_can_be_typed(till, typed):
    till.keyboard.press("/")
    expect(till.locator("#scan")).to_be_focused()
    till.keyboard.type(typed, delay=60)
    enter(till)
    if typed == "fernwell gold":
        expect(said(till)).to_have_text("No item matches “fernwell gold”. Try another word of its name, or scan it.")
    else:
        expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
        expect(till.locator("#scan")).to_have_value("")


def test_several_matches_are_listed_to_choose_from(till):
    till.keyboard.press("/")
    expect(till.locator("#scan")).to_be_focused()
    till.keyboard.type("pa", delay=80)
    matches = till.locator("[data-part=matches] button")
    expect(matches).to_have_text([re.compile("Fernwell Pate"), re.compile("Northpaw Gold")])
    till.keyboard.press("Escape")
    expect(till.locator("[data-part=matches]")).to_be_hidden()
    till.fill("#scan", "pa")
    till.focus("#scan")
    enter(till)
    expect(matches.first).to_be_focused()
    enter(till)
    expect(line(till, "Fernwell Pate").locator("output")).to_have_text(ONCE)
    expect(till.locator("[data-part=matches]")).to_be_hidden()


def test_stepper_and_undo(till):
    scan(till, GOLD)
    till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text("2")
    assert till.evaluate("document.activeElement === document.body")
    till.keyboard.press("F9")
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    till.get_by_role("button", name="Remove Northpaw Gold Adult 30 lb").click()
    expect(line(till, "Northpaw Gold")).to_have_count(0)
    till.get_by_role("button", name="Undo").click()
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(till.locator("#cards")).to_contain_text("1 of 12")


def test_preview_stores_nothing_and_goes_with_the_line(till, huxley):
    scan(till, GOLD)
    expect(till.locator("#cards")).to_contain_text("1 of 12")
    till.keyboard.press("F9")
    expect(till.locator("#cards")).to_contain_text("has no cards yet")
    with inside(huxley):
        assert Punch.objects.count() == 0


def test_customer_card_opens_its_customer_and_asks_first_where_a_basket_stands(till, huxley, ben):
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    scan(till, code)
    expect(said(till)).to_contain_text("That is a customer card. Sally's item is not checked out")
    till.get_by_role("link", name="Go on").click()
    expect(till.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")
    expect(till.locator("[data-part=count]")).to_have_text("")


def test_card_of_an_earlier_system_can_be_opened_too(till, huxley, ben):
    with inside(huxley):
        CustomerCode(customer=ben, code="OLD-17", kind=CodeKind.OLD).save()
    scan(till, "OLD-17")
    expect(said(till)).to_have_text("“OLD-17” is not an item's barcode. If it is a customer card, go on to open it.")
    till.get_by_role("link", name="Go on").click()
    expect(till.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")


@pytest.mark.parametrize("place", ["/", "/checkout/"])
def test_customer_card_opens_its_customer_from_the_look_up(page, huxley, ben, place):
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    page.goto(place, wait_until="networkidle")
    scan_into(page, "#find", GOLD)
    page.wait_for_timeout(400)  # the digits went into the box and out again, and the list of customers followed
    expect(page.locator("[data-find]")).to_contain_text("That is an item. Choose the customer first")
    scan(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Ortiz")


def test_keys_lead_where_they_say(till, ben):
    till.keyboard.press("?")
    expect(till.locator("#till-keys")).to_be_visible()
    till.keyboard.press("Escape")
    expect(till.locator("#till-keys")).to_be_hidden()
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.keyboard.press("F2")
    expect(said(till)).to_contain_text("Sally's item is not checked out. It stays here for Sally.")
    till.keyboard.press("F9")
    till.keyboard.press("F2")
    till.wait_for_url("**/checkout/")
    at_till(till, ben)
    till.keyboard.press("F8")
    till.wait_for_url("**/customers/new/**")


def test_without_javascript_the_till_says_what_it_needs(client, cashier, sally):
    page = signed_in(client, cashier).get(f"/checkout/{sally.pk}/").text
    assert "The till needs JavaScript" in re.search("<noscript>(.*?)</noscript>", page, re.DOTALL)[1]
