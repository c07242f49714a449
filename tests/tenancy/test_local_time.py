"""Times are told by the clock on the location's wall, as long as there is a location."""

from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from astro.tenancy.local_time import LocalTime
from astro.tenancy.models import Location
from tests.cast import signed_in


def zone_and_request(**known):
    request = SimpleNamespace(**known)
    return LocalTime(lambda _request: timezone.get_current_timezone_name())(request), request


def gone(*_asked):
    raise Location.DoesNotExist


def test_a_page_is_read_by_the_clock_of_its_location():
    told, _request = zone_and_request(location=SimpleNamespace(time_zone="America/Denver"))
    assert told == "America/Denver"


def test_without_a_location_the_clock_stays():
    here = timezone.get_current_timezone_name()
    assert [zone_and_request()[0], zone_and_request(location=None)[0]] == [here, here]


def test_a_session_whose_location_was_removed_is_over():
    _told, request = zone_and_request(location=SimpleLazyObject(gone), membership=object())
    assert (request.location, request.membership) == (None, None)


def test_a_till_that_says_it_leaves_after_its_location_is_told_to_sign_in(cashier, midtown, monkeypatch):
    """The page says so by itself while it closes: nobody is there to read more than a short answer."""
    till = signed_in(Client(), cashier)
    monkeypatch.setattr("astro.accounts.middleware._location", gone)
    address = reverse("checkout:here", args=[1])
    answer = till.post(address, {"leaving": True}, content_type="application/json")
    assert answer.status_code == 401
    assert not connection.needs_rollback
