"""The plain reads of a checkout say what the catalogue and the programs say through the ORM."""

from datetime import date, timedelta

import pytest

from astro.catalog.models import Price
from astro.catalog.queries import barcodes_of, prices_on
from astro.checkout.basket import read_basket
from astro.checkout.hot_path import look, shelf
from astro.customers.actions import retire_customer
from astro.customers.models import Customer
from astro.kit.ids import new_uuid7
from astro.programs import actions as programs
from astro.programs.queries import cards_filled_by
from astro.programs.rules import RuleOfCard
from tests.cast import (
    LONG_AGO,
    NOW,
    inside,
    make_customer,
    make_enrollment,
    make_gtin,
    make_product,
    make_program,
    platform,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)


@pytest.fixture
def shelves(midtown, riverside, owner, otherpaws):
    """A catalogue in which each rule of what counts has somebody that it leaves out."""
    bag, pate, rope = make_product(name="Adult"), make_product(name="Pate", size=""), make_product(name="Rope")
    own = make_product(name="Bath", retailer=midtown.retailer, prices={}, gtins=[make_gtin()])
    theirs = make_product(name="Trim", retailer=otherpaws)
    dry = make_program(title="Dry", products=[bag, pate])
    wet = make_program(title="Wet", products=[pate], rule=RuleOfCard(8, 2, "same_size", "none", 6))
    over = make_program(title="Over", products=[bag], ends_on=date(2026, 1, 1))
    baths = make_program(title="Baths", products=[own], retailer=midtown.retailer)
    make_program(title="Not here", products=[bag])
    for program in (dry, wet, baths):
        make_enrollment(midtown, program=program, by=owner)
    make_enrollment(midtown, program=over, by=owner, from_on=LONG_AGO, now=NOW - timedelta(days=400))
    make_enrollment(riverside, program=wet, by=owner)
    with platform("new rules and a price rise"):
        programs.add_version(dry, from_on=date(2026, 6, 1), rules={dry.cards.get(): RuleOfCard(10)})
        programs.add_version(dry, from_on=DAY + timedelta(days=1), rules={dry.cards.get(): RuleOfCard(20)})
        Price(product=bag, currency="USD", msrp_cents=7199, from_on=date(2026, 5, 1)).save()
        Price(product=bag, currency="CAD", msrp_cents=9999, from_on=date(2026, 5, 1)).save()
        Price(product=bag, currency="USD", msrp_cents=1, from_on=DAY + timedelta(days=1)).save()
    with inside(midtown.retailer):
        Price(product=pate, currency="USD", msrp_cents=4200, from_on=date(2025, 6, 1)).save()
    return [bag.pk, pate.pk, rope.pk, own.pk, theirs.pk]


@pytest.mark.parametrize("day", [date(2024, 6, 1), date(2025, 7, 1), DAY, DAY + timedelta(days=2)])
def test_the_shelf_says_what_catalogue_and_programs_say(midtown, riverside, shelves, day):
    for place in (midtown, riverside):
        with inside(place.retailer):
            sold = shelf(shelves, at=place, day=day)
            prices, codes = prices_on(shelves, currency="USD", day=day), barcodes_of(shelves)
            filled = cards_filled_by(shelves, location=place, day=day)
        assert set(sold) == set(shelves[:4])
        for pk, one in sold.items():
            assert one.msrp_cents == prices.get(pk)
            assert one.gtin == codes.get(pk, "")
            assert one.cards == filled.get(pk, [])


def test_the_shelf_is_one_statement(midtown, shelves, django_assert_num_queries):
    with inside(midtown.retailer), django_assert_num_queries(1):
        shelf(shelves, at=midtown, day=DAY)


def a_basket(customer):
    return read_basket(
        {"key": str(new_uuid7(NOW)), "occurred_at": NOW.isoformat(), "lines": []}, customer_id=customer.pk
    )


def test_a_look_finds_only_living_customers_of_this_retailer(midtown, elsewhere):
    with inside(midtown.retailer):
        ben = make_customer(at=midtown)
        assert look(ben, a_basket(ben), at=midtown).customer.name == ben.name
        retire_customer(ben, at=midtown, by=None, now=NOW)
        with pytest.raises(Customer.DoesNotExist):
            look(ben, a_basket(ben), at=midtown)
    with inside(elsewhere.retailer):
        stranger = make_customer(at=elsewhere)
    with inside(midtown.retailer), pytest.raises(Customer.DoesNotExist):
        look(stranger, a_basket(stranger), at=midtown)
