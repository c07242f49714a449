"""What the till's page shows beside the basket: rewards, today's purchases, cards."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from astro.cards.models import Card, CardNote, Reward
from astro.catalog.models import Product
from astro.checkout.basket import Line
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase
from astro.checkout.till_page import WaitingReward, till_page
from astro.checkout.undoing import remove_units
from astro.kit.ids import new_uuid7
from astro.programs.actions import enroll, unenroll
from astro.programs.models import Enrollment, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests import cast
from tests.cast import NOW, inside, platform
from tests.checkout.buying import buy

LATER = NOW + timedelta(hours=1)
DAY = NOW.date()


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def bag(midtown, cashier):
    return a_bag("Northpaw Gold", midtown, cashier)


@pytest.fixture
def treat(midtown, cashier):
    return a_bag("Fernwell Sticks", midtown, cashier)


def a_bag(name, at, by, *, buys=3):
    product = cast.make_product(name=name, size="30 lb")
    program = cast.make_program(title=f"{name} club", products=[product], rule=RuleOfCard(buys, 1, "any", "none"))
    cast.make_enrollment(at, program=program, by=by)
    return product


def a_line(product, quantity=1):
    return Line(new_uuid7(LATER), product.pk, quantity)


def page_of(customer, *lines, at, now=LATER):
    with inside(at.retailer):
        place = Location.objects.select_related("retailer").get(pk=at.pk)
        return till_page(customer, lines, at=place, now=now)


def cards_on(page):
    return [(card.shown.title, card.shown.punches, card.shown.pending) for card in page.cards]


def take_free(customer, visit, product, *, at, is_scanned):
    """Redeem the visit's reward with this item."""
    with inside(at.retailer):
        reward = Reward.objects.get(customer=customer)
        chosen = {"reward_id": str(reward.pk), "product_id": str(product.pk), "is_scanned": is_scanned}
        body = {"key": str(new_uuid7(NOW)), "visit": str(visit.key), "redemptions": [chosen]}
        finish = read_finish(body, customer_id=customer.pk)
        finish_visit(customer, finish, at=at, by=None, device_id=None, now=NOW + timedelta(minutes=2))


def test_basket_is_dealt_and_every_card_keeps_its_place(midtown, sally, bag, treat):
    buy(sally, bag, at=midtown, now=NOW)
    buy(sally, treat, at=midtown, now=NOW + timedelta(minutes=1))
    before = page_of(sally, at=midtown)
    assert cards_on(before) == [("Fernwell Sticks club card", 1, 0), ("Northpaw Gold club card", 1, 0)]
    after = page_of(sally, a_line(bag, 3), at=midtown)
    assert cards_on(after) == [
        ("Fernwell Sticks club card", 1, 0),
        ("Northpaw Gold club card", 3, 2),
        ("Northpaw Gold club card", 1, 1),
    ]
    assert (before.earned, after.earned, after.ready) == (0, 1, 0)


def test_card_offers_the_item_that_went_onto_it_last(midtown, cashier, sally):
    gold, lamb = (cast.make_product(name=name, size="30 lb") for name in ("Gold", "Lamb"))
    program = cast.make_program(products=[gold, lamb], rule=RuleOfCard(12))
    cast.make_enrollment(midtown, program=program, by=cashier)

    def last(*lines):
        return [card.last and card.last.name for card in page_of(sally, *lines, at=midtown).cards]

    assert last() == []
    assert last(a_line(gold)) == ["Gold"]
    buy(sally, gold, at=midtown, now=NOW)
    buy(sally, lamb, at=midtown, now=NOW + timedelta(minutes=1))
    assert last() == ["Lamb"]
    assert last(a_line(gold), a_line(lamb)) == ["Gold"]  # the newest line comes first
    assert last(a_line(lamb, 10)) == [None]  # full: the next one opens a card by itself
    with platform("test"):
        Product.objects.filter(pk=lamb.pk).update(retired_at=NOW)
    assert last() == [None]


def test_rewards_wait_by_program_card(midtown, sally, bag, treat):
    buy(sally, bag, 6, at=midtown, now=NOW)
    buy(sally, treat, 3, at=midtown, now=NOW + timedelta(minutes=1))
    page = page_of(sally, at=midtown)
    assert sorted(page.waiting, key=lambda reward: reward.title) == [
        WaitingReward("Fernwell Sticks club card", 1),
        WaitingReward("Northpaw Gold club card", 2),
    ]
    assert (page.ready, page.earned) == (3, 0)


def test_reward_of_a_program_that_ended_does_not_wait_and_its_card_says_so(midtown, sally, bag):
    buy(sally, bag, 3, at=midtown, now=NOW)
    with platform("test"):
        Program.objects.update(ends_on=DAY)
    assert page_of(sally, at=midtown).ready == 1
    after = page_of(sally, at=midtown, now=LATER + timedelta(days=1))
    assert (after.ready, [(card.ended_on, card.is_ready, card.last) for card in after.cards]) == (
        0,
        [(DAY, False, None)],
    )


