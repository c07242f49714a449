"""How often somebody may try a password, or ask for a new one. allauth counts, as for the staff's sign-in."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from astro.accounts.throttle import seconds_to_wait
from astro.customer_app.errors import TooManyTries

APP = "astro.customer_app"
LIMITS = {"sign_in": "20/10m/ip,20/10m/key", "forgot": "20/1h/ip,5/1h/key"}


def count_try(request: HttpRequest, action: str, *, key: str) -> ratelimit.RateLimitUsage:
    """Count this try, by what was typed and by where it came from; raises `TooManyTries`.

    `rollback()` on what comes back takes it off the count again: a right password was no try.
    """
    usage = ratelimit.consume(request, app=APP, action=action, config=LIMITS, key=key)
    if usage is None:
        raise TooManyTries(seconds=seconds_to_wait(request, key=key, app=APP, action=action, config=LIMITS))
    return usage
