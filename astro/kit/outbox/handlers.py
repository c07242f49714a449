"""Who does what: functions in the `jobs.py` of each module, found by the kind of the row.

    @every(minutes=10)                                  # only for what comes by the clock
    @handles("outbox.sweep")
    def sweep_outbox(payload: dict[str, Any], *, now: datetime) -> None: ...

A handler runs in a transaction of its own, inside the row's retailer. It takes ids, fetches, calls one action, and is
safe to run twice. To fail is to raise.

Who has much to read before there is little to write lets `@handles(kind, after=look)` read first: outside of any
transaction, because on SQLite an open one keeps every till waiting. What `look` returns comes to the handler as `seen`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import autodiscover_modules, import_string

from astro.kit.outbox.rhythms import Daily, Every, Rhythm


class Handler(Protocol):
    """Takes the payload and the moment at which the row was taken up."""

    def __call__(self, payload: dict[str, Any], /, *, now: datetime) -> None: ...


class LookingHandler(Protocol):
    """Takes also what was seen before its transaction began."""

    def __call__(self, payload: dict[str, Any], /, *, seen: Any, now: datetime) -> None: ...


class Look(Protocol):
    """Reads, in no transaction and no retailer, until the handler knows enough."""

    def __call__(self, payload: dict[str, Any], /, *, now: datetime) -> Any: ...


H = TypeVar("H", bound=Handler | LookingHandler)

_handlers: dict[str, Any] = {}
_looks: dict[str, Look] = {}
_rhythms: dict[str, Rhythm] = {}


class UnknownKind(LookupError):
    """No `jobs.py` handles rows of this kind: a slip of the pen, or a row of a newer release."""


def handles(kind: str, *, after: Look | None = None) -> Callable[[H], H]:
    """Mark a function as the one that does rows of this kind. A second one for the same kind raises ValueError."""

    def mark(handler: H) -> H:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"Two functions handle {kind!r}.")
        if after is not None:
            _looks[kind] = after
        return handler

    return mark


def every(*, hours: int = 0, minutes: int = 0, seconds: int = 0) -> Callable[[H], H]:
    """Also do it by the clock, each so many hours, minutes, seconds, counted from midnight UTC of 1970."""
    return _by_the_clock(Every(timedelta(hours=hours, minutes=minutes, seconds=seconds)))


def daily(at: time, zone: str = "UTC") -> Callable[[H], H]:
    """Also do it by the clock, each day at that time of that zone."""
    return _by_the_clock(Daily(at, ZoneInfo(zone)))


def handler_of(kind: str) -> Any:
    """The function for rows of this kind. Raises `UnknownKind`."""
    _discover()
    try:
        return _handlers[kind]
    except KeyError:
        raise UnknownKind(f"Nothing handles {kind!r}.") from None


def look_of(kind: str) -> Look | None:
    """What reads before the handler of this kind, if anything does."""
    return _looks.get(kind)


def rhythms() -> dict[str, Rhythm]:
    """What comes by the clock: the rhythm of each such kind."""
    _discover()
    return dict(_rhythms)


def scope_of(retailer_id: int) -> AbstractContextManager[Any]:
    """Inside which retailer a handler stands. Named in settings, since retailers are above this module."""
    within: Callable[[int], AbstractContextManager[Any]] = import_string(settings.OUTBOX_SCOPE)
    return within(retailer_id)


def _by_the_clock(rhythm: Rhythm) -> Callable[[H], H]:
    def mark(handler: H) -> H:
        kinds = [kind for kind, known in _handlers.items() if known is handler]
        if len(kinds) != 1:
            raise ValueError("Only a function that handles one kind can come by the clock: write `@handles` below.")
        _rhythms[kinds[0]] = rhythm
        return handler

    return mark


@cache
def _discover() -> None:
    autodiscover_modules("jobs")
