"""Whether a password is right, and when a link may set a new one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import hashers

from astro.customer_app.models import AppAccount
from astro.kit.passwords.policy import normalized

RESET_LIVES = timedelta(days=1)
"""How long a link to set a new password works, from when it was sent."""

ASKED_AGAIN_AFTER = timedelta(minutes=2)
"""Sooner, asking again sends nothing: the first mail is on its way."""


def hashed(password: str) -> str:
    """What is kept of a password. The same characters typed on another system are the same one."""
    return hashers.make_password(normalized(password))


def is_right(account: AppAccount | None, password: str) -> bool:
    """One hash whether there is such an account or not, so that the time it takes does not tell who has one."""
    if account is None:
        hashed(password)
        return False
    return hashers.check_password(normalized(password), account.password)


def may_reset(account: AppAccount, *, link_made_at: datetime, now: datetime) -> bool:
    """Whether a link made then may set a new password: only one sent after its owner asked, and only once.

    Setting a password ends the asking, so a link that was used, and every older one, opens nothing any more. A link
    knows when it was made to the second only.
    """
    asked = account.reset_asked_at
    return asked is not None and asked.replace(microsecond=0) <= link_made_at and now < link_made_at + RESET_LIVES
