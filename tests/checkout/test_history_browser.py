"""A customer's history as people use it: a real browser, the real server."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.cards.models import CardNote, Redemption
from astro.checkout.models import Purchase, UnitVoid
from astro.checkout.undoing import remove_units
from astro.customers.actions import add_practice_customer
from astro.kit.clock import utc_now
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.browser import page_of
from tests.cast import inside
from tests.checkout.scanner import scan
from tests.checkout.test_finishing import Counter
from tests.kit.axe import faults, findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def counter(midtown, owner):
    """Months of a practice customer: a card that was redeemed and owes, one that is ready, two in progress."""
    made = Counter(cast.by_day(midtown), owner)
    with inside(midtown.retailer):
        made.customer = add_practice_customer(now=utc_now())
    brand = cast.make_brand(name="Northpaw")
    made.bag = cast.make_product(name="Gold Adult Chicken and Brown Rice", brand=brand, gtins=["012345678905"])
    rule = RuleOfCard(12, 1, "any", "lesser_or_equal")
    program = cast.make_program(title="Dry Dog", brand=brand, products=[made.bag], rule=rule)
    cast.make_enrollment(midtown, program=program, by=owner)
    made.now = utc_now() - timedelta(days=200)
    made.buy(11)
    with inside(midtown.retailer):
        first = Purchase.objects.get()
        remove_units(first, [4], at=midtown, by=owner, is_administrator=True, now=made.now)
    made.later(days=70).buy(2, reason="stocking_up")
    made.later(days=60).finish(made.buy(13))
    with inside(midtown.retailer):
        card = Redemption.objects.get().card
        CardNote(card=card, text="Paper card: 3 March to 4 May.", changed_by=owner, changed_at=made.now).save()
        remove_units(first, [5], at=midtown, by=owner, is_administrator=True, now=made.now)
    made.now = utc_now() - timedelta(minutes=5)
    made.visit = made.buy(1)
    return made


@pytest.fixture
def open_as(browser, live_server):
    """Opens a page for a person. Errors in scripts and what the content policy stops fail the test."""
    with ExitStack() as pages:
        yield lambda user, **how: pages.enter_context(
            page_of(browser, live_server, user, only="Security Policy", **how)
        )


@pytest.fixture
def page(open_as, owner):
    return open_as(owner)


def history_of(page, counter):
    page.goto(f"/checkout/{counter.customer.pk}/history/")
    return page


def open_all(page):
    for summary in page.locator("summary").all():
        summary.click()


def test_history_shuts_nobody_out(page, counter):
    history_of(page, counter)
    open_all(page)
    assert faults(page) == {}


def test_the_pop_ups_shut_nobody_out(page, counter):
    for asked in ("Undo the free", "a note of", "Remove Gold"):
        history_of(page, counter)
        open_all(page)
        page.get_by_role("link", name=asked).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == {}, asked


def test_one_visit_shuts_nobody_out(page, counter):
    page.goto(f"/checkout/visits/{counter.visit.key}/")
    assert faults(page) == {}


def test_an_empty_history_shuts_nobody_out(page, midtown):
    with inside(midtown.retailer):
        nobody = cast.make_customer(at=midtown, first_name="Nora")
    page.goto(f"/checkout/{nobody.pk}/history/")
    expect(page.locator(".empty")).to_contain_text("Nora has no cards yet.")
    assert findings_everywhere(page) == {}


def test_filters_narrow_the_list_at_once_and_the_address_follows(page, counter):
    history_of(page, counter)
    expect(page.locator(".round")).to_have_count(3)
    page.get_by_label("State").select_option(label="Redeemed")
    expect(page.locator(".round")).to_have_count(1)
    expect(page).to_have_url(re.compile("state=redeemed"))
    expect(page.get_by_role("link", name="Export CSV")).to_have_attribute("href", re.compile("state=redeemed"))
    page.reload()
    expect(page.locator(".round")).to_have_count(1)


def test_cancel_leaves_everything_and_remove_only_takes_the_free_item_back(page, counter):
    history_of(page, counter)
    page.get_by_role("link", name="Undo the free").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    with inside(counter.at.retailer):
        assert Redemption.objects.get().is_live
    page.get_by_role("link", name="Undo the free").click()
    dialog.get_by_role("button", name="Remove only").click()
    expect(page.locator("#notices")).to_contain_text("Its reward is ready again.")
    expect(page.get_by_role("link", name="Undo the free")).to_have_count(0)
    expect(page.locator(".round", has_text="taken back on")).to_contain_text("by Olive Owner")


def test_remove_and_reselect_goes_on_to_the_choice(page, counter):
    history_of(page, counter)
    page.get_by_role("link", name="Undo the free").click()
    page.get_by_role("button", name="Remove and reselect").click()
    expect(page).to_have_url(re.compile(rf"/checkout/{counter.customer.pk}/redeem/\?reward=\d+$"))
    expect(page.locator("#redemption")).to_contain_text("Gold Adult")


def test_a_purchase_of_long_ago_is_removed_by_an_administrator(page, counter):
    history_of(page, counter)
    first = page.locator(".round").last
    first.locator("summary").click()
    first.get_by_role("link", name="Put right Gold").first.click()
    page.get_by_role("radio", name="It was not bought").check()
    page.get_by_role("button", name="See what it will do").last.click()
    page.get_by_role("button", name="Put it right").click()
    expect(page.get_by_role("heading", name="Items removed")).to_be_visible()
    history_of(page, counter)
    expect(page.locator(".round", has_text="3 removed between")).to_contain_text("card 1")
    with inside(counter.at.retailer):
        assert UnitVoid.objects.count() == 3


def test_a_note_is_written_in_the_pop_up(page, counter):
    history_of(page, counter)
    page.get_by_role("link", name="Add a note").first.click()
    box = page.get_by_role("dialog").get_by_label("Note")
    expect(box).to_be_focused()
    box.fill("Paper: 3 March")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".round").first).to_contain_text("Paper: 3 March")


def test_a_note_that_is_too_long_stays_typed(page, counter):
    history_of(page, counter)
    page.get_by_role("link", name="Add a note").first.click()
    page.get_by_role("dialog").get_by_label("Note").fill("x" * 510)
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("alert")).to_contain_text("This one is 10 too long: shorten it.")
    expect(page.get_by_label("Note")).to_have_value("x" * 510)
    assert findings_everywhere(page) == {}


def test_a_scan_presses_no_button_and_says_where_items_go(page, counter):
    history_of(page, counter)
    page.get_by_role("link", name="Undo the free").click()
    page.get_by_role("button", name="Remove only").focus()
    scan(page, "012345678905")
    expect(page.get_by_text("Items are scanned at the till.")).to_be_visible()
    with inside(counter.at.retailer):
        assert Redemption.objects.get().is_live


def test_it_works_without_scripts(open_as, owner, counter):
    page = open_as(owner, java_script_enabled=False)
    page.goto(f"/checkout/{counter.customer.pk}/history/")
    page.get_by_label("State").select_option(label="Redeemed")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".round")).to_have_count(1)
    page.get_by_role("link", name="Undo the free").click()
    for answer in ("Remove and reselect", "Remove only"):
        expect(page.get_by_role("button", name=answer)).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Undo the free").click()
    page.get_by_role("button", name="Remove only").click()
    expect(page.locator("#notices")).to_contain_text("Its reward is ready again.")


def test_paper_shows_every_item(page, counter):
    history_of(page, counter)
    shown = page.evaluate(
        """() => {
          const open = () => [...document.querySelectorAll("details")].map((one) => one.open);
          const before = open();
          window.dispatchEvent(new Event("beforeprint"));
          const during = open();
          window.dispatchEvent(new Event("afterprint"));
          return [before, during, open()];
        }"""
    )
    assert shown == [[False] * 3, [True] * 3, [False] * 3]
