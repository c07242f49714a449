"""Every request stands in its retailer's scope; only a writing one opens a transaction on SQLite."""

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import path

from astro.customers.models import Customer
from astro.tenancy import current
from astro.tenancy.models import Location
from tests import cast
from tests.cast import inside

pytestmark = pytest.mark.django_db(transaction=True)


def look(request):
    return HttpResponse(f"{current.scope()} {connection.in_atomic_block}")


def write(request):
    """Writes, then answers as told."""
    cast.make_customer(at=Location.objects.first())
    response = HttpResponse(status=int(request.POST["status"]))
    response.keep_writes = "keep" in request.POST
    return response


def break_off(request):
    cast.make_customer(at=Location.objects.first())
    raise ZeroDivisionError


urlpatterns = [path("look/", look), path("write/", write), path("break/", break_off)]


@pytest.fixture
def doors(settings, client, owner):
    settings.ROOT_URLCONF = __name__
    return cast.signed_in(client, owner)


def customers(of):
    with inside(of), transaction.atomic():
        return Customer.objects.count()


def test_a_request_stands_in_its_retailer(doors, huxley):
    on_postgresql = connection.vendor == "postgresql"
    assert doors.get("/look/").content.decode() == f"{huxley.pk} {on_postgresql}"
    assert doors.post("/look/").content.decode() == f"{huxley.pk} True"
    assert current.scope() is None


def test_nobodys_request_stands_nowhere(settings, client):
    settings.ROOT_URLCONF = __name__
    assert client.get("/look/").content == b"None False"
    assert client.post("/look/").content == b"None True"


def test_what_was_written_stays(doors, huxley):
    doors.post("/write/", {"status": 200})
    assert customers(huxley) == 1


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refusal_undoes_what_was_written(doors, huxley, status):
    doors.post("/write/", {"status": status})
    assert customers(huxley) == 0


def test_a_refusal_may_keep_what_was_written(doors, huxley):
    doors.post("/write/", {"status": 409, "keep": "1"})
    assert customers(huxley) == 1


def test_an_error_undoes_what_was_written(doors, huxley):
    doors.raise_request_exception = False
    assert doors.post("/break/").status_code == 500
    assert customers(huxley) == 0
    assert current.scope() is None
