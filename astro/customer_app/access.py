"""Who may open a page of the app: `@customer` for one store's cards, `@account_holder` before a store is chosen.

Both know the app's own cookie alone. Whether somebody is signed in to the staff's pages in the same browser counts for
nothing here, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from astro.accounts.access import Access
from astro.customer_app.models import AppAccount, AppSession
from astro.customer_app.queries import link_of
from astro.customer_app.sessions import COOKIE, PATH, find_session, keep_alive, write_cookie
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Location, Retailer
from astro.tenancy.stores import Store, primary_location, store_of

View = Callable[..., HttpResponse]


class AccountRequest(HttpRequest):
    """A request of somebody who is signed in to the app."""

    account: AppAccount
    app_session: AppSession


class CustomerRequest(AccountRequest):
    """A request of a customer: it stands in the retailer whose cards they look at."""

    customer: Customer
    store: Store
    at: Location


def account_holder(view: View) -> View:
    """For everyone with an app account, in no retailer."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return _signed_in(request, lambda: view(request, *args, **kwargs))

    guarded.access = Access.CUSTOMER  # type: ignore[attr-defined]
    return guarded


def customer(view: View) -> View:
    """For a customer of the store they chose; whoever has none is sent to choose one."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return _signed_in(request, lambda: _at_store(request, lambda: view(request, *args, **kwargs)))

    guarded.access = Access.CUSTOMER  # type: ignore[attr-defined]
    return guarded


def page_asked(request: HttpRequest) -> str:
    """The page of the app that `next` asks for, or its home."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = asked.startswith(PATH) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else reverse("customer_app:home")


@contextmanager
def standing_at(retailer_id: int) -> Iterator[None]:
    """Inside a retailer, and inside what its wall needs: requests of customers come without any."""
    with within(retailer_id), reading():
        yield


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """What cannot be done, on a page of the app."""
    return render(request, "customer_app/refused.html", {"message": str(error)}, status=error.status)


def _signed_in(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    now = utc_now()
    session = find_session(request, now=now)
    if session is None:
        return _to_sign_in(request)
    is_noted = keep_alive(session, now=now)
    request.app_session, request.account = session, session.account
    try:
        with reading():
            response = answer()
    except DomainError as error:
        response = refused(request, error)
    response.headers.setdefault("Cache-Control", "private, no-store")
    if is_noted and COOKIE not in response.cookies:
        write_cookie(response, key=request.COOKIES[COOKIE])
    return response


def _at_store(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    retailer_id = request.app_session.at_retailer
    if retailer_id is None:
        return redirect("customer_app:stores")
    with within(retailer_id):
        link = link_of(request.account)
        retailer = Retailer.objects.get(pk=retailer_id)
        here = primary_location(retailer)
        if link is None or here is None:
            return redirect("customer_app:stores")
        request.customer, request.store, request.at = link.customer, store_of(retailer), here
        with timezone.override(here.time_zone):
            return answer()


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """And back afterwards, to the page they were on, or home from a form that is lost."""
    query = QueryDict(mutable=True)
    query["next"] = request.get_full_path() if request.method == "GET" else PATH
    return redirect(f"{reverse('customer_app:sign_in')}?{query.urlencode(safe='/')}")
