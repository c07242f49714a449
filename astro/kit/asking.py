"""Who asks, as far as every record must know it: who really sits at the keyboard, and from which address.

The middleware says it for a request, the worker for a job that such a request put. Whatever writes down what happened
(`activity`) reads it here, so that no action can forget to name somebody who acts as another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asking:
    """`really_by`: the id of the user at the keyboard while they act as another, else None. `address`: where the
    request came from, as `addresses.client_address` found it; None where nobody knows, or the clock asked."""

    really_by: int | None = None
    address: str | None = None


NOBODY = Asking()

_asking: ContextVar[Asking] = ContextVar("astro_asking", default=NOBODY)


def asking() -> Asking:
    """Of this request or job."""
    return _asking.get()


@contextmanager
def asked(*, really_by: int | None = None, address: str | None = None) -> Iterator[None]:
    """`with asked(really_by=…, address=…):` everything recorded inside names both."""
    token = _asking.set(Asking(really_by, address))
    try:
        yield
    finally:
        _asking.reset(token)
