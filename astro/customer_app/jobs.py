"""What happens to app accounts by the clock."""

from datetime import datetime, time
from typing import Any

from astro.customer_app.models import AppSession
from astro.kit.outbox.handlers import daily, handles


@daily(at=time(9))
@handles("customer_app.sweep_sessions")
def sweep_sessions(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets sessions that nobody came back to in time."""
    AppSession.objects.filter(ends_at__lte=now).delete()
