"""What happens to accounts by the clock."""

from datetime import datetime, time
from typing import Any

from astro.accounts.models import StaffSession
from astro.kit.outbox.handlers import daily, handles


@daily(at=time(9))
@handles("accounts.sweep_sessions")
def sweep_sessions(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets sessions that are past their date; nobody can use them any more, they only take room."""
    StaffSession.objects.filter(expire_date__lt=now).delete()
