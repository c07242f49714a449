"""How many statements a checkout sends over HTTP. BEGIN, the retailer setting and COMMIT are not counted."""

import json

import pytest
from django.db import connection

from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.programs.rules import RuleOfCard
from tests.cast import inside, make_customer, make_device, make_enrollment, make_product, make_program, signed_in

pytestmark = pytest.mark.django_db

MOST = 12
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET LOCAL")


@pytest.fixture
def shelf(midtown, owner):
    """Three products of three programs, so that a visit opens cards and moves others on."""
    products = [make_product(name=name) for name in ("Adult", "Pate", "Chews")]
    for product in products:
        program = make_program(products=[product], rule=RuleOfCard(12))
        make_enrollment(midtown, program=program, by=owner)
    return products


def sent_by(client, customer, products):
    """The statements of one checkout. The transaction that the test itself stands in makes savepoints of its own."""
    now = utc_now()
    body = {
        "key": str(new_uuid7(now)),
        "occurred_at": now.isoformat(),
        "lines": [{"key": str(new_uuid7(now)), "product_id": str(one.pk), "quantity": 1} for one in products],
    }
    seen = []

    def look(execute, sql, params, many, context):
        if not sql.lstrip().upper().startswith(FRAME):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        answer = client.post(f"/checkout/{customer.pk}/visits/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200
    return seen


def test_a_checkout_takes_at_most_twelve_statements(client, midtown, owner, cashier, shelf):
    make_device(midtown, by=owner)
    signed_in(client, cashier)
    with inside(midtown.retailer):
        customer = make_customer(at=midtown)
    first = sent_by(client, customer, shelf[:2])
    mixed = sent_by(client, customer, shelf)
    again = sent_by(client, customer, shelf)
    assert max(len(first), len(mixed), len(again)) <= MOST, "\n".join(mixed)


def test_more_lines_take_no_more_statements(client, midtown, cashier, shelf):
    signed_in(client, cashier)
    with inside(midtown.retailer):
        customer = make_customer(at=midtown)
    sent_by(client, customer, shelf)
    few, many = sent_by(client, customer, shelf[:1]), sent_by(client, customer, shelf * 3)
    assert len(few) == len(many)


def test_more_enrolled_programs_take_no_more_statements(client, midtown, owner, cashier, shelf):
    """Five or sixty-five: a checkout asks for those of its basket alone."""
    signed_in(client, cashier)
    with inside(midtown.retailer):
        customer = make_customer(at=midtown)
    sent_by(client, customer, shelf)
    few = sent_by(client, customer, shelf)
    for _program in range(60):
        make_enrollment(midtown, program=make_program(), by=owner)
    many = sent_by(client, customer, shelf)
    assert len(few) == len(many)
