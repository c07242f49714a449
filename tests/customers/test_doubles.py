"""The daily list of likely doubles: whom it names and why, and whom it leaves in peace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.customers.actions import (
    add_practice_customer,
    dismiss_double,
    merge_customers,
    retire_customer,
    split_customers,
    write_address,
)
from astro.customers.doubles import likely_doubles, look_for_doubles
from astro.customers.jobs import look_everywhere, look_here
from astro.customers.models import LikelyDouble
from astro.kit.models import OutboxRow
from tests.cast import NOW, inside, make_customer

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def found(midtown, *, today=TODAY):
    with inside(midtown.retailer):
        look_for_doubles(today=today)
        rows = likely_doubles().select_related("first", "second").order_by("-score", "id")
        return [({row.first.name, row.second.name}, row.reason, row.score) for row in rows]


def lives_at(customer, street, *, at, postcode="59801"):
    home = {"postcode": postcode, "street": street, "city": "Missoula", "region": "MT", "country": "US"}
    write_address(customer, home, by=None, at=at, now=NOW)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"first_name": "José", "last_name": "Ortega"}, {"first_name": "jose", "last_name": "ORTEGA"}, "name"),
        ({"first_name": "Ben", "last_name": "Ortega"}, {"first_name": "Ortega", "last_name": "Ben"}, "name+address"),
        (
            {"first_name": "Betty", "last_name": "Smith", "email": "betty.smith@example.com"},
            {"first_name": "Elizabeth", "last_name": "Smyth", "email": "bettysmith@example.net", "street": "9 N. Elm"},
            "email+address",
        ),
        (
            {"first_name": "Jon", "last_name": "Smith", "phone": "406 555 0142"},
            {"first_name": "John", "last_name": "Smith", "phone": "503 555 0142"},
            "name+phone",
        ),
        (
            {"first_name": "Jon", "last_name": "Smith", "street": "12 Main Street"},
            {"first_name": "John", "last_name": "Smith", "street": "12 Main St."},
            "name+address",
        ),
        ({"first_name": "Dana", "last_name": "Wu"}, {"first_name": "Dana", "last_name": "Wu"}, "name+address"),
    ],
)
def test_a_pair_is_named_with_its_reason(midtown, one, other, reason):
    with inside(midtown.retailer):
        for fields in (one, other):
            street = fields.pop("street", "9 Elm Street" if reason.endswith("address") else "")
            customer = make_customer(at=midtown, **fields)
            if street:
                lives_at(customer, street, at=midtown)
        make_customer(at=midtown, first_name="Somebody", last_name="Else", phone="406 555 0999")
    [(_names, why, _score)] = found(midtown)
    assert why == reason


def test_two_people_of_one_home_or_one_common_name_are_left_in_peace(midtown):
    with inside(midtown.retailer):
        for name in ("Ann", "Walter"):
            lives_at(make_customer(at=midtown, first_name=name, last_name="Ferrer"), "1 Oak Road", at=midtown)
        for _ in range(8):
            make_customer(at=midtown, first_name="Mary", last_name="Johnson")
        make_customer(at=midtown, first_name="Anna", last_name="Ferrier")
        sally = add_practice_customer(now=NOW)
        make_customer(at=midtown, first_name=sally.first_name, last_name=sally.last_name)
    assert found(midtown) == []


def test_the_surest_come_first_and_a_settled_pair_does_not_come_again(midtown, owner):
    with inside(midtown.retailer):
        weak = [make_customer(at=midtown, first_name="Uma", last_name="Thornton") for _ in range(2)]
        for _ in range(2):
            lives_at(make_customer(at=midtown, first_name="Dana", last_name="Wu"), "9 Elm Street", at=midtown)
    first = found(midtown)
    assert [(names, reason) for names, reason, _score in first] == [
        ({"Dana Wu"}, "name+address"),
        ({"Uma Thornton"}, "name"),
    ]
    with inside(midtown.retailer):
        dismiss_double(likely_doubles().get(first=weak[0]), by=owner, at=midtown, now=NOW)
    assert len(found(midtown)) == len(found(midtown, today=TODAY + timedelta(days=1))) == 1
    with inside(midtown.retailer):
        double = likely_doubles().get()
        assert double.found_on == TODAY
        merge = merge_customers(double.first, double.second, by=owner, at=midtown, now=NOW)
    assert found(midtown) == []
    with inside(midtown.retailer):
        assert LikelyDouble.objects.count() == 1  # the settled pair
    with inside(midtown.retailer):
        split_customers(merge, by=owner, at=midtown, now=NOW)
    assert found(midtown) == []


def test_who_was_removed_is_on_it_no_more(midtown, owner):
    with inside(midtown.retailer):
        both = [make_customer(at=midtown, first_name="Uma", last_name="Thornton") for _ in range(2)]
    assert len(found(midtown)) == 1
    with inside(midtown.retailer):
        retire_customer(both[0], at=midtown, by=owner, now=NOW)
        assert not likely_doubles().exists()
    assert found(midtown) == []


def test_the_job_looks_at_each_retailer_for_itself(midtown, elsewhere):
    for place in (midtown, elsewhere):
        with inside(place.retailer):
            make_customer(at=place, first_name="Uma", last_name="Thornton")
    look_everywhere({}, now=NOW)
    look_everywhere({}, now=NOW)
    assert sorted(OutboxRow.objects.values_list("retailer_id", flat=True)) == sorted(
        [midtown.retailer_id, elsewhere.retailer_id]
    )
    with inside(midtown.retailer):
        look_here({}, now=NOW)
        assert not likely_doubles().exists()
        make_customer(at=midtown, first_name="Uma", last_name="Thornton")
        look_here({}, now=NOW)
        look_here({}, now=NOW)
        assert likely_doubles().count() == 1
