"""How long somebody must wait after too many wrong passwords.

allauth counts (`ACCOUNT_RATE_LIMITS["login_failed"]`) and keeps the moments of the tries in the cache; what it does not
tell is when the next try will be let through.
"""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

APP, ACTION = "allauth.account", "login_failed"


def seconds_to_wait(request: HttpRequest, *, key: str) -> int:
    """Until the oldest counted try is forgotten, for every limit that is reached; at least 1."""
    waits = [1]
    now = time.time()
    for rate in ratelimit.get_rates(app=APP, action=ACTION):
        tries = cache.get(ratelimit.get_cache_key(request, app=APP, action=ACTION, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            waits.append(math.ceil(tries[-1] + rate.duration - now))
    return max(waits)
