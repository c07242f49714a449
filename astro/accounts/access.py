"""Who may open a view.

Every view carries exactly one of `@public`, `@staff`, `@administrators`, `@masters`. The decorator also writes it on
the view (`view.access`), where the access matrix in the tests reads it: a view without one fails the build.

What a person may do *to a thing* is asked for inside the view: things of another retailer are not found at all, and
`request.membership.covers(location_id)` tells whether a location is within reach.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from astro.accounts.errors import MastersOnly, NoLocation, SignedOut, WrongRole
from astro.accounts.models import Device, Membership, Role, User
from astro.kit.errors import DomainError, refusal_response, speaks_json
from astro.tenancy.models import Location, Retailer

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request as a guarded view gets it: `middleware.SignedIn` found out who asks. Write it in the view's signature.

    `device` is the till, or None.
    """

    user: User
    membership: Membership
    retailer: Retailer
    retailer_id: int
    location: Location
    location_id: int
    device: Device | None
    device_id: int | None


class Access(StrEnum):
    """For whom a view is."""

    PUBLIC = "public"
    STAFF = "staff"
    ADMINISTRATORS = "administrators"
    MASTERS = "masters"

    def refusal(self, role: str) -> DomainError | None:
        """Why somebody with this role may not, or None if they may."""
        if self is Access.ADMINISTRATORS and role == Role.CASHIER:
            return WrongRole()
        if self is Access.MASTERS and role != Role.MASTER:
            return MastersOnly()
        return None


def public(view: View) -> View:
    """For everyone, signed in or not."""
    view.access = Access.PUBLIC  # type: ignore[attr-defined]
    return view


def staff(view: View) -> View:
    """For everyone who works here."""
    return _guarded(view, Access.STAFF)


def administrators(view: View) -> View:
    """For administrators of a location and master administrators."""
    return _guarded(view, Access.ADMINISTRATORS)


def masters(view: View) -> View:
    """For master administrators."""
    return _guarded(view, Access.MASTERS)


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """The page asked for in `next`, if it is one of ours: a path, never another host."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else default


def _guarded(view: View, access: Access) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership: Membership | None = getattr(request, "membership", None)
        if membership is None:
            return _to_sign_in(request)
        refusal = access.refusal(membership.role)
        if refusal is not None:
            raise refusal
        if request.location_id is None:  # type: ignore[attr-defined]
            raise NoLocation
        return view(request, *args, **kwargs)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """People are sent to sign in, and back to the page they were on; programs are told."""
    if request.headers.get("HX-Request") == "true":
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = _sign_in_url(request.headers.get("HX-Current-URL", ""))
        return answer
    error = SignedOut()
    if speaks_json(request):
        return refusal_response(request, error)
    asked = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
    return redirect(_sign_in_url(asked))


def _sign_in_url(asked: str) -> str:
    """The way back names a page of ours; an address that is none (anybody may send any header) is left out."""
    try:
        page = urlsplit(asked)._replace(scheme="", netloc="").geturl()
    except ValueError:
        page = ""
    query = QueryDict(mutable=True)
    query["next"] = page or "/"
    return f"{settings.LOGIN_URL}?{query.urlencode(safe='/')}"
