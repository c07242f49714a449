"""Between the password and the second step: whose password is changed meanwhile, begins again with the new one."""

from __future__ import annotations

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from astro.accounts.models import User

SHOWN = "password_shown"
"""Under this name in the session: what Django keeps of a password, as in one that is signed in."""


def note_password(request: HttpRequest, *, user: User) -> None:
    """Keep which password was right, where the second step is still to come."""
    if LOGIN_SESSION_KEY in request.session:
        request.session[SHOWN] = user.get_session_auth_hash()


def is_password_the_same(request: HttpRequest, *, user: User) -> bool:
    return constant_time_compare(request.session.get(SHOWN, ""), user.get_session_auth_hash())
