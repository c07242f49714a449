"""A refusal: something that cannot be done, told to the person who asked.

Actions raise `DomainError` (or a child of it from their own `errors.py`) with a sentence that says what happened and
what to do. `refusal_response` turns it into an answer of the kind that was asked for: JSON, a fragment, or a page.

The answer is made after the view has failed. Whoever opened the transaction rolls it back: a refusal leaves nothing.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise

PAGE = "kit/refusal.html"
NOTICE = "kit/refusal_notice.html"


class DomainError(Exception):
    """What cannot be done, in the user's words; `field` names the input that is to blame, where there is one. A child
    may have a `page` of its own, which gets the refusal as `error`."""

    page = PAGE

    def __init__(self, message: str | Promise, status: int = 422, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.field = field

    def __str__(self) -> str:
        return str(self.message)

    def as_json(self) -> dict[str, str | None]:
        return {"message": str(self), "field": self.field}


def refusal_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer to a refused request: JSON to a program, a notice to htmx, a page to everyone else."""
    if speaks_json(request):
        return JsonResponse({"error": error.as_json()}, status=error.status)
    told = {"message": str(error), "field": error.field}
    if request.headers.get("HX-Request") == "true":
        # Among the page's notices, so that it takes the place of nothing.
        headers = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
        return HttpResponse(render_to_string(NOTICE, told, request), status=error.status, headers=headers)
    return render(request, error.page, {**told, "error": error}, status=error.status)


class Refusals:
    """Answers a `DomainError` that left a view. Everything else passes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusal_response(request, error) if isinstance(error, DomainError) else None


def speaks_json(request: HttpRequest) -> bool:
    """Whether a program asks: it sent JSON, or would rather have JSON than a page."""
    if request.content_type == "application/json":
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
