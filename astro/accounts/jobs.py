"""What happens to accounts by the clock."""

from datetime import datetime, time
from typing import Any

from astro.accounts.acting.closing import close_what_is_over, stores_with_ends
from astro.accounts.forgotten.actions import ASKED, send_link
from astro.accounts.models import StaffSession
from astro.kit.outbox.handlers import daily, every, handles
from astro.kit.outbox.queue import Job, put_all

CLOSE = "accounts.close_actings_of_store"


@daily(at=time(9))
@handles("accounts.sweep_sessions")
def sweep_sessions(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets sessions that are past their date; nobody can use them any more, they only take room."""
    StaffSession.objects.filter(expire_date__lt=now).delete()


def look_for_ends(payload: dict[str, Any], *, now: datetime) -> list[int]:
    """Where somebody acts no longer, and nothing says so yet."""
    return stores_with_ends(now=now)


@every(minutes=1)
@handles("accounts.close_actings", after=look_for_ends)
def close_actings(payload: dict[str, Any], *, seen: list[int], now: datetime) -> None:
    """Has each of these stores write it down."""
    put_all([Job(CLOSE, {}, one) for one in seen], now=now)


@handles(CLOSE)
def close_actings_of_store(payload: dict[str, Any], *, now: datetime) -> None:
    """Acting that nobody came back to end. Twice changes nothing."""
    close_what_is_over(now=now)


@handles(ASKED)
def send_new_password_link(payload: dict[str, Any], *, now: datetime) -> None:
    """Writes to whoever signs in with what was typed, if there is anybody, and if they have an address."""
    send_link(payload["login"], now=now)
