"""Plain SQL says the same as the ORM, on each engine, for every kind of column that a checkout writes."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection

from astro.cards.models import Card, State
from astro.checkout.models import Reason, Visit
from astro.kit import plain
from tests.cast import NOW, inside, make_customer, make_program

pytestmark = pytest.mark.django_db

KEY = UUID("01936b7e-0000-7000-8000-000000000001")
AT = datetime(2026, 11, 22, 8, 0, 5, 123456, tzinfo=UTC)


@pytest.fixture
def visit(midtown):
    with inside(midtown.retailer):
        yield Visit(
            key=KEY,
            body_hash="0" * 64,
            customer=make_customer(at=midtown),
            location=midtown,
            occurred_at=AT,
            recorded_at=AT,
            day=date(2026, 11, 22),
            reason=Reason.OTHER,
            reason_text="100 % “Ann's”",
            has_offer=True,
            answer={"lines": ["Ünï", None, 1]},
        )


def test_what_is_inserted_reads_as_the_orm_would_have_written_it(visit):
    assert plain.insert([visit]) == 1
    stored = Visit.objects.get()
    for field in Visit._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(visit, field.attname), field.name


def test_what_is_there_already_is_left_out_and_counted(visit):
    assert plain.insert([visit], unless_there=True) == 1
    assert plain.insert([visit], unless_there=True) == 0
    assert Visit.objects.count() == 1


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert plain.insert([]) == 0


def test_several_rows_are_one_statement(midtown, django_assert_num_queries):
    with inside(midtown.retailer):
        customer = make_customer(at=midtown)
        card = make_program().cards.get()
        rounds = [
            Card(
                customer=customer, program_card=card, rule=card.rules.get(), number=number, need=12, punches=12,
                state=State.FULL, opened_at=NOW, last_punched_at=NOW, filled_at=NOW, filled_on=NOW.date(),
            )
            for number in (1, 2, 3)
        ]  # fmt: skip
        with django_assert_num_queries(1):
            plain.insert(rounds)
        assert list(Card.objects.order_by("number")) == rounds


def test_moments_days_and_keys_come_back_as_they_went(visit):
    plain.insert([visit])
    sql = "select v.occurred_at, v.day from checkout_visit v where v.retailer_id = %(retailer)s and v.key = %(key)s"
    ((occurred_at, day),) = plain.rows(sql, {"retailer": visit.retailer_id, "key": KEY})
    assert (plain.moment(occurred_at), plain.day(day)) == (AT, date(2026, 11, 22))
    by_moment = "select count(*) from checkout_visit v where v.retailer_id = %(retailer)s and v.occurred_at = %(at)s"
    assert plain.rows(by_moment, {"retailer": visit.retailer_id, "at": AT}) == [(1,)]


def test_nothing_stays_nothing():
    assert (plain.moment(None), plain.day(None)) == (None, None)


def test_a_bracket_of_nothing_holds_nothing(visit):
    plain.insert([visit])
    bracket, params = plain.named("key", [])
    sql = f"select count(*) from checkout_visit v where v.retailer_id = %(retailer)s and v.key in {bracket}"
    assert plain.rows(sql, {"retailer": visit.retailer_id, **params}) == [(0,)]


def test_only_postgresql_is_told_to_lock_and_what_kind_a_value_is():
    is_postgresql = connection.vendor == "postgresql"
    assert plain.lock() == ("for update" if is_postgresql else "")
    assert plain.cast("%(day)s", "date") == ("%(day)s::date" if is_postgresql else "%(day)s")
