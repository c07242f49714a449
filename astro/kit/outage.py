"""What is answered when something broke: that it is our fault (500), or that the database is away for now (503).

The difference matters to the till: at a 503 its browser goes on with the offline till, and asks again later.
"""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 30


def broke(request: HttpRequest) -> HttpResponse:
    """The project's `handler500`. Nothing of the shell: it would ask the database again."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponse(render_to_string("500.html"), status=500)
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
