"""What a request sends has arrived before anything waits for it."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from astro.kit.errors import PAGE, DomainError, speaks_json

FORM_AROUND = 256 * 1024
"""What the other fields of a form with a file may take."""


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
            if _is_too_large(request):
                return _too_large(request)
            with suppress(*_TOLD_LATER):
                _read(request)
        return self.get_response(request)


def _is_too_large(request: HttpRequest) -> bool:
    """A form with a file beyond what any page takes. It is not read at all: it would fill the disk before a view could
    say no. Other bodies are held to their limit while they are read."""
    if request.content_type != "multipart/form-data":
        return False
    told = request.META.get("CONTENT_LENGTH") or "0"
    return not told.isdigit() or int(told) > settings.UPLOAD_MOST + FORM_AROUND


def _too_large(request: HttpRequest) -> HttpResponse:
    """Before the wall, so without anything of the shell."""
    error = DomainError(
        _("This file is larger than %(most)d MB. Leave out the columns that are not about customers, or cut it in two.")
        % {"most": settings.UPLOAD_MOST // (1024 * 1024)},
        status=413,
    )
    if speaks_json(request):
        return JsonResponse({"error": error.as_json()}, status=error.status)
    return HttpResponse(render_to_string(PAGE, {"message": str(error)}), status=error.status)


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
