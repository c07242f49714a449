"""Puts every request inside the wall of the retailer that `accounts` found for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from astro.tenancy import current


@contextmanager
def reading() -> Iterator[None]:
    """What a page that only reads needs: nothing on SQLite, where a transaction would wait for the writers; a
    transaction on PostgreSQL, where the wall needs one."""
    if connection.vendor == "sqlite":
        yield
    else:
        with transaction.atomic():
            yield


class RetailerScope:
    """Stands after the sessions. Answers are complete when they leave: nothing streams out of the scope.

    A refusal (400 and above) undoes whatever was written on the way to it, unless the response says `keep_writes`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        retailer_id: int | None = getattr(request, "retailer_id", None)
        with current.within(retailer_id) if retailer_id else nullcontext():
            if request.method in ("GET", "HEAD", "OPTIONS"):
                # Where nobody is current there is no wall to stand in: `/live` answers without a database.
                with reading() if retailer_id else nullcontext():
                    return self.get_response(request)
            with transaction.atomic():
                response = self.get_response(request)
                if response.status_code >= 400 and not getattr(response, "keep_writes", False):
                    transaction.set_rollback(True)
                return response
