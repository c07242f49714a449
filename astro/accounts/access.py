"""Who may open a view.

Every view carries exactly one of `@public`, `@signed_in`, `@staff`, `@administrators`, `@masters`, `@tills`,
`@support_team`. The decorator also writes it on the view (`view.access`), where the access matrix in the tests reads
it: without one the build fails. Below it a view may say `@even_when_barred` (it also serves who is kept out of
everything else: a held account, an address that is not allowed) and `@by_oneself` (nobody does this in another's name,
nor with a PIN).

What a person may do *to a thing* is asked for inside the view: things of another retailer are not found at all, and
`request.membership.covers(location_id)` tells whether a location is within reach.
"""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from astro.accounts.acting.seats import JUST_OVER
from astro.accounts.errors import (
    AccountCancelled,
    AccountHeld,
    ActingOver,
    Barred,
    MastersOnly,
    NoLocation,
    NotFromTill,
    NoTill,
    NotIncluded,
    NotWhileActing,
    PasswordFirst,
    SignedOut,
    StoresOnly,
    SupportOnly,
    TrialOver,
    WrongRole,
)
from astro.accounts.models import Device, Membership, Role, User
from astro.accounts.queries import any_device_of, billing_contacts_of
from astro.accounts.tills import read_cookie
from astro.kit.addresses import Address
from astro.kit.errors import DomainError, refusal_response, speaks_json
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Location, Retailer

View = Callable[..., HttpResponseBase]

TILL_HEADER = "X-Astro-Till"


class StaffRequest(HttpRequest):
    """A request as a guarded view gets it: `middleware.SignedIn` found out who asks. Write it in the view's signature.

    `device` is the till, or None. `address` is where the request comes from, where anybody can tell. While somebody
    acts as another, `user` and `membership` are the other one's, and `really_by` sits at the keyboard until
    `acting_until`. Begun with a PIN (`is_by_pin`), the membership is narrowed to a cashier's at this till's location.
    """

    user: User
    membership: Membership
    retailer: Retailer
    retailer_id: int
    features: frozenset[str]
    location: Location
    location_id: int
    device: Device | None
    device_id: int | None
    address: Address | None
    barred: Barred | None
    acting_over: ActingOver | None
    really_by: User | None
    masquerade_id: int | None
    acting_until: datetime | None
    is_by_pin: bool


class TillRequest(HttpRequest):
    """A request as a view for tills gets it: `till` is what the browser's own cookie proves, retired or not; the person
    who is signed in, if anybody is, may belong to another retailer than the till."""

    till: Device | None
    membership: Membership | None
    location_id: int | None
    device_id: int | None


class Access(StrEnum):
    """For whom a view is."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    """Everyone who works for a store, and the platform's own support."""
    STAFF = "staff"
    ADMINISTRATORS = "administrators"
    MASTERS = "masters"
    TILL = "till"
    """Enrolled tills, whoever is signed in there or nobody, and everyone who works here."""
    SUPPORT = "support"
    """The platform's own support, who work for no store."""
    CUSTOMER = "customer"
    """Customers in their app, who are no staff and sign in elsewhere (`customer_app.access`)."""

    def refusal(self, role: str) -> DomainError | None:
        """Why somebody with this role may not, or None if they may."""
        if self is Access.ADMINISTRATORS and role == Role.CASHIER:
            return WrongRole()
        if self is Access.MASTERS and role != Role.MASTER:
            return MastersOnly()
        return SupportOnly() if self is Access.SUPPORT else None


def even_when_barred(view: View) -> View:
    """Also for who is signed in and kept out of everything else. Written below the guard."""
    view.is_open_when_barred = True  # type: ignore[attr-defined]
    return view


def even_when_account_rests(view: View) -> View:
    """Also for the people of a store that is held, cancelled or past its trial; not for who may not come in from
    where they are. Written below the guard."""

    @wraps(view)
    def resting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        barred: Barred | None = getattr(request, "barred", None)
        if barred is not None and not isinstance(barred, AccountHeld | AccountCancelled | TrialOver):
            return _kept_out(request, barred)
        return view(request, *args, **kwargs)

    return even_when_barred(resting)


def needs(feature: str) -> Callable[[View], View]:
    """Only where the store's account has this (`tenancy.features`). Written below the guard."""

    def asking(view: View) -> View:
        @wraps(view)
        def having(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if feature not in request.features:  # type: ignore[attr-defined]
                membership: Membership = request.membership  # type: ignore[attr-defined]
                raise NotIncluded(feature, contacts=billing_contacts_of(membership))
            return view(request, *args, **kwargs)

        having.needs = feature  # type: ignore[attr-defined]
        return having

    return asking


def by_itself(view: View) -> View:
    """Asked by the page without anybody touching it, so it is no sign that somebody is there: a session's time without
    use goes on. Views for tills are by themselves anyway."""
    view.is_by_itself = True  # type: ignore[attr-defined]
    return view


def by_oneself(view: View) -> View:
    """Not for somebody who acts as another, nor for who came in with a few digits. Written below the guard."""

    @wraps(view)
    def alone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "really_by", None) is not None:
            raise NotWhileActing
        if getattr(request, "is_by_pin", False):
            raise PasswordFirst
        return view(request, *args, **kwargs)

    alone.is_by_oneself = True  # type: ignore[attr-defined]
    return alone


