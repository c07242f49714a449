"""Merging while tills are at work. Real connections, on PostgreSQL and on a SQLite file."""

import pytest

from astro.cards.models import Card, Punch
from astro.checkout.actions import Recorded
from astro.checkout.models import Purchase, Visit
from astro.checkout.undoing import remove_units
from astro.customers.actions import merge_customers, split_customers
from astro.customers.errors import CannotMerge, CannotSplit
from astro.customers.models import Customer, Merge
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_actions import a_body, a_line
from tests.checkout.test_races import a_customer, at_once, checking_out
from tests.desk.recounted import recounted

pytestmark = pytest.mark.at_once


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product()
    cast.make_enrollment(midtown, program=cast.make_program(products=[product]), by=cashier)
    return product


def merging(kept, gone, midtown):
    def task():
        try:
            with inside(midtown.retailer):
                return merge_customers(kept, gone, by=None, at=midtown, now=NOW)
        except CannotMerge as refused:
            return refused

    return task


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_one_pair_at_once_make_one(midtown, bag):
    ann, ben = (a_customer(midtown, name) for name in ("Ann", "Ben"))
    done = at_once([merging(ann, ben, midtown), merging(ben, ann, midtown)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["CannotMerge"] * 3 + ["Merge"]
    with inside(midtown.retailer):
        assert Merge.objects.count() == Customer.objects.filter(retired_at=None).count() == 1
    assert recounted()[0] == []


@pytest.mark.django_db(transaction=True)
def test_tills_that_check_out_the_one_who_goes_lose_nothing(midtown, bag):
    ann, ben = (a_customer(midtown, name) for name in ("Ann", "Ben"))
    checking_out(ben, a_body(a_line(bag, 3)), midtown)()
    visits = [checking_out(who, a_body(a_line(bag, 2)), midtown) for who in (ben, ann, ben, ben)]
    done = at_once([*visits[:2], merging(ann, ben, midtown), *visits[2:]])
    assert [type(one) for one in done] == [Recorded, Recorded, Merge, Recorded, Recorded]
    with inside(midtown.retailer):
        assert set(Punch.objects.values_list("customer_id", flat=True)) == {ann.pk}
        assert set(Visit.objects.values_list("customer_id", flat=True)) == {ann.pk}
        assert Card.objects.get(state="open", customer=ann).punches == 11
    assert recounted()[0] == []


@pytest.mark.django_db(transaction=True)
def test_units_that_are_taken_back_meanwhile_are_taken_off_the_right_cards(midtown, bag):
    ann, ben = (a_customer(midtown, name) for name in ("Ann", "Ben"))
    checking_out(ben, a_body(a_line(bag, 4)), midtown)()
    with inside(midtown.retailer):
        purchase = Purchase.objects.select_related("location").get()

    def taking_back(unit):
        def task():
            with inside(midtown.retailer):
                remove_units(purchase, [unit], at=midtown, by=None, is_administrator=True, now=NOW)

        return task

    at_once([taking_back(1), merging(ann, ben, midtown), taking_back(2), taking_back(3)])
    assert recounted()[0] == []
    with inside(midtown.retailer):
        assert Card.objects.get(state="open").punches == 1


@pytest.mark.django_db(transaction=True)
def test_two_splits_at_once_and_a_till_make_one_split(midtown, bag):
    ann, ben = (a_customer(midtown, name) for name in ("Ann", "Ben"))
    checking_out(ben, a_body(a_line(bag, 3)), midtown)()
    merge = merging(ann, ben, midtown)()

    def splitting():
        try:
            with inside(midtown.retailer):
                return split_customers(merge, by=None, at=midtown, now=NOW)
        except CannotSplit as refused:
            return refused

    done = at_once([splitting, splitting, checking_out(ben, a_body(a_line(bag, 2)), midtown)])
    assert sorted(type(one).__name__ for one in done) == ["CannotSplit", "Customer", "Recorded"]
    assert recounted()[0] == []
    with inside(midtown.retailer):
        assert Punch.objects.count() == 5
        assert Punch.objects.filter(customer=ben).count() in (3, 5)
