"""Whether the activity logs are sealed, looked at by the clock: `/metrics` asks nothing across all stores."""

from __future__ import annotations

from datetime import datetime

from astro.activity.queries import unsealed_since
from astro.desk.operating.milestones import SEALS, note_milestone


def look_at_seals(*, now: datetime) -> None:
    """Notes until when everything is sealed. The caller has opened a transaction."""
    since = unsealed_since()
    note_milestone(SEALS, {"unsealed_since": since.isoformat() if since else None}, now=now)
