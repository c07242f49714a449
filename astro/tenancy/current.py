"""Whose data this moment may touch.

One context variable, five states: nobody (tables of retailers raise), one retailer, the platform (writes rows that
are everyone's, such as a brand's programs), or everywhere (reads only, rare, with its reason). Requests get theirs
from the middleware, outbox rows from the worker; everything else says `with retailer(r):`.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Final

PLATFORM: Final = 0
EVERYWHERE: Final = -1

_scope: ContextVar[int | None] = ContextVar("astro_scope", default=None)


class NoRetailer(RuntimeError):
    """A retailer's table was asked for while no retailer was current."""


class OtherRetailer(RuntimeError):
    """A row, or a relation of it, belongs to another retailer than the current one."""


class ReadsOnly(RuntimeError):
    """Something was to be written while looking across retailers."""


def scope() -> int | None:
    """The current retailer's id, PLATFORM, EVERYWHERE, or None for nobody."""
    return _scope.get()


def current_retailer_id() -> int | None:
    """The id that a new row gets: the retailer's, None for the platform's own rows. Raises when nobody may write."""
    now = _scope.get()
    if now is None:
        raise NoRetailer("Nobody's row: say `with retailer(...)` before making one.")
    if now == EVERYWHERE:
        raise ReadsOnly("Looking across retailers only reads.")
    return now or None


@contextmanager
def within(retailer_id: int) -> Iterator[None]:
    """Stand inside one retailer, by id; 0 is the platform. The worker's way in."""
    if retailer_id < 0:
        raise ValueError("A retailer's id is positive.")
    token = _scope.set(retailer_id)
    try:
        yield
    finally:
        _scope.reset(token)


def retailer(who: Any) -> AbstractContextManager[None]:
    """`with retailer(huxley):` everything inside sees and writes that retailer's rows only."""
    if not who.pk:
        raise NoRetailer("This retailer has no id yet.")
    return within(who.pk)


def platform(why: str) -> AbstractContextManager[None]:
    """`with platform("why"):` writes rows that belong to everyone; no retailer's rows are in reach."""
    if not why:
        raise ValueError("Say why.")
    return within(PLATFORM)


@contextmanager
def across_retailers(why: str) -> Iterator[None]:
    """`with across_retailers("why"):` reads every retailer's rows; writes are refused on every engine."""
    if not why:
        raise ValueError("Say why.")
    token = _scope.set(EVERYWHERE)
    try:
        yield
    finally:
        _scope.reset(token)
