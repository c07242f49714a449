"""What the record of events has done by the clock: sealing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from astro.activity.seals import PAUSE, Next, next_seal, stores_with_news, write_seal
from astro.kit.outbox.handlers import every, handles
from astro.kit.outbox.queue import Job, put, put_all

SEAL_STORE = "activity.seal_store"


def look_for_news(payload: dict[str, Any], *, now: datetime) -> list[int]:
    """Where something waits to be sealed."""
    return stores_with_news(until=now - PAUSE)


@every(minutes=1)
@handles("activity.seal", after=look_for_news)
def seal_news(payload: dict[str, Any], *, seen: list[int], now: datetime) -> None:
    """Has each of these stores sealed; where nothing happened nothing is done."""
    put_all([Job(SEAL_STORE, {"retailer": one}, one) for one in seen], now=now)


def work_out(payload: dict[str, Any], *, now: datetime) -> Next | None:
    """Reads and reckons outside of any transaction: on SQLite an open one would keep the tills waiting."""
    return next_seal(payload["retailer"], now=now)


@handles(SEAL_STORE, after=work_out)
def seal_store(payload: dict[str, Any], *, seen: Next | None, now: datetime) -> None:
    """One seal; another one at once where a minute was too busy for one."""
    if seen is not None and write_seal(seen) and seen.more:
        put(SEAL_STORE, payload, retailer_id=payload["retailer"], now=now)
