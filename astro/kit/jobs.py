"""What kit itself does after a commit, or by the clock."""

from datetime import datetime
from typing import Any

from astro.kit.mail import SEND, send_waiting
from astro.kit.outbox import queue
from astro.kit.outbox.handlers import every, handles


@every(minutes=1)
@handles("outbox.sweep")
def sweep_outbox(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets old finished rows. As it comes each minute, it also shows that a worker is at work."""
    queue.sweep(now=now)


@handles(SEND)
def send_plain_mail(payload: dict[str, Any], *, now: datetime) -> None:
    """Sends one mail to staff or operators after this transaction, unless it has left."""
    send_waiting(payload["mail"], now=now)
