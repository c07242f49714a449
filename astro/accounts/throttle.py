"""How often somebody may try a password or ask for a letter, and how long they wait after too many tries.

allauth counts (wrong passwords by `ACCOUNT_RATE_LIMITS["login_failed"]`, the rest by `LIMITS`) and keeps the moments of
the tries in the cache; what it does not tell is when the next try will be let through.
"""

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

from astro.accounts.errors import TooManyTries

View = Callable[..., HttpResponseBase]

APP, ACTION = "allauth.account", "login_failed"
OURS = "astro.accounts"
LIMITS = {"forgotten": "20/1h/ip,5/1h/key", "export": "60/1h/key"}
"""By where it came from, and by what was typed, whoever's it is or nobody's; exports by the person."""


def seconds_to_wait(
    request: HttpRequest, *, key: str, app: str = APP, action: str = ACTION, config: dict[str, str] | None = None
) -> int:
    """Until the oldest counted try is forgotten, for every limit that is reached; at least 1.

    `config` has the limits of another door than the staff's, by `action`.
    """
    waits = [1]
    now = time.time()
    for rate in ratelimit.get_rates(app=app, action=action, config=config):
        tries = cache.get(ratelimit.get_cache_key(request, app=app, action=action, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            waits.append(math.ceil(tries[-1] + rate.duration - now))
    return max(waits)


def count_try(request: HttpRequest, action: str, *, key: str) -> None:
    """Count this try. Raises `TooManyTries`."""
    if ratelimit.consume(request, app=OURS, action=action, config=LIMITS, key=key, limit_get=True) is None:
        raise TooManyTries(seconds=seconds_to_wait(request, key=key, app=OURS, action=action, config=LIMITS))


def an_export(view: View) -> View:
    """A whole list as a file. Below the guard and the methods: no person takes more in an hour than work can need, so
    that a stolen session does not carry everything away in a minute. Raises `TooManyTries`."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        count_try(request, "export", key=str(request.user.pk))
        return view(request, *args, **kwargs)

    counted.is_export = True  # type: ignore[attr-defined]
    return counted
