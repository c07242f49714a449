"""Ids: whole numbers of 63 bits that the application makes, in the order of time.

    | 41 bits: milliseconds since 2024 | 22 bits: random start, then one up |

Made here and not by the database, so that they are the same on every engine, a bulk insert needs nothing back, and a
row can name another one before either is written. The first id of a millisecond gets a random tail, the next ones in
the same process count up from it; a process never gives out a smaller id than before, even when its clock is set back.

Two processes that start a run in the same millisecond overlap about twice in a million times. Where `id` alone must be
unique the writer tries once more with new ids; tenant tables are unique by `(retailer_id, id)` and hardly ever notice.
The 41 bits last until 2093.

An id is not a secret: its neighbours can be guessed. `new_uuid7` is for keys that are made outside (RFC 9562).
"""

import os
import secrets
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
TAIL_BITS = 22
MAX_ID = 2**63 - 1


class _Counter:
    """The last id of this process, and the lock that guards it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = 0

    def take(self, count: int) -> range:
        with self.lock:
            fresh = (max(0, _milliseconds() - EPOCH_MS) << TAIL_BITS) | secrets.randbits(TAIL_BITS)
            # The same millisecond, or a clock that was set back: go on counting.
            moved_on = fresh >> TAIL_BITS > self.last >> TAIL_BITS
            first = fresh if moved_on else self.last + 1
            self.last = first + count - 1
            if self.last > MAX_ID:
                raise OverflowError("The clock stands beyond 2093; ids of 63 bits end there.")
            return range(first, first + count)


_counter = _Counter()


def _forget() -> None:
    """A forked process starts over: else it would count up from its parent's last id, as the parent does."""
    global _counter
    _counter = _Counter()


os.register_at_fork(after_in_child=_forget)


def new_id() -> int:
    """An id that is larger than every id this process made before."""
    return _counter.take(1)[0]


def new_ids(count: int) -> range:
    """`count` ids in a row, for a bulk insert. Raises ValueError when `count` is negative."""
    if count < 0:
        raise ValueError("A number of ids is 0 or more.")
    return _counter.take(count) if count else range(0)


def first_id_of(moment: datetime) -> int:
    """The smallest id that can have been made at that moment: what is younger has a larger one."""
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return max(milliseconds - EPOCH_MS, 0) << TAIL_BITS


def id_text(row_id: int) -> str:
    """An id as JSON and HTML attributes carry it: a number of JavaScript ends at 53 bits."""
    return str(row_id)


def new_uuid7(now: datetime) -> UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, the rest random."""
    if now.tzinfo is None:
        raise ValueError("A UUIDv7 needs a moment with a time zone.")
    milliseconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return UUID(int=value)


class IdField(models.BigIntegerField):
    """The primary key of every table: made by us, known before the row is saved, never an identity column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(primary_key=True, default=new_id, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for settled in ("primary_key", "default", "editable"):
            kwargs.pop(settled, None)
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """SQLite keeps a table by its rowid, and only a key declared `integer` is the rowid itself."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
