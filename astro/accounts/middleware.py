"""Finds out who is asking, from one read; stands before the wall, which needs to know the retailer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from astro.accounts.models import Device, StaffSession
from astro.kit import plain
from astro.tenancy.models import Location, Retailer


class SignedIn:
    """Sets `user`, `membership`, `retailer_id`, `retailer`, `location_id`, `location`, `device_id` and `device`.

    Without a session all are None (and `user` anonymous). Location and device are fetched when first touched, which
    must be inside the wall. A session whose person was shut out, whose membership ended or whose password was changed
    elsewhere is over: it is deleted here, and the request goes on signed out.

    What a signed-in person is answered, refusals included, is kept by no cache unless the view says otherwise: Back
    shows nothing after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        row = request.session.row
        if row is not None and row.user_id is not None and not _still_good(row, request.session):
            request.session.flush()
            row = None
        _introduce(request, row if row is not None and row.user_id is not None else None)
        response = self.get_response(request)
        if request.membership is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _still_good(row: StaffSession, session: Any) -> bool:
    return (
        row.user is not None
        and row.user.is_active
        and row.membership is not None
        and row.membership.is_living
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), row.user.get_session_auth_hash())
    )


def _introduce(request: Any, row: StaffSession | None) -> None:
    request.user = row.user if row else AnonymousUser()
    request.membership = row.membership if row else None
    request.retailer_id = row.retailer_id if row else None
    request.retailer = row.membership.retailer if row and row.membership else None
    request.location_id = row.location_id if row else None
    request.location = _location_later(request.location_id, request.retailer)
    request.device_id = row.device_id if row else None
    request.device = _later(Device, request.device_id)


def _location_later(location_id: int | None, retailer: Retailer | None) -> Any:
    """The location with its retailer, which is known already. On the way of every request, so plain SQL."""
    return SimpleLazyObject(lambda: _location(location_id, retailer)) if location_id and retailer else None


def _location(location_id: int, retailer: Retailer) -> Location:
    told = plain.rows(
        _LOCATION.format(columns=plain.columns(Location, "l")), {"id": location_id, "retailer": retailer.pk}
    )
    location = plain.made(Location, told[0]) if told else None
    if location is None:
        raise Location.DoesNotExist
    location.retailer = retailer
    return location


_LOCATION = "select {columns} from tenancy_location l where l.retailer_id = %(retailer)s and l.id = %(id)s"


def _later(model: Any, row_id: int | None) -> Any:
    return SimpleLazyObject(lambda: model.objects.get(pk=row_id)) if row_id else None