def public(view: View) -> View:
    """For everyone, signed in or not."""
    view.access = Access.PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """For everyone who is signed in: who works for a store, and the platform's support, who stand in none."""
    is_open_when_barred = getattr(view, "is_open_when_barred", False)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _tell_first(request)
        barred: Barred | None = getattr(request, "barred", None)
        if not request.user.is_authenticated:
            if barred is not None and request.headers.get("HX-Request") != "true":
                raise barred
            return _to_sign_in(request)
        if barred is not None and not is_open_when_barred:
            return _kept_out(request, barred)
        return view(request, *args, **kwargs)

    guarded.access = Access.SIGNED_IN  # type: ignore[attr-defined]
    return guarded


def staff(view: View) -> View:
    """For everyone who works here."""
    return _guarded(view, Access.STAFF)


def administrators(view: View) -> View:
    """For administrators of a location and master administrators."""
    return _guarded(view, Access.ADMINISTRATORS)


def masters(view: View) -> View:
    """For master administrators."""
    return _guarded(view, Access.MASTERS)


def tills(view: View) -> View:
    """For enrolled tills, and for everyone who works here.

    What a till kept outlives session, sign-out and CSRF token: the secret in the till's cookie stands for it. So that
    no other site can have a browser send it, there must be a header that a form cannot carry.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get(TILL_HEADER) != "1":
            raise NotFromTill
        cookie = read_cookie(request)
        with within(cookie.retailer_id) if cookie else nullcontext(), reading():
            till = any_device_of(cookie)
        if till is None and getattr(request, "membership", None) is None:
            raise NoTill
        request.till = till  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    guarded.access = Access.TILL  # type: ignore[attr-defined]
    return csrf_exempt(by_itself(guarded))


def support_team(view: View) -> View:
    """For the platform's own support. They stand in no retailer: the view steps inside one where it needs to."""
    is_open_when_barred = getattr(view, "is_open_when_barred", False)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _tell_first(request)
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        if getattr(request, "membership", None) is not None or not request.user.is_support:
            raise SupportOnly
        barred: Barred | None = request.barred  # type: ignore[attr-defined]
        if barred is not None and not is_open_when_barred:
            return _kept_out(request, barred)
        return view(request, *args, **kwargs)

    guarded.access = Access.SUPPORT  # type: ignore[attr-defined]
    return guarded


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """The page asked for in `next`, if it is one of ours: a path, never another host."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else default


def _guarded(view: View, access: Access) -> View:
    is_open_when_barred = getattr(view, "is_open_when_barred", False)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _tell_first(request)
        membership: Membership | None = getattr(request, "membership", None)
        barred: Barred | None = getattr(request, "barred", None)
        if membership is None:
            if getattr(getattr(request, "user", None), "is_support", False):
                if request.path == "/" and request.method == "GET":
                    return redirect("backoffice:stores")
                raise StoresOnly
            if barred is not None and request.headers.get("HX-Request") != "true":
                raise barred
            return _to_sign_in(request)
        if barred is not None and not is_open_when_barred:
            return _kept_out(request, barred)
        refusal = access.refusal(membership.role)
        if refusal is not None:
            raise barred or (PasswordFirst() if getattr(request, "is_by_pin", False) else refusal)
        if request.location_id is None:  # type: ignore[attr-defined]
            raise NoLocation
        return view(request, *args, **kwargs)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded


def _tell_first(request: HttpRequest) -> None:
    """Raises ActingOver for who has acted as another until just now: what they ask for, they ask in the other one's
    name. Every request is answered so until a page has told it."""
    over: ActingOver | None = getattr(request, "acting_over", None)
    if over is None:
        return
    if request.headers.get("HX-Request") != "true" and not speaks_json(request):
        request.session.pop(JUST_OVER, None)
    raise over


def _kept_out(request: HttpRequest, barred: Barred) -> HttpResponse:
    """Whoever can mend it is sent to where; everyone else is told what is the matter and whom to ask."""
    if barred.go_to and request.method == "GET" and not speaks_json(request):
        url = reverse(barred.go_to)
        if request.headers.get("HX-Request") != "true":
            return redirect(url)
        answer = HttpResponse(status=403)
        answer["HX-Redirect"] = url
        return answer
    raise barred


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
