"""The dead man's switch outside: while all schedules are in time, the worker asks for an address once a minute.

Whoever watches there (healthchecks.io, or anything that counts calls) raises the alarm when the calls stop: because the
worker is dead, the database away, the machine off, or a schedule late. So nothing here has to be alive to be missed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import requests

from astro.kit.outbox.schedules import late_schedules

PAUSE = timedelta(minutes=1)
PATIENCE = 5.0
"""Seconds for connecting, and for the first word of the answer; the rest of it is not read."""

log = logging.getLogger(__name__)


class Heartbeat:
    """Called after each round of the worker. An address that does not answer is told in the log, and holds up nothing
    for longer than twice `PATIENCE`."""

    def __init__(self, address: str, *, ask: Callable[[str], int] | None = None) -> None:
        self.address, self.ask = address, ask or _ask
        self.asked_at: datetime | None = None
        self.told: object = None

    def __call__(self, now: datetime) -> bool:
        """Whether the address was asked for and said yes."""
        if not self.address or (self.asked_at and self.asked_at <= now < self.asked_at + PAUSE):
            return False
        self.asked_at = now
        if late := late_schedules(now=now):
            self._tell_once(tuple(late), "No heartbeat: %s late.", ", ".join(late))
            return False
        try:
            status = self.ask(self.address)
        except requests.RequestException as problem:
            self._tell_once(type(problem), "The heartbeat's address does not answer (%s).", type(problem).__name__)
            return False
        if not 200 <= status < 300:
            self._tell_once(status, "The heartbeat's address answers with status %s.", status)
            return False
        self.told = None
        return True

    def _tell_once(self, what: object, sentence: str, *values: object) -> None:
        """The address is a secret of its own, so it is not told; and the same trouble not every minute."""
        if what != self.told:
            log.warning(sentence, *values)
        self.told = what


def _ask(address: str) -> int:
    with requests.get(address, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
        return answer.status_code
