"""What a channel is: it composes a message while the database is open, and sends it after that has been committed.

compose   inside the retailer and the transaction that marks the delivery as being sent; may still say no
send      outside of any transaction, with nothing but what was composed; at most once for each attempt
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from astro.messaging.models import Delivery


class NotAllowed(Exception):
    """It must not go: the customer stopped it, the store has not told its address. The sentence is for the store."""


class Refused(Exception):
    """The other side said no for good. `is_dead`: the address itself cannot be reached, now or ever."""

    def __init__(self, why: str, *, is_dead: bool = False, has_stopped: bool = False) -> None:
        super().__init__(why)
        self.is_dead = is_dead
        self.has_stopped = has_stopped


class TryLater(Exception):
    """Nothing has left the house: the line was busy, the other side asked to wait (`after`)."""

    def __init__(self, why: str, *, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class Unclear(Exception):
    """It may have gone, and nobody can say: the answer never came. It is not sent again."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to go, without anything of the database in it."""

    to: str
    sender: str
    text: str
    subject: str = ""
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken it. `provider_id` is its own name for it."""

    provider_id: str = ""
    segments: int | None = None


class Sender(Protocol):
    """One channel. `is_set_up` False: there is nobody to give it to, so it is kept in the local mailbox."""

    def is_set_up(self) -> bool: ...

    def compose(self, delivery: Delivery, *, now: datetime) -> Composed:
        """Raises `NotAllowed`."""

    def send(self, message: Composed) -> Sent:
        """Raises `Refused`, `TryLater`, `Unclear`."""
