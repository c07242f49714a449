"""What support does by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from astro.kit.outbox.handlers import every, handles
from astro.support.watching import watch


@every(minutes=1)
@handles("support.watch")
def watch_parts(payload: dict[str, Any], *, now: datetime) -> None:
    """Writes down what works and what does not."""
    watch(now=now)
