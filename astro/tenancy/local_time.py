"""The clock that a page is read by."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from astro.tenancy.models import Location


class LocalTime:
    """Shows every time of day as the clock on the location's wall shows it.

    A session whose location was removed is over: the request goes on as if nobody were signed in.
    """

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        location = getattr(request, "location", None)
        try:
            zone = location.time_zone if location else None
        except Location.DoesNotExist:
            request.location = request.membership = zone = None
        with timezone.override(zone) if zone else nullcontext():
            return self.get_response(request)
