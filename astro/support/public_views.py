"""The status page and access help: for everybody, signed in or not, with nothing on them that is anybody's.

Access help is kept by the till's browser, so it is the same for all: no token, no name. Its checks ask `echo`.
"""

from __future__ import annotations

import re
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from astro.accounts.access import public
from astro.kit.clock import utc_now
from astro.support.restrictions import restriction_of
from astro.support.status import Standing, standing

COOKIE = "astro_help"
NONCE = re.compile(r"[A-Za-z0-9-]{1,40}")


@public
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How each part is doing, what the operator says, and what changed last."""
    return HttpResponse(render_to_string("support/status.html", {"standing": standing(now=utc_now())}))


@public
@never_cache
@require_safe
def status_json(request: HttpRequest) -> HttpResponse:
    """The same for programs."""
    return JsonResponse(_as_json(standing(now=utc_now())))


@public
@require_safe
def access_help(request: HttpRequest) -> HttpResponse:
    """What to do when Astro does not open. The page finds out itself what it can (`access_help.js`)."""
    told = {"sign_in_url": request.build_absolute_uri(reverse("accounts:sign_in"))}
    response = HttpResponse(render_to_string("support/access_help.html", told))
    response["Cache-Control"] = "no-cache"
    return response


@public
@never_cache
@require_safe
def echo(request: HttpRequest) -> HttpResponse:
    """Says back what was sent, and what is seen of who sends: nobody else answers so, a hotel's sign-in page least."""
    nonce = request.GET.get("nonce", "")
    nonce = nonce if NONCE.fullmatch(nonce) else ""
    told = {
        "astro": "echo",
        "nonce": nonce,
        "now": utc_now().isoformat(),
        "cookie": request.COOKIES.get(COOKIE, "")[:40],
        "address": _address_of(request),
    }
    response = JsonResponse(told)
    if nonce:
        path = reverse("support:echo")
        response.set_cookie(
            COOKIE, nonce, max_age=60, path=path, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


@public
@never_cache
@require_safe
def restriction(request: HttpRequest) -> HttpResponse:
    """Whether the store of whoever asks keeps this address out. Not part of the echo, which asks no database."""
    return JsonResponse({"restriction": restriction_of(request)})


def _address_of(request: HttpRequest) -> str:
    """The address on the internet that this browser comes from, as the throttle counts it."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a proxy that does not say
        return ""


def _as_json(now: Standing) -> dict[str, Any]:
    return {
        "at": now.at.isoformat(),
        "condition": now.condition.value,
        "told": str(now.condition.label),
        "components": [
            {
                "name": one.part.key,
                "label": str(one.part.label),
                "condition": one.condition.value,
                "told": str(one.condition.label),
                "words": one.finding.words,
            }
            for one in now.parts
        ],
        "notices": [
            {
                "text": notice.text,
                "severity": notice.severity,
                "components": notice.parts,
                "from": notice.from_at.isoformat(),
                "until": notice.until_at.isoformat() if notice.until_at else None,
            }
            for notice in now.notices
        ],
        "changes": None
        if now.changes is None
        else [
            {"name": row.part, "label": label, "condition": row.condition, "since": row.since.isoformat()}
            for label, row in now.changes
        ],
    }
