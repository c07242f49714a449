"""How often a code may be tried, and that none is taken twice.

Six digits are a million: without a limit they are found. Each person has their own count, whoever tries and from where;
a right one forgets it.
"""

from __future__ import annotations

import math

from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from astro.accounts.models import User
from astro.accounts.throttle import seconds_to_wait

APP, ACTION = "astro.accounts.second_step", "code"
LIMITS = {ACTION: "10/10m/key,50/1d/key"}
TOO_MANY = "too_many_codes"


def count_try(request: HttpRequest, *, user: User) -> None:
    """Raises ValidationError where there were too many; right or wrong, the code is not looked at then."""
    if ratelimit.consume(request, app=APP, action=ACTION, config=LIMITS, key=str(user.pk)) is not None:
        return
    seconds = seconds_to_wait(request, key=str(user.pk), app=APP, action=ACTION, config=LIMITS)
    minutes = math.ceil(seconds / 60)
    sentence = ngettext(
        "There were too many tries with a wrong code. Wait %(minutes)d minute, then try again.",
        "There were too many tries with a wrong code. Wait %(minutes)d minutes, then try again.",
        minutes,
    )
    raise ValidationError(sentence, code=TOO_MANY, params={"minutes": minutes, "seconds": seconds})


def forget_tries(request: HttpRequest, *, user: User) -> None:
    ratelimit.clear(request, app=APP, action=ACTION, config=LIMITS, key=str(user.pk))


def is_first_use(code: str, *, user: User) -> bool:
    """Whether this code of an app was not taken before. allauth remembers it for one period; ours is good for a period
    before and after its own too."""
    lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 2)
    return bool(cache.add(f"second-step-used:{user.pk}:{normalize_user_code(code)}", "yes", timeout=lasts))
