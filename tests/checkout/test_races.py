"""Two tills at once: nothing is lost and nothing counts twice. Real connections, on PostgreSQL and on a SQLite file."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from astro.cards.models import Card, Punch
from astro.checkout.actions import Recorded, Refused, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.models import Visit
from astro.customers.actions import add_customer
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.at_once
TILLS = 8


def at_once(tasks):
    """Run every task in a thread and a connection of its own, all let go at the same moment."""
    gate = Barrier(len(tasks))

    def run(task):
        try:
            gate.wait(timeout=20)
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product()
    program = cast.make_program(products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


def a_customer(midtown, name):
    with inside(midtown.retailer):
        return add_customer(first_name=name, last_name="Shopper", at=midtown, by=None, now=NOW)


def checking_out(customer, body, midtown):
    def task():
        with inside(midtown.retailer):
            return record_visit(customer, read_basket(body, customer_id=customer.pk), at=midtown, by=None, now=NOW)

    return task


@pytest.mark.django_db(transaction=True)
def test_one_visit_sent_by_eight_at_once_counts_once(midtown, bag):
    sally = a_customer(midtown, "Sally")
    done = at_once([checking_out(sally, a_body(a_line(bag, 2)), midtown)] * TILLS)
    assert Counter(one.is_again for one in done) == {False: 1, True: TILLS - 1}
    with inside(midtown.retailer):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_eight_tills_with_one_customer_lose_nothing(midtown, bag):
    sally = a_customer(midtown, "Sally")
    done = at_once([checking_out(sally, a_body(a_line(bag, 5)), midtown) for _ in range(TILLS)])
    assert all(isinstance(one, Recorded) for one in done)
    with inside(midtown.retailer):
        cards = Card.objects.filter(customer=sally).order_by("number")
        assert [(card.number, card.punches) for card in cards] == [(1, 12), (2, 12), (3, 12), (4, 4)]


@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_customers_at_once_stands_for_one(midtown, bag):
    customers = [a_customer(midtown, name) for name in ("Ann", "Ben")]
    body = a_body(a_line(bag))
    done = at_once([checking_out(customer, body, midtown) for customer in customers])
    assert {type(one) for one in done} == {Recorded, Refused}
    with inside(midtown.retailer):
        assert Punch.objects.count() == 1
