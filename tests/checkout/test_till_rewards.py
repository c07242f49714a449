"""Rewards at the till, today's purchases taken back, and why several units go onto one card."""

import pytest
from playwright.sync_api import expect

from astro.catalog.models import Product
from astro.checkout.models import Purchase, UnitVoid, Visit
from tests.cast import inside, platform
from tests.checkout.buying import buy
from tests.checkout.scanner import GOLD, ONCE, PATE, UNKNOWN, at_till, check_out, line, said, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gold(shelf):
    with platform("test"):
        return Product.objects.get(name="Northpaw Gold Adult")


@pytest.fixture
def rich(page, midtown, sally, gold):
    """Sally with a full card."""
    buy(sally, gold, 12, at=midtown)
    return at_till(page, sally)


def voided(retailer):
    with inside(retailer):
        return sorted(UnitVoid.objects.values_list("unit", flat=True))


# Rewards


def test_reward_waits_above_the_cards_and_its_items_can_be_looked_at(rich):
    expect(rich.locator("#band")).to_contain_text("Sally has a free item")
    expect(rich.locator("#band")).to_contain_text("Northpaw Gold Adult club card")
    rich.get_by_role("button", name="See items").click()
    dialog = rich.locator("#till-offers")
    expect(dialog).to_contain_text("Northpaw Gold Adult 30 lb")
    expect(dialog).to_contain_text("$64.99")
    rich.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    rich.get_by_role("button", name="See items").click()
    dialog.get_by_role("link", name="Redeem").click()
    rich.wait_for_url("**/redeem/**")
    expect(rich.locator("#redemption")).to_be_visible()


@pytest.mark.parametrize("way", ["F4", "Control+Enter", "button"])
def test_reward_is_chosen_without_buying_anything(rich, way):
    if way == "button":
        rich.get_by_role("link", name="Redeem").click()
    else:
        rich.keyboard.press(way)
    rich.wait_for_url("**/redeem/**")
    expect(rich.locator("#redemption")).to_be_visible()


def test_redeem_checks_the_basket_out_first(rich, huxley):
    scan(rich, PATE)
    expect(line(rich, "Fernwell Pate")).to_contain_text("1 of 12")
    rich.keyboard.press("F4")
    expect(rich.locator("#redemption")).to_be_visible()
    with inside(huxley):
        assert sorted(Purchase.objects.values_list("name", flat=True)) == ["Fernwell Pate", "Northpaw Gold Adult"]


def test_redeem_without_reward_says_so(till):
    till.keyboard.press("F4")
    expect(said(till)).to_have_text("Sally has no free item waiting, and there is nothing to check out yet.")


def test_unknown_codes_alone_do_not_lead_away(rich):
    scan(rich, UNKNOWN)
    rich.keyboard.press("Control+Enter")
    expect(said(rich)).to_contain_text("There is nothing to check out yet: tell us what the unknown items are")


def test_no_card_moves_when_a_reward_is_earned(page, midtown, sally, gold):
    buy(sally, gold, 11, at=midtown)
    till = at_till(page, sally)
    scan(till, PATE)
    expect(till.locator("#cards .punch-card")).to_have_count(2)

    def places():
        cards = till.locator("#cards .punch-card")
        return cards.evaluate_all("cards => cards.map((card) => card.getBoundingClientRect().top)")

    before = places()
    scan(till, GOLD)
    expect(till.locator("#band")).to_contain_text("Sally earns a free item")
    assert places() == before


# Today's purchases


def test_recorded_units_are_taken_back_one_by_one_or_all(page, huxley, midtown, sally, gold):
    buy(sally, gold, 5, at=midtown)
    till = at_till(page, sally)
    till.get_by_role("button", name="Remove one Northpaw Gold Adult 30 lb from today's purchases").click()
    expect(said(till)).to_have_text("Northpaw Gold Adult 30 lb taken off today's purchases.")
    expect(till.locator("#recorded")).to_contain_text("1 removed")
    expect(till.locator("#cards")).to_contain_text("4 of 12")
    expect(till.locator("[data-part=count]")).to_have_text("4 items")
    assert voided(huxley) == [5]
    till.get_by_role("button", name="Remove all 4 Northpaw Gold Adult 30 lb from today's purchases").click()
    expect(said(till)).to_have_text("4 × Northpaw Gold Adult 30 lb taken off today's purchases.")
    expect(till.locator("#cards")).to_contain_text("has no cards yet")
    assert voided(huxley) == [1, 2, 3, 4, 5]


def test_what_was_taken_back_can_be_put_into_the_basket(page, huxley, midtown, sally, gold):
    buy(sally, gold, 2, at=midtown)
    till = at_till(page, sally)
    till.get_by_role("button", name="Remove all 2 Northpaw Gold").click()
    expect(said(till)).to_contain_text("taken off")
    till.keyboard.press("F9")
    expect(till.locator("[data-part=lines] output")).to_have_text("2")
    expect(till.locator("#cards")).to_contain_text("2 of 12")


