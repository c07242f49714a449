"""Finds out who is asking, from one read; stands before the wall, which needs to know the retailer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from astro.accounts import time_limits
from astro.accounts.acting.standing import still_acting, told_once
from astro.accounts.barring import bar_of, removed_from
from astro.accounts.models import Device, Membership, Role, StaffSession
from astro.kit import plain
from astro.kit.addresses import client_address
from astro.kit.asking import asked
from astro.kit.clock import utc_now
from astro.tenancy import features
from astro.tenancy.models import Location, Retailer


class SignedIn:
    """Sets what `access.StaffRequest` lists.

    Without a session all are None (and `user` anonymous). Location and device are fetched when first touched, which
    must be inside the wall. A session whose person was shut out, whose membership ended or whose password was changed
    elsewhere is over: it is deleted here, and the request goes on signed out. So is one that lasted too long
    (`time_limits`); a cookie of a few minutes lets the sign-in page say that.

    Somebody who acts as another is asked for on each request (`acting.standing`): where that is over, the request goes
    on as themselves, and `acting_over` is what `access` tells them first.

    Whatever is recorded on the way names who really asked, and from which address (`kit.asking`).

    What a signed-in person is answered, refusals included, is kept by no cache unless the view says otherwise: Back
    shows nothing after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        row = request.session.row
        row = row if row is not None and row.user_id is not None else None
        request.address = client_address(request)
        request.barred = request.acting_over = None
        address = str(request.address) if request.address else None
        was_acting = row is not None and row.really_by_id is not None
        ended = time_limits.over(row, now=utc_now()) if row is not None else ""
        if ended:
            request.session.flush()
            row = None
        if row is not None and was_acting:
            with asked(address=address):
                row = still_acting(request.session, row, now=utc_now())
        if row is not None and not _still_good(row, request.session):
            if row.membership is not None and not row.membership.is_living:
                request.barred = removed_from(row.membership)
            request.session.flush()
            row = None
        _introduce(request, row)
        if row is not None:
            request.barred = bar_of(row, address=request.address, now=utc_now())
            request.acting_over = told_once(request.session)
            _note_use(row, request, now=utc_now())
        with asked(really_by=row.really_by_id if row else None, address=address):
            response = self.get_response(request)
        if was_acting and (row is None or row.really_by_id is None):
            rotate_token(request)  # after the answer: pages that show the other one send nothing in one's own name
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        _say_why(request, response, ended)
        return response


def _still_good(row: StaffSession, session: Any) -> bool:
    """Whether the person, and who acts as them if anybody does, may still be here."""
    return (
        row.user is not None
        and row.user.is_active
        and (row.membership.is_living if row.membership is not None else row.user.is_support)
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), row.user.get_session_auth_hash())
    )


def _note_use(row: StaffSession, request: Any, *, now: datetime) -> None:
    """One statement more every five minutes, and only where somebody does something. Before the work, so that whoever
    is told that it failed has not done it."""
    if time_limits.is_worth_noting(row, now=now) and not _comes_by_itself(request):
        StaffSession.objects.filter(pk=row.pk).update(last_used_at=now)


def _comes_by_itself(request: Any) -> bool:
    try:
        return getattr(resolve(request.path_info).func, "is_by_itself", False)
    except Resolver404:
        return True


def _say_why(request: Any, response: HttpResponse, ended: str) -> None:
    """Until somebody has signed in here again."""
    if not ended:
        if time_limits.COOKIE in request.COOKIES and request.user.is_authenticated:
            response.delete_cookie(time_limits.COOKIE, path=settings.LOGIN_URL, samesite="Lax")
        return
    response.set_cookie(
        time_limits.COOKIE,
        ended,
        max_age=60 * 60,
        path=settings.LOGIN_URL,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _introduce(request: Any, row: StaffSession | None) -> None:
    request.user = row.user if row else AnonymousUser()
    request.membership = _narrowed(row) if row else None
    request.retailer_id = row.retailer_id if row else None
    request.retailer = row.membership.retailer if row and row.membership else None
    request.features = _features_later(request.retailer)
    request.location_id = row.location_id if row else None
    request.location = _location_later(request.location_id, request.retailer)
    request.device_id = row.device_id if row else None
    request.device = _later(Device, request.device_id)
    request.really_by = row.really_by if row else None
    request.masquerade_id = row.masquerade_id if row else None
    request.acting_until = row.acting_until if row else None
    request.is_by_pin = row.is_by_pin if row else False


def _narrowed(row: StaffSession) -> Membership | None:
    """A PIN opens what a cashier does at this till and no more, whoever it belongs to."""
    if row.membership is not None and row.is_by_pin:
        row.membership.role, row.membership.location_id = Role.CASHIER, row.location_id
    return row.membership


def _features_later(retailer: Retailer | None) -> Any:
    """Asked by the menu and by pages, once a request."""
    return SimpleLazyObject(lambda: features.all_of(retailer)) if retailer else frozenset()


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
