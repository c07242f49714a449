"""What a request sends has arrived before anything waits for it."""

from collections.abc import Callable
from contextlib import suppress

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError


class WholeBody:
    """Reads the body to its end before the middleware below opens a transaction.

    On SQLite that transaction holds the one lock for writing: a till that loses its network in the middle of sending,
    or anybody who sends slowly on purpose, would hold up every other till.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.encoding = "utf-8"  # every page of ours is; Django fails twice over a form that says otherwise
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            with suppress(*_TOLD_LATER):
                _read(request)
        return self.get_response(request)


_TOLD_LATER = (
    UnreadablePostError,  # the sender is gone
    MultiPartParserError,  # the form comes out empty, and its view says what is missing
    SuspiciousOperation,  # too large, too many fields: said once more where a view asks
)


def _read(request: HttpRequest) -> None:
    """A form with files goes to where Django keeps its parts; everything else into memory, as far as it may."""
    if request.content_type == "multipart/form-data":
        request.POST  # noqa: B018 - parsed when first touched
    else:
        request.body  # noqa: B018
