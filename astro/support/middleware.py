"""Pages that open whoever asks, and while the database does not answer."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NEED_NOBODY = frozenset({"/status/", "/status.json", "/access-help/", "/access-help/echo", "/live", "/ready"})
"""By path, because the address is resolved after the session has been read."""


class WithoutSession:
    """Stands before the sessions, and hides the cookie for which the database would be asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in NEED_NOBODY:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)
