"""Stands before everything else: each request gets a name, a count, its time and one line in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from astro.kit import metrics
from astro.kit.logs import about_request, read_request_id

HEADER = "X-Request-ID"
CHECKOUTS = {"checkout:visits", "checkout:finish", "checkout:arrivals"}
"""Routes at which a till waits with a customer before it; their times are also counted in small steps."""

QUIET = {"static", "live", "ready", "metrics"}
"""Asked so often that a line each would hide the others: told only where they fail, or at DEBUG."""

REFUSALS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
"""Django answers these by itself; they are nobody's fault of ours."""

log = logging.getLogger("astro.access")


class Watched:
    """Counts and tells by the name of the route: a path carries ids, and what somebody typed after a question mark."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        begun = perf_counter()
        request_id = read_request_id(request.headers.get(HEADER))
        with about_request(request_id):
            response = self.get_response(request)
            seconds = perf_counter() - begun
            response.headers[HEADER] = request_id
            route, status = route_of(request), response.status_code
            metrics.requests.labels(route, f"{status // 100}xx").inc()
            metrics.request_seconds.labels(route).observe(seconds)
            if route in CHECKOUTS and request.method == "POST":
                metrics.checkout_seconds.labels(route).observe(seconds)
            if status >= 500 and route != "ready":
                metrics.errors.labels(route, getattr(request, "failed_with", "unknown")).inc()
            level = logging.DEBUG if route in QUIET and status < 500 else logging.INFO
            if log.isEnabledFor(level):
                log.log(level, "request", extra=_told(request, route, status, seconds))
        return response

    def process_exception(self, request: Any, error: Exception) -> None:
        """Only what nobody else answered comes here: refusals were answered before."""
        if not isinstance(error, REFUSALS):
            request.failed_with = type(error).__name__


def route_of(request: Any) -> str:
    """The name of a route, or what kind of address it was that has none."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def _told(request: Any, route: str, status: int, seconds: float) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "route": route,
        "method": request.method if request.method in METHODS else "other",
        "status": status,
        "ms": round(seconds * 1000, 1),
        "retailer_id": getattr(request, "retailer_id", None),
        "user_id": user.pk if user is not None and user.is_authenticated else None,
    }


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
