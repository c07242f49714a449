"""Writing to us from access help, signed in or not: by its script, or by a plain form."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import public
from astro.accounts.models import User
from astro.kit.clock import utc_now
from astro.kit.codes import read_code
from astro.support.actions import open_ticket
from astro.support.errors import NotFromAccessHelp, SentBefore, TooManyTickets
from astro.support.forms import StrangerForm
from astro.support.models import Ticket, grouped
from astro.support.throttle import count_ticket
from astro.tenancy.current import platform

HEADER = "X-Astro-Help"
"""Other sites cannot send it without asking first, which is what a token is for; the page itself is kept by browsers,
and must hold none."""

LONGEST_BODY = 32 * 1024


@csrf_exempt
@public
@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """JSON, as the script of access help sends it. The same key again gets the same answer."""
    form = StrangerForm(_body(request))
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return JsonResponse({"error": {"message": errors[0], "field": field}}, status=422)
    try:
        ticket = _open(request, form)
    except TooManyTickets as refusal:
        response = JsonResponse({"error": refusal.as_json()}, status=refusal.status)
        response["Retry-After"] = str(refusal.seconds)
        response.keep_writes = True  # type: ignore[attr-defined]  # what the throttle counted
        return response
    told = {"reference": ticket.shown_reference, "has_address": bool(ticket.email)}
    return JsonResponse({"ticket": told}, status=201)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """The same as a form, for browsers that run no scripts."""
    form = StrangerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ticket = _open(request, form)
            except (TooManyTickets, SentBefore) as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                return redirect(f"{reverse('support:write')}?sent={ticket.reference}")
    sent = read_code(request.GET.get("sent", ""))
    told = {"form": form, "sent": grouped(sent) if sent else ""}
    response = render(request, "support/write.html", told, status=status)
    response.keep_writes = status == 429  # type: ignore[attr-defined]
    return response


def _open(request: HttpRequest, form: StrangerForm) -> Ticket:
    """Whoever is signed in finds it under *My tickets*; of everybody else it is known what they typed, no more."""
    told = form.cleaned_data
    user: User | None = request.user if getattr(request, "membership", None) else None  # type: ignore[assignment]
    with _scope(user):
        if not Ticket.objects.filter(key=told["key"], opened_by=user).exists():
            count_ticket(request, user_id=user.pk if user else None)
        return open_ticket(
            told["key"],
            subject=_("I cannot get into Astro"),
            text=told["text"],
            found=told["found"],
            by=user,
            name=told["name"] or (user.name if user else ""),
            email=told["email"],
            store=told["store"] or (str(request.retailer.name) if user else ""),  # type: ignore[attr-defined]
            now=utc_now(),
        )


def _scope(user: User | None) -> AbstractContextManager[None]:
    return nullcontext() if user else platform("a ticket of somebody who is not signed in")


def _body(request: HttpRequest) -> dict[str, Any]:
    """Raises `NotFromAccessHelp`."""
    if HEADER not in request.headers:
        raise NotFromAccessHelp
    try:
        body = json.loads(request.body[:LONGEST_BODY])
    except (ValueError, RecursionError, RequestDataTooBig, UnreadablePostError) as problem:
        raise NotFromAccessHelp from problem
    if not isinstance(body, dict):
        raise NotFromAccessHelp
    return {name: value for name, value in body.items() if isinstance(value, str)}
