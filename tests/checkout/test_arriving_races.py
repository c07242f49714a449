"""Kept visits that come several times at once, by the queue and by the till's own door. Real connections."""

import json
from collections import Counter

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from astro.cards.models import Punch
from astro.checkout.errors import SettledBefore
from astro.checkout.models import Arrival, KeptVisit, Purchase, Visit
from astro.checkout.settling import name_customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_actions import a_line
from tests.checkout.test_arrival_views import kept, send, till_of
from tests.checkout.test_races import at_once

pytestmark = pytest.mark.at_once
TILLS = 8


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product()
    program = cast.make_program(products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


@pytest.fixture
def cookie(midtown, owner):
    return cast.make_device(midtown, by=owner)[1]


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


def bringing(cookie, body):
    return lambda: send(till_of(cookie), body).json()


def checking_out(session, customer, body):
    def task():
        client = Client(headers={"accept": "application/json"})
        client.cookies = session.cookies
        address = reverse("checkout:visits", args=[customer.pk])
        asked = {name: body[name] for name in ("key", "occurred_at", "lines")}
        return client.post(address, json.dumps(asked), content_type="application/json").status_code

    return task


def counts(retailer):
    with inside(retailer):
        return [model.objects.count() for model in (Visit, Purchase, Punch, Arrival, KeptVisit)]


@pytest.mark.django_db(transaction=True)
def test_one_visit_by_eight_tabs_and_by_the_tills_own_door_counts_once(huxley, midtown, cashier, cookie, sally, bag):
    session = signed_in(Client(), cashier)
    body = kept({"id": str(sally.pk)}, a_line(bag, 2), at=midtown, occurred_at=utc_now())
    done = at_once([bringing(cookie, body)] * TILLS + [checking_out(session, sally, body)] * 2)
    assert [one["arrival"]["outcome"] for one in done[:TILLS]] == ["recorded"] * TILLS
    assert all(status < 400 for status in done[TILLS:])
    assert counts(huxley) == [1, 1, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_one_visit_that_nobody_can_name_is_kept_once(huxley, midtown, cookie, bag):
    body = kept({"note": "Red coat"}, a_line(bag), at=midtown, unknown=[{"code": "?", "quantity": 1}])
    done = at_once([bringing(cookie, body)] * TILLS)
    assert done == [{"arrival": {"key": body["key"], "outcome": "kept", "why": ["unnamed"]}}] * TILLS
    assert counts(huxley) == [0, 0, 0, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_bodies_under_one_key_at_once_count_as_one_and_the_other_is_kept(huxley, midtown, cookie, sally, bag):
    key = str(new_key(utc_now()))
    bodies = [kept({"id": str(sally.pk)}, a_line(bag, units), at=midtown, key=key) for units in (2, 2)]
    done = at_once([bringing(cookie, body) for body in bodies for _ in range(TILLS // 2)])
    assert Counter(one["arrival"]["outcome"] for one in done) == {"recorded": 4, "kept": 4}
    assert counts(huxley) == [1, 1, 2, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_name_it_at_once_record_it_for_one(huxley, midtown, owner, cookie, sally, bag):
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben")
    send(till_of(cookie), kept({"note": "Red coat"}, a_line(bag), at=midtown))
    with inside(huxley):
        row = KeptVisit.objects.get()

    def naming(customer):
        def task():
            try:
                with inside(huxley):
                    return name_customer(row, customer, by=owner, at=midtown, now=utc_now()).customer_id
            except SettledBefore:
                return None
            finally:
                connections.close_all()

        return task

    done = at_once([naming(sally), naming(ben)] * 3)
    named = [one for one in done if one]
    assert len(named) == 1
    with inside(huxley):
        row.refresh_from_db()
        assert (row.customer_id, Visit.objects.get().customer_id) == (named[0], named[0])
    assert counts(huxley) == [1, 1, 1, 1, 1]
