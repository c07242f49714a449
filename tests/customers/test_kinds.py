"""Breeders and employees: who becomes one, under which number, from which day, and what becomes of it afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from astro.activity.models import Event
from astro.customers.actions import (
    ask_erasure,
    erase_due,
    make_breeder,
    make_employee,
    make_pet_owner,
    merge_customers,
    retire_customer,
    split_customers,
    write_breeder_number,
)
from astro.customers.errors import AlreadyCustomer, DetailError, Gone
from astro.customers.models import BreederNumber, Change, Customer, Kind, KindSpan
from astro.customers.queries import KindOn, breeder_numbers, customers_matching, employee_id_of, kind_on
from astro.customers.telling import told_of
from tests.cast import NOW, inside, make_brand, make_customer
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NEXT_WEEK = NOW + timedelta(days=7)
OWNER = KindOn(Kind.PET_OWNER, frozenset())


@pytest.fixture
def northpaw():
    return make_brand(name="Northpaw")


@pytest.fixture
def betty(midtown):
    with inside(midtown.retailer):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith")


@pytest.fixture
def ben(midtown):
    with inside(midtown.retailer):
        return make_customer(at=midtown, first_name="Ben", last_name="Ortiz")


def changes_of(customer):
    rows = Change.objects.filter(customer=customer).order_by("id")
    return [(row.field, row.old, row.new) for row in rows]


def fresh(customer):
    return Customer.objects.get(pk=customer.pk)


def on(customer, *, days=0):
    return kind_on(customer, day=TODAY + timedelta(days=days))


def test_a_breeder_counts_from_the_day_until_they_are_none_any_more(midtown, owner, betty, northpaw):
    how = {"by": owner, "at": midtown}
    breeder = KindOn(Kind.BREEDER, frozenset({northpaw.pk}))
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: " NP  204 "}, now=NOW, **how)
        assert fresh(betty).kind == Kind.BREEDER
        assert [(one.brand, one.number) for one in breeder_numbers(betty)] == [(northpaw, "NP 204")]
        assert (on(betty, days=-1), on(betty), on(betty, days=7)) == (OWNER, breeder, breeder)
        make_pet_owner(betty, now=NEXT_WEEK, **how)
        assert (on(betty, days=6), on(betty, days=7)) == (breeder, OWNER)
        assert fresh(betty).kind == Kind.PET_OWNER
        assert changes_of(betty) == [
            ("kind", "Pet Owner", "Breeder"),
            ("breeder_number", "", "Northpaw NP 204"),
            ("breeder_number", "Northpaw NP 204", ""),
            ("kind", "Breeder", "Pet Owner"),
        ]
        told = Event.objects.filter(name="customer converted").order_by("id")
        assert [event.facts["kind"] for event in told] == ["breeder", "pet_owner"]
        assert recounted()[0] == []


def test_taken_back_on_the_same_day_it_never_counted(midtown, owner, betty, northpaw):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "204"}, **how)
        make_pet_owner(betty, **how)
        assert [on(betty, days=days) for days in (-1, 0, 1)] == [OWNER] * 3
        make_pet_owner(betty, **how)  # once more changes nothing
        assert KindSpan.objects.count() == 1


def test_an_employee_has_an_id_that_can_change(midtown, owner, betty, ben):
    how = {"by": owner, "at": midtown}
    with inside(midtown.retailer):
        make_employee(betty, employee_id="E-7", now=NOW, **how)
        make_employee(betty, employee_id="E-7", now=NOW, **how)
        assert KindSpan.objects.count() == 1
        make_employee(betty, employee_id="E-8", now=NEXT_WEEK, **how)
        assert employee_id_of(betty) == "E-8"
        assert on(betty, days=6).kind == on(betty, days=7).kind == Kind.EMPLOYEE
        make_employee(ben, employee_id="e-7", now=NEXT_WEEK, **how)  # it is free again
        assert changes_of(betty) == [
            ("kind", "Pet Owner", "Employee"),
            ("employee_id", "", "E-7"),
            ("employee_id", "E-7", "E-8"),
        ]


def test_a_breeder_becomes_an_employee_at_once_and_the_numbers_end(midtown, owner, betty, northpaw):
    how = {"by": owner, "at": midtown}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "204"}, now=NOW, **how)
        make_employee(betty, employee_id="E-7", now=NEXT_WEEK, **how)
        assert on(betty, days=7) == KindOn(Kind.EMPLOYEE, frozenset())
        assert not breeder_numbers(betty).exists()


@pytest.mark.parametrize("typed", ["", "   ", "x" * 41, "a\x00b", "\u200b"])
def test_a_number_that_cannot_be_read_is_refused_and_nothing_is_written(midtown, owner, betty, northpaw, typed):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        with pytest.raises(DetailError) as refused:
            make_employee(betty, employee_id=typed, **how)
        assert refused.value.field == "employee_id"
        if typed.strip():
            with pytest.raises(DetailError):
                make_breeder(betty, numbers={northpaw.pk: typed}, **how)
        assert (fresh(betty).kind, KindSpan.objects.count(), changes_of(betty)) == (Kind.PET_OWNER, 0, [])


def test_only_a_breeder_has_a_breeder_number(midtown, owner, betty, northpaw):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        with pytest.raises(DetailError, match="Only a breeder"):
            write_breeder_number(betty, northpaw.pk, "204", **how)
        make_breeder(betty, **how)
        write_breeder_number(betty, northpaw.pk, "204", **how)
        write_breeder_number(betty, northpaw.pk, "205", **how)
        assert [one.number for one in breeder_numbers(betty)] == ["205"]
        write_breeder_number(betty, northpaw.pk, " ", **how)
        assert not breeder_numbers(betty).exists()
        assert BreederNumber.objects.count() == 2


def test_a_number_stands_for_one_living_customer_of_a_brand(midtown, owner, betty, ben, northpaw):
    other = make_brand(name="Fernwell")
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "NP-204"}, **how)
        make_breeder(ben, numbers={other.pk: "NP-204"}, **how)
        with pytest.raises(AlreadyCustomer, match="Betty Smith has this breeder number already") as refused:
            write_breeder_number(ben, northpaw.pk, "np-204", **how)
        assert refused.value.existing == betty
        retire_customer(betty, **how)
        write_breeder_number(ben, northpaw.pk, "np-204", **how)
        assert on(ben).numbered_by == {northpaw.pk, other.pk}
        assert ("breeder_number", "Northpaw NP-204", "") in changes_of(betty)


def test_an_employee_id_stands_for_one_living_customer(midtown, otherpaws, owner, betty, ben):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_employee(betty, employee_id="E-7", **how)
        with pytest.raises(AlreadyCustomer, match="Betty Smith has this Employee ID already"):
            make_employee(ben, employee_id="e-7", **how)
        retire_customer(betty, **how)
        make_employee(ben, employee_id="e-7", **how)
        assert fresh(betty).kind == Kind.PET_OWNER
        assert recounted()[0] == []
        with pytest.raises(Gone):
            make_breeder(betty, **how)


def test_look_up_finds_a_number(midtown, owner, betty, ben, northpaw):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "20 418"}, **how)
        make_employee(ben, employee_id="7", **how)
        assert customers_matching("20 418", limit=5) == [betty]
        assert customers_matching("7", limit=5) == [ben]
        make_pet_owner(ben, **how)
        assert customers_matching("7", limit=5) == []


def test_a_merge_brings_kind_and_numbers_along_and_a_split_takes_them_back(midtown, owner, betty, ben, northpaw):
    other = make_brand(name="Fernwell")
    how = {"by": owner, "at": midtown}
    with inside(midtown.retailer):
        make_breeder(ben, numbers={northpaw.pk: "204", other.pk: "F-1"}, now=NOW, **how)
        merge = merge_customers(betty, ben, now=NOW, **how)
        assert on(betty) == KindOn(Kind.BREEDER, frozenset({northpaw.pk, other.pk}))
        assert (fresh(betty).kind, fresh(ben).kind) == (Kind.BREEDER, Kind.PET_OWNER)
        assert recounted()[0] == []
        split_customers(merge, now=NOW, **how)
        assert (fresh(betty).kind, fresh(ben).kind) == (Kind.PET_OWNER, Kind.BREEDER)
        assert (on(betty), on(ben).numbered_by) == (OWNER, {northpaw.pk, other.pk})
        assert recounted()[0] == []


def test_of_two_breeders_the_kept_ones_number_stays(midtown, owner, betty, ben, northpaw):
    other = make_brand(name="Fernwell")
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "1"}, **how)
        make_breeder(ben, numbers={northpaw.pk: "2", other.pk: "3"}, **how)
        merge = merge_customers(betty, ben, **how)
        assert [(one.brand.name, one.number) for one in breeder_numbers(betty)] == [
            ("Fernwell", "3"),
            ("Northpaw", "1"),
        ]
        split_customers(merge, **how)
        assert [one.number for one in breeder_numbers(ben)] == ["3", "2"]
        assert fresh(ben).kind == Kind.BREEDER


def test_an_employee_who_is_kept_stays_one(midtown, owner, betty, ben, northpaw):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        make_employee(betty, employee_id="E-7", **how)
        make_breeder(ben, numbers={northpaw.pk: "2"}, **how)
        merge_customers(betty, ben, **how)
        assert on(betty) == KindOn(Kind.EMPLOYEE, frozenset())
        assert recounted()[0] == []


def test_what_is_kept_of_a_breeder_is_told_and_erased(midtown, owner, betty, northpaw):
    how = {"by": owner, "at": midtown}
    with inside(midtown.retailer):
        make_breeder(betty, numbers={northpaw.pk: "NP-SECRET"}, now=NOW, **how)
        told = told_of(fresh(betty))
        assert told["breeder numbers"] == [
            {"brand": "Northpaw", "number": "NP-SECRET", "from": "2026-11-20", "until": ""}
        ]
        assert [row["kind"] for row in told["breeder or employee"]] == ["Breeder"]
        ask_erasure(betty, now=NOW, **how)
        later = NOW + timedelta(days=30)
        erase_due(today=later.date(), now=later)
        assert (KindSpan.objects.count(), BreederNumber.objects.count()) == (0, 0)
        assert fresh(betty).kind == Kind.PET_OWNER
        assert recounted()[0] == []
