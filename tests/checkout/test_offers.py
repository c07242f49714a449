"""What is offered for a full card: the right items, judged by the right prices, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from astro.catalog.actions import set_price
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.offers import offers
from astro.customers.models import Address
from astro.programs.actions import NewCard
from astro.programs.models import Program
from astro.programs.rewards import OnCard
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import LONG_AGO, NOW, inside
from tests.checkout.test_actions import a_body, a_line

BUY_TWO = RuleOfCard(2, 1, "any", "lesser_or_equal")
DAY = timedelta(days=1)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def shelf():
    """Three bags of one card, and one that only fills it."""
    prices = {"Gold": 6499, "Lamb": 4299, "Senior": 7299, "Sample": 99}
    return {name: cast.make_product(name=f"Northpaw {name}", prices={"USD": cents}) for name, cents in prices.items()}


@pytest.fixture
def program(midtown, cashier, shelf):
    rewards = [shelf[name] for name in ("Gold", "Lamb", "Senior")]
    card = NewCard("Dry Dog, large bags", BUY_TWO, [*rewards, shelf["Sample"]], rewards=rewards)
    made = cast.make_program(title="Northpaw", brand=cast.make_brand(name="Northpaw"), cards=[card])
    cast.make_enrollment(midtown, program=made, by=cashier)
    return made


def buy(customer, at, *products, now=NOW):
    with inside(at.retailer):
        body = a_body(*(a_line(product) for product in products), at=now)
        return record_visit(customer, read_basket(body, customer_id=customer.pk), at=at, by=None, now=now)


def offered(customer, at, *, day=None, **kwargs):
    with inside(at.retailer):
        return offers(customer, at=at, day=day or at.day(NOW), **kwargs)


def test_nothing_waits_before_the_card_is_full(midtown, sally, shelf, program):
    buy(sally, midtown, shelf["Gold"])
    assert offered(sally, midtown) == []


def test_a_full_card_offers_what_its_rule_allows_and_says_why_not_the_rest(midtown, sally, shelf, program):
    buy(sally, midtown, shelf["Gold"])
    buy(sally, midtown, shelf["Gold"])
    (offer,) = offered(sally, midtown)
    assert (offer.brand, offer.title) == ("Northpaw", "Dry Dog, large bags")
    assert offer.rule == "Buy 2, get 1 free of lesser or equal value"
    assert offer.may_take == "Any item up to $64.99, the cheapest on the card."
    assert offer.punches == (OnCard(shelf["Gold"].pk, "30 lb", 6499),) * 2
    assert [(judged.item.name, judged.value_cents) for judged in offer.allowed] == [
        ("Northpaw Gold", 6499),
        ("Northpaw Lamb", 4299),
    ]
    why_not = {judged.item.name: judged.why_not for judged in offer.refused}
    assert why_not.keys() == {"Northpaw Senior", "Northpaw Sample"}
    assert "($72.99) than the cheapest on the card ($64.99)" in why_not["Northpaw Senior"]
    assert "not on the reward list" in why_not["Northpaw Sample"]


def test_the_price_kept_with_the_purchase_serves_where_there_is_none_today(huxley, midtown, sally, shelf, program):
    """An own price in another currency is no price here."""
    gold = cast.make_product(name="Gold without price", prices={})
    with cast.platform("the tests' price"):
        set_price(gold, currency="CAD", msrp_cents=5000, from_on=LONG_AGO)
    card = NewCard("Unpriced", BUY_TWO, [gold, shelf["Lamb"]])
    cast.make_enrollment(midtown, program=cast.make_program(cards=[card]), by=cast.make_user())
    buy(sally, midtown, gold, shelf["Lamb"])
    (offer,) = offered(sally, midtown)
    assert set(offer.punches) == {OnCard(gold.pk, "30 lb", None), OnCard(shelf["Lamb"].pk, "30 lb", 4299)}


def test_a_price_rise_after_the_purchase_moves_item_and_limit_alike(midtown, sally, shelf, program):
    buy(sally, midtown, shelf["Gold"], shelf["Gold"])
    with cast.platform("the tests' price"):
        set_price(shelf["Gold"], currency="USD", msrp_cents=6999, from_on=midtown.day(NOW) + DAY)
    (offer,) = offered(sally, midtown, day=midtown.day(NOW) + DAY)
    assert (offer.allowed[0].item.name, offer.allowed[0].value_cents) == ("Northpaw Gold", 6999)


def test_a_product_that_was_retired_or_left_the_card_is_not_offered(midtown, sally, shelf, program):
    buy(sally, midtown, shelf["Gold"], shelf["Gold"])
    with cast.platform("the shelf changes"):
        shelf["Lamb"].retired_at = NOW
        shelf["Lamb"].save()
        for item in shelf["Senior"].program_items.all():
            item.until_on = midtown.day(NOW) - DAY
            item.save()
    (offer,) = offered(sally, midtown)
    assert [judged.item.name for judged in offer.items] == ["Northpaw Gold", "Northpaw Sample"]


def test_what_the_program_asks_for_is_told_where_the_customer_lacks_it(huxley, midtown, cashier, sally):
    bag = cast.make_product()
    card = NewCard("Card", RuleOfCard(1), [bag])
    program = cast.make_program(cards=[card], requires_email=True, requires_address=True)
    cast.make_enrollment(midtown, program=program, by=cashier)
    buy(sally, midtown, bag)

    def asked():
        (offer,) = offered(sally, midtown)
        return offer.needs_email, offer.needs_address

    assert asked() == (True, True)
    sally.email = "sally@example.com"
    assert asked() == (False, True)
    with inside(huxley):
        Address(
            customer=sally, postcode="59901", street="1 Main St", city="Kalispell", country="US", changed_at=NOW
        ).save()
    assert asked() == (False, False)


def test_a_program_that_is_over_offers_nothing_from_the_day_after(midtown, sally, shelf, program):
    last_day = midtown.day(NOW)
    with cast.platform("the tests' program ends"):
        Program.objects.filter(pk=program.pk).update(ends_on=last_day)
    buy(sally, midtown, shelf["Gold"], shelf["Gold"])
    (offer,) = offered(sally, midtown)
    assert (offer.ended_on, len(offer.allowed)) == (None, 2)
    (offer,) = offered(sally, midtown, day=last_day + DAY)
    assert (offer.ended_on, offer.allowed) == (last_day, [])


def test_a_stores_own_program_carries_its_name(huxley, midtown, cashier, sally):
    bath = cast.make_product(name="Bath", retailer=huxley)
    program = cast.make_program(cards=[NewCard("Baths", RuleOfCard(1), [bath])], retailer=huxley)
    cast.make_enrollment(midtown, program=program, by=cashier)
    buy(sally, midtown, bath)
    (offer,) = offered(sally, midtown)
    assert offer.brand == "Huxley House"


def test_only_those_asked_for_and_only_this_customers(huxley, midtown, sally, shelf, program):
    with inside(huxley):
        ben = cast.make_customer(at=midtown)
    for customer in (sally, ben):
        buy(customer, midtown, shelf["Gold"], shelf["Gold"])
    buy(sally, midtown, shelf["Lamb"], shelf["Lamb"], now=NOW + timedelta(hours=1))
    first, second = offered(sally, midtown)
    assert (first.reward.card.number, second.reward.card.number) == (1, 2)
    (bens,) = offered(ben, midtown)
    assert offered(sally, midtown, reward_ids=[second.reward.pk, bens.reward.pk]) == [second]
    assert offered(sally, midtown, reward_ids=[]) == []


def test_as_many_queries_for_one_reward_as_for_five(huxley, midtown, cashier, sally, shelf, program):
    def one_more(number):
        product = cast.make_product()
        card = NewCard(f"Card {number}", RuleOfCard(1), [product, *shelf.values()])
        cast.make_enrollment(midtown, program=cast.make_program(cards=[card]), by=cashier)
        buy(sally, midtown, product)

    def asked():
        with inside(huxley), CaptureQueriesContext(connection) as queries:
            found = offers(sally, at=midtown, day=midtown.day(NOW))
        return len(found), len(queries)

    one_more(1)
    count, queries = asked()
    assert count == 1
    for number in range(2, 6):
        one_more(number)
    assert asked() == (5, queries)
    assert queries <= 12
