"""How often somebody may write to us. allauth counts, as for signing in."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from astro.accounts.throttle import seconds_to_wait
from astro.support.errors import TooManyTickets

APP = "astro.support"
LIMITS = {"stranger": "5/1h/ip,100/1h/key", "staff": "20/1h/key"}
"""Who is not signed in is counted by where they come from, and all of them together; staff each by themselves."""

EVERYBODY = "everybody"


def count_ticket(request: HttpRequest, *, user_id: int | None) -> None:
    """Raises `TooManyTickets`."""
    action, key = ("staff", str(user_id)) if user_id else ("stranger", EVERYBODY)
    if ratelimit.consume(request, app=APP, action=action, config=LIMITS, key=key) is None:
        seconds = seconds_to_wait(request, key=key, app=APP, action=action, config=LIMITS)
        raise TooManyTickets(seconds=seconds)
