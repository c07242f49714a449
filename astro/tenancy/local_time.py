"""The clock that a page is read by."""

from collections.abc import Callable
from contextlib import nullcontext

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class LocalTime:
    """Shows every time of day as the clock on the location's wall shows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        location = getattr(request, "location", None)
        with timezone.override(location.time_zone) if location else nullcontext():
            return self.get_response(request)
