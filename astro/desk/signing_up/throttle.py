"""How often somebody may sign up, and try the password of a link. allauth counts, as for signing in."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from astro.accounts.errors import TooManyTries
from astro.accounts.throttle import seconds_to_wait

APP = "astro.desk"
LIMITS = {"sign_up": "10/1h/ip,300/1h/key", "confirm": "10/1h/key"}
"""Forms by where they come from, and all of them together; passwords by the link."""

EVERYBODY = "everybody"


def count(request: HttpRequest, action: str, *, key: str = EVERYBODY) -> None:
    """Raises `TooManyTries`."""
    if ratelimit.consume(request, app=APP, action=action, config=LIMITS, key=key) is None:
        raise TooManyTries(seconds=seconds_to_wait(request, key=key, app=APP, action=action, config=LIMITS))
