"""The pages behind the links in letters: signed out, without cookies, on a phone. Reading one changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from astro.accounts.access import public
from astro.customers.consent.ledger import Reach
from astro.customers.consent.wordings import mailing_list
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.messaging.answering import Reader, join, leave, reader_of
from astro.messaging.errors import NoSuchStore
from astro.messaging.links import Purpose, make_link, read_link
from astro.messaging.mail.building import ONE_CLICK_BODY
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer
from astro.tenancy.stores import store_of

HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""No search engine keeps a page of somebody's, and no other site learns its address."""

LONGEST_USER_AGENT = 300

View = Callable[..., HttpResponse]


def _for_readers(*methods: str) -> Callable[[View], View]:
    """A page for whoever holds a link, which is its own proof: no cookie, and no token against forged forms either."""

    def guarded(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, **named: Any) -> HttpResponse:
            try:
                response = view(request, **named)
            except DomainError as refusal:
                response = _page(request, "refused", {"message": str(refusal)}, status=refusal.status)
            for name, value in HEADERS.items():
                response.headers[name] = value
            return response

        return csrf_exempt(public(require_http_methods(["HEAD", *methods])(answered)))  # type: ignore[return-value]

    return guarded


@_for_readers("GET", "POST")
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """The address is theirs, and they want the store's news: the button of the Welcome Email leads here."""
    return _joining(request, Purpose.VERIFY, token)


@_for_readers("GET", "POST")
def return_to_list(request: HttpRequest, token: str) -> HttpResponse:
    """Who has left comes back, by the link of the mail that confirmed it."""
    return _joining(request, Purpose.RETURN, token)


@_for_readers("GET", "POST")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One button, and nothing more comes."""
    with _reader(request, Purpose.UNSUBSCRIBE, token) as reader:
        if request.method == "POST":
            leave(reader, evidence=_evidence(request), now=utc_now())
            return redirect(request.path)
        told = {"has_left": reader.state == Reach.STOPPED, **_shown(reader)}
        return _page(request, "unsubscribe", told)


@_for_readers("GET", "POST")
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a mail program's own button posts here, without cookies, any number of times, and is told 200."""
    with _reader(request, Purpose.UNSUBSCRIBE, token) as reader:
        if request.method != "POST":
            return redirect("messaging:unsubscribe", token=token)
        name, _equals, value = ONE_CLICK_BODY.partition("=")
        if request.POST.getlist(name) != [value]:
            return _plain(400)
        leave(reader, evidence={**_evidence(request), "one_click": True}, now=utc_now())
        return _plain(200)


@_for_readers("GET")
def terms(request: HttpRequest, retailer_id: int) -> HttpResponse:
    """Who sends what, how often, what it costs, how to stop, and what becomes of the address."""
    retailer = Retailer.objects.filter(pk=retailer_id).first()
    if retailer is None:
        raise NoSuchStore
    with within(retailer_id), reading():
        return _page(request, "terms", {"store": store_of(retailer)})


def _joining(request: HttpRequest, purpose: Purpose, token: str) -> HttpResponse:
    with _reader(request, purpose, token) as reader:
        if request.method == "POST":
            join(reader, evidence=_evidence(request), now=utc_now())
            return redirect(request.path)
        told = {"has_joined": reader.is_theirs and reader.state == Reach.YES, "is_theirs": reader.is_theirs}
        return _page(request, "verify", {**told, **_shown(reader), "words": mailing_list(reader.store)})


def _page(request: HttpRequest, name: str, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Without a token against forged forms, which would come with a cookie."""
    return render(request, f"messaging/{name}.html", {**told, "csrf_token": ""}, status=status)


@contextmanager
def _reader(request: HttpRequest, purpose: Purpose, token: str) -> Iterator[Reader]:
    """Within the retailer that the link names, whoever is signed in here."""
    told = read_link(purpose, token)
    retailer = Retailer.objects.filter(pk=told.retailer_id).first()
    if retailer is None:
        raise NoSuchStore
    with within(told.retailer_id), reading():
        yield reader_of(told, retailer=retailer)


def _shown(reader: Reader) -> dict[str, Any]:
    """What a page may show: the store, and so much of the address that its owner knows it again."""
    return {
        "store": reader.store,
        "retailer_id": reader.told.retailer_id,
        "address": _masked(reader.address),
        "unsubscribe_token": make_link(Purpose.UNSUBSCRIBE, reader.told),
    }


def _masked(address: str) -> str:
    name, at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••{at}{domain}" if address else ""


def _evidence(request: HttpRequest) -> dict[str, str]:
    """What proves who pressed the button: the network's address and the browser's name for itself."""
    user_agent = request.headers.get("User-Agent", "").replace("\x00", "")
    return {"ip": str(get_adapter().get_client_ip(request)), "user_agent": user_agent[:LONGEST_USER_AGENT]}


def _plain(status: int) -> HttpResponse:
    return HttpResponse("", status=status, content_type="text/plain; charset=utf-8")
