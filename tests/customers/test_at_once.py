"""Two tills at once: one wins, the other is told, and nobody sees a 500."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Any

import pytest
from django.db import connection, connections, transaction

from astro.customers.actions import make_breeder, make_employee, seen_at
from astro.customers.errors import AlreadyCustomer
from astro.customers.models import BreederNumber, Customer, Kind, KindSpan, SeenAt
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_brand, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
TILLS = 6


def at_once(retailer: Retailer, act: Callable[[], Any]) -> list[Any]:
    """What each till got, or the refusal it got. A database in memory has one connection: there they come in turn."""
    in_turn = connection.vendor == "sqlite" and connection.is_in_memory_db()
    gate = Barrier(1 if in_turn else TILLS)

    def till() -> Any:
        gate.wait(timeout=20)
        try:
            with inside(retailer), transaction.atomic():
                return act()
        except AlreadyCustomer as refused:
            return refused
        finally:
            if not in_turn:
                connections.close_all()

    if in_turn:
        return [till() for _till in range(TILLS)]
    with ThreadPoolExecutor(TILLS) as pool:
        return [running.result() for running in [pool.submit(till) for _till in range(TILLS)]]


@pytest.mark.parametrize("contact", [{"phone": "4065550142"}, {"email": "ben@example.com"}])
def test_the_same_phone_or_email_is_added_once(huxley: Retailer, midtown: Location, contact: dict[str, str]) -> None:
    done = at_once(huxley, lambda: make_customer(first_name="Ben", last_name="Ortiz", at=midtown, **contact))
    with inside(huxley), transaction.atomic():
        only = Customer.objects.get()
    assert [one for one in done if isinstance(one, Customer)] == [only]
    refused = [one for one in done if isinstance(one, AlreadyCustomer)]
    assert [one.existing for one in refused] == [only] * (TILLS - 1)
    assert all(str(one).startswith("Ben Ortiz has this") for one in refused)


def test_being_seen_for_the_first_time_by_all_at_once(huxley: Retailer, midtown: Location, riverside: Location) -> None:
    with inside(huxley), transaction.atomic():
        ben = make_customer(first_name="Ben", at=midtown)
    at_once(huxley, lambda: seen_at(ben, at=riverside, now=NOW))
    with inside(huxley), transaction.atomic():
        assert SeenAt.objects.filter(customer=ben, location=riverside).count() == 1


@pytest.mark.parametrize("kind", [Kind.BREEDER, Kind.EMPLOYEE])
def test_the_same_number_makes_one_breeder_or_employee(huxley: Retailer, midtown: Location, kind: Kind) -> None:
    brand = make_brand(name="Northpaw")
    with inside(huxley), transaction.atomic():
        left = iter([make_customer(at=midtown) for _till in range(TILLS)])
    how: dict[str, Any] = {"by": None, "at": midtown, "now": NOW}
    take = Lock()

    def convert() -> Any:
        with take:
            customer = next(left)
        if kind == Kind.BREEDER:
            return make_breeder(customer, numbers={brand.pk: "204"}, **how)
        return make_employee(customer, employee_id="E-7", **how)

    done = at_once(huxley, convert)
    (made,) = [one for one in done if isinstance(one, Customer)]
    assert [one.existing for one in done if isinstance(one, AlreadyCustomer)] == [made] * (TILLS - 1)
    with inside(huxley), transaction.atomic():
        assert Customer.objects.get(kind=kind) == made
        assert KindSpan.objects.count() == 1
        assert BreederNumber.objects.count() == (kind == Kind.BREEDER)