def test_units_taken_back_or_given_free_are_told_apart(huxley, midtown, sally, bag):
    visit = buy(sally, bag, 5, at=midtown, now=NOW)
    take_free(sally, visit, bag, at=midtown, is_scanned=True)
    with inside(huxley):
        purchase = Purchase.objects.get()
        free = page_of(sally, at=midtown).recorded[0]
        assert (len(free.live), free.free, free.removed) == (4, 1, 0)
        remove_units(purchase, free.live[-2:], at=midtown, by=None, is_administrator=False, now=LATER)
    [line] = page_of(sally, at=midtown).recorded
    assert (line.live, line.free, line.removed, line.elsewhere) == (free.live[:2], 1, 2, "")
    assert page_of(sally, at=midtown).given == []


def test_free_item_that_was_not_bought_as_well_is_among_todays(midtown, sally, bag):
    visit = buy(sally, bag, 3, at=midtown, now=NOW)
    take_free(sally, visit, bag, at=midtown, is_scanned=False)
    page = page_of(sally, at=midtown)
    assert [str(row) for row in page.given] == ["Northpaw Gold 30 lb"]
    assert [len(line.live) for line in page.recorded] == [3]


def test_today_is_the_customers_day_at_every_location(midtown, riverside, sally, bag):
    buy(sally, bag, at=riverside, now=NOW)
    buy(sally, bag, at=midtown, now=NOW - timedelta(days=1))
    [line] = page_of(sally, at=midtown).recorded
    assert (line.purchase.name, line.elsewhere) == ("Northpaw Gold", "Riverside")


def test_note_stands_under_its_card(huxley, midtown, sally, bag):
    buy(sally, bag, at=midtown, now=NOW)
    with inside(huxley):
        CardNote(card=Card.objects.get(), text="First bag: May 3", changed_at=NOW).save()
    assert [card.note for card in page_of(sally, at=midtown).cards] == ["First bag: May 3"]


def test_cards_freeze_when_the_location_leaves_and_thaw_when_it_joins_again(
    huxley, midtown, riverside, cashier, sally, bag, treat
):
    """Frozen cards stay where they are and take no punch; what was earned before is given."""
    buy(sally, bag, 4, at=midtown, now=NOW)
    buy(sally, treat, 1, at=midtown, now=NOW)
    tomorrow, after = NOW + timedelta(days=1), NOW + timedelta(days=2)

    def told(now, at=midtown, *lines):
        found = page_of(sally, *lines, at=at, now=now)
        return [(card.shown.punches, card.is_frozen, card.is_ready, bool(card.last)) for card in found.cards]

    before = [(3, False, True, False), (1, False, False, True), (1, False, False, True)]
    frozen = [(3, True, True, False), (1, True, False, False), (1, False, False, True)]
    assert told(NOW) == before
    assert told(NOW, riverside) == [(3, True, True, False), (1, True, False, False), (1, True, False, False)]
    with inside(huxley):
        unenroll(Enrollment.objects.get(program__title="Northpaw Gold club"), by=cashier, now=NOW)
    assert told(NOW) == before, "today is the last day"
    assert told(tomorrow) == frozen
    assert told(tomorrow, midtown, a_line(bag, 2)) == frozen, "a basket leaves it as it is"
    buy(sally, bag, 2, at=midtown, now=tomorrow)
    with inside(huxley):
        assert [
            (card.number, card.punches)
            for card in Card.objects.filter(program_card__title__startswith="Northpaw").order_by("number")
        ] == [(1, 3), (2, 1)]
        reward = Reward.objects.get()
        body = {
            "key": str(new_uuid7(tomorrow)),
            "visit": None,
            "redemptions": [{"reward_id": str(reward.pk), "product_id": str(bag.pk), "is_scanned": False}],
        }
        finish_visit(sally, read_finish(body, customer_id=sally.pk), at=midtown, by=cashier, now=tomorrow)
        program = Program.objects.get(title="Northpaw Gold club")
        enroll(midtown, program=program, distributor=None, by=cashier, now=after)
    assert told(after) == [(1, False, False, True), (1, False, False, True)]
    buy(sally, bag, 1, at=midtown, now=after)
    assert told(after)[0] == (2, False, False, True)


def test_page_costs_the_same_for_one_card_and_for_three(huxley, midtown, cashier, sally):
    def queries(*lines):
        with inside(huxley):
            place = Location.objects.select_related("retailer").get(pk=midtown.pk)
            with CaptureQueriesContext(connection) as counted:
                till_page(sally, lines, at=place, now=LATER)
        return len(counted)

    bags = [a_bag(f"Bag {number}", midtown, cashier) for number in range(3)]
    buy(sally, bags[0], 4, at=midtown, now=NOW)
    one = queries(a_line(bags[0]))
    for number, product in enumerate(bags):
        buy(sally, product, 4, at=midtown, now=NOW + timedelta(minutes=1 + number))
    assert queries(*map(a_line, bags)) == one <= 13


def test_line_keys_stay_out_of_the_ledger(midtown, sally, bag):
    """Two lines of one product, as two windows could send them, are dealt one after the other."""
    first, second = (Line(UUID(int=number), bag.pk, 1) for number in (1, 2))
    assert cards_on(page_of(sally, first, second, at=midtown)) == [("Northpaw Gold club card", 2, 2)]
