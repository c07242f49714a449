"""What kit itself does after a commit, or by the clock."""

from datetime import datetime
from typing import Any

from astro.kit.outbox import queue
from astro.kit.outbox.handlers import every, handles


@every(minutes=1)
@handles("outbox.sweep")
def sweep_outbox(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets old finished rows. As it comes each minute, it also shows that a worker is at work."""
    queue.sweep(now=now)