def test_taking_back_keeps_what_the_basket_does_to_the_cards(page, midtown, sally, gold):
    buy(sally, gold, 3, at=midtown)
    till = at_till(page, sally)
    scan(till, GOLD)
    expect(till.locator("#cards")).to_contain_text("4 of 12")
    till.get_by_role("button", name="Remove one Northpaw Gold").click()
    expect(till.locator("#cards")).to_contain_text("3 of 12")
    expect(till.locator("[data-part=lines] output")).to_have_text(ONCE)


def test_taking_back_without_an_answer_says_so_and_again_takes_back_no_more(page, huxley, midtown, sally, gold):
    buy(sally, gold, 3, at=midtown)
    till = at_till(page, sally)

    def lose(route):
        route.fetch()
        route.abort()

    till.route("**/removals/", lose)
    button = till.get_by_role("button", name="Remove one Northpaw Gold")
    button.click()
    expect(said(till)).to_contain_text("Astro did not answer")
    till.unroute("**/removals/")
    button.click()
    expect(said(till)).to_contain_text("taken off")
    assert voided(huxley) == [3]


def test_basket_stays_with_its_customer(page, sally, ben):
    till = at_till(page, sally)
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    at_till(page, ben)
    expect(till.locator("[data-part=count]")).to_have_text("")
    scan(till, PATE)
    check_out(till)
    at_till(page, sally)
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(line(till, "Fernwell Pate")).to_have_count(0)


# Why several


def two_bags(till):
    scan(till, GOLD)
    till.wait_for_timeout(400)  # so long an Enter is taken for the scanner's second one
    till.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()


@pytest.fixture
def asked(till):
    """Two bags on one card, and Check out pressed."""
    two_bags(till)
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text("2")
    till.keyboard.press("Control+Enter")
    expect(till.locator("#till-reason")).to_be_visible()
    return till


def test_reason_is_asked_once_and_sealed_into_the_visit(asked, huxley):
    expect(asked.locator("#till-reason")).to_contain_text("2 items go onto Northpaw Gold Adult club card.")
    expect(asked.locator("#till-reason [type=radio]")).to_have_count(6)
    expect(asked.get_by_role("radio", name="Paper card conversion")).to_be_focused()
    asked.keyboard.press("ArrowDown")
    asked.keyboard.press("Enter")
    asked.wait_for_selector("#finished")
    with inside(huxley):
        visit = Visit.objects.get()
        assert (visit.reason, visit.reason_text) == ("several_pets", "")


def test_no_reason_and_no_words_are_asked_for_again(asked, huxley):
    asked.keyboard.press("Enter")
    expect(asked.locator("#till-reason-error")).to_have_text("Choose the reason, then check out.")
    asked.get_by_role("radio", name="Other").check()
    expect(asked.locator("#till-reason-error")).to_have_text("")
    asked.get_by_role("button", name="Check out Enter").click()
    expect(asked.locator("#till-reason-error")).to_have_text("Write the reason in a few words, then check out.")
    expect(asked.get_by_label("What is the reason?")).to_be_focused()
    asked.keyboard.type("A present for the shelter", delay=60)
    asked.keyboard.press("Enter")
    asked.wait_for_selector("#finished")
    with inside(huxley):
        visit = Visit.objects.get()
        assert (visit.reason, visit.reason_text) == ("other", "A present for the shelter")


def test_going_back_checks_nothing_out(asked, huxley):
    asked.keyboard.press("Escape")
    expect(asked.locator("#till-reason")).to_be_hidden()
    expect(line(asked, "Northpaw Gold").locator("output")).to_have_text("2")
    with inside(huxley):
        assert Visit.objects.count() == 0


def test_scan_while_the_reason_is_asked_is_not_lost_and_presses_nothing(asked, huxley):
    scan(asked, GOLD)
    scan(asked, PATE)
    expect(asked.locator("#till-reason")).to_be_visible()
    expect(asked.locator("#till-reason")).to_contain_text("3 items go onto Northpaw Gold Adult club card.")
    expect(asked.locator("#till-reason :checked")).to_have_count(0)
    asked.get_by_role("radio", name="Stocking up").check()
    asked.wait_for_timeout(400)
    asked.keyboard.press("Enter")
    asked.wait_for_selector("#finished")
    with inside(huxley):
        assert sorted(Purchase.objects.values_list("name", "quantity")) == [
            ("Fernwell Pate", 1),
            ("Northpaw Gold Adult", 3),
        ]


def test_reason_is_asked_without_network_too(context, till, huxley):
    two_bags(till)
    context.set_offline(True)
    till.keyboard.press("Control+Enter")
    expect(till.locator("#till-reason")).to_be_visible()
    till.get_by_role("radio", name="Breeder or kennel").check()
    till.keyboard.press("Enter")
    expect(till.locator("#kept-visit")).to_contain_text("It is sent when the connection is back.")
    context.set_offline(False)
    expect(till.locator("#kept-visit")).to_contain_text("Sent")
    with inside(huxley):
        assert Visit.objects.get().reason == "breeder"


def test_one_unit_a_card_is_not_asked_about(till):
    scan(till, GOLD)
    scan(till, PATE)
    expect(line(till, "Fernwell Pate")).to_be_visible()
    check_out(till)
