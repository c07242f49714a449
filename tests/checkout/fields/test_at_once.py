"""Answers and fields with several at once: real connections, on PostgreSQL and on a SQLite file."""

from collections import Counter

import pytest

from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.fields.actions import move_field
from astro.checkout.fields.judging import Asking
from astro.checkout.models import CheckoutField
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.fields.asking import answered, make_field, rows_in
from tests.checkout.test_actions import a_body, a_line
from tests.checkout.test_races import a_customer, at_once

pytestmark = [pytest.mark.at_once, pytest.mark.django_db(transaction=True)]
TILLS = 8


def test_one_visit_sent_by_eight_at_once_is_answered_once(midtown):
    sally, bag = a_customer(midtown, "Sally"), cast.make_product()
    initials = make_field(midtown, is_required=True)
    body = {**a_body(a_line(bag)), "answers": answered((initials, "JB"))}

    def task():
        with inside(midtown.retailer):
            basket = read_basket(body, customer_id=sally.pk)
            return record_visit(sally, basket, at=midtown, by=None, asking=Asking.AT_THE_TILL, now=NOW)

    done = at_once([task] * TILLS)
    assert Counter(one.is_again for one in done) == {False: 1, True: TILLS - 1}
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


def test_two_who_move_fields_at_once_leave_one_order(midtown, owner):
    fields = [make_field(midtown, name) for name in ("One", "Two", "Three", "Four")]

    def moving(field, where):
        def task():
            with inside(midtown.retailer):
                move_field(field, where, by=owner, at=midtown, now=NOW)

        return task

    at_once([moving(fields[3], "up"), moving(fields[0], "down"), moving(fields[2], "up"), moving(fields[1], "down")])
    with inside(midtown.retailer):
        places = sorted(CheckoutField.objects.values_list("position", flat=True))
        assert places == [1, 2, 3, 4]
