"""Shows that each wall bites: what is planted here is found, or refused by the database itself.

The planted schema faults are in `test_schema.py`, the planted policy faults in `test_postgresql.py`, the planted
undeclared route with the access matrix.
"""

from threading import Event, Thread

import pytest
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, connection, models, transaction
from django.http import HttpResponse
from django.urls import path

from astro.customers.models import Customer, CustomerCode
from astro.kit.ids import new_id
from astro.tenancy.current import NoRetailer, retailer
from tests import cast
from tests.tenancy import captured

pytestmark = pytest.mark.django_db


def forgetful(request):
    """A view whose author went around the manager."""
    return HttpResponse(str(models.QuerySet(Customer).count()))


def careful(request):
    return HttpResponse(str(Customer.objects.count()))


urlpatterns = [path("forgetful/", forgetful), path("careful/", careful)]


@pytest.mark.plants_a_fault
def test_a_query_that_goes_around_the_manager_fails_the_test_of_its_page(settings, client, owner, sally, stranger):
    settings.ROOT_URLCONF = __name__
    with captured.looking_at_requests() as wrong:
        answer = cast.signed_in(client, owner).get("/forgetful/")
    seen = 1 if connection.vendor == "postgresql" else 2  # the wall of PostgreSQL held; SQLite showed the stranger
    assert answer.content == str(seen).encode()
    assert [sentence.partition(" ")[0] for sentence in wrong] == ["customers_customer"]


def test_a_query_through_the_manager_passes(settings, client, owner, sally, stranger):
    settings.ROOT_URLCONF = __name__
    with captured.looking_at_requests() as wrong:
        assert cast.signed_in(client, owner).get("/careful/").content == b"1"
    assert wrong == []


def test_requests_that_are_answered_at_once_close_each_its_own_watch():
    """A live server has a thread, and a connection, for each: closing another's would leave that one unwatched."""

    asked, answer = Event(), Event()

    def first():
        request_started.send(sender=None)
        asked.set()
        answer.wait(10)
        request_finished.send(sender=None)

    with captured.looking_at_requests():
        other = Thread(target=first)
        other.start()
        assert asked.wait(10)
        request_started.send(sender=None)
        watched = list(connection.execute_wrappers)
        answer.set()
        other.join()
        assert connection.execute_wrappers == watched
    assert len(connection.execute_wrappers) == len(watched) - 1


def test_a_page_for_nobody_raises_instead_of_showing_something(settings, client, sally):
    settings.ROOT_URLCONF = __name__
    with pytest.raises(NoRetailer):
        client.get("/careful/")


def plant(**values):
    """A row written by a raw statement: no manager, no guard, only the database."""
    columns = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"insert into customers_customercode ({columns}) values ({marks})", list(values.values()))


def code(*, of, customer):
    return {
        "id": new_id(),
        "retailer_id": of.pk,
        "customer_id": customer.pk,
        "code": "C1",
        "kind": "card",
        "created_at": cast.NOW,
    }


def test_the_database_takes_a_row_that_points_inside_its_retailer(huxley, sally):
    with retailer(huxley):
        plant(**code(of=huxley, customer=sally))
        assert CustomerCode.objects.get().customer == sally


def test_the_database_refuses_a_row_that_points_at_another_retailers_row(huxley, sally, stranger):
    with retailer(huxley), pytest.raises(IntegrityError, match=r"(?i)foreign key"), transaction.atomic():
        plant(**code(of=huxley, customer=stranger))


def test_the_database_refuses_to_turn_a_row_over(huxley, sally, stranger):
    with retailer(huxley):
        plant(**code(of=huxley, customer=sally))
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update customers_customercode set customer_id = %s", [stranger.pk])


def test_the_database_refuses_to_delete_what_is_pointed_at(huxley, sally):
    with retailer(huxley), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from customers_customer where retailer_id = %s", [huxley.pk])
