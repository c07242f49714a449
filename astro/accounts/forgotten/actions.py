"""Asking for a link, sending it, and using it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts import letters
from astro.accounts.errors import LinkUsedUp
from astro.accounts.forgotten.links import make_token, user_of
from astro.accounts.models import User, as_login
from astro.accounts.passwords import set_password
from astro.accounts.queries import living_memberships
from astro.kit.outbox import queue

ASKED = "accounts.password_forgotten"
"""The outbox row of somebody who forgot their password; its payload: `login`, as it was typed."""


def ask_new_password(typed: str, *, now: datetime) -> None:
    """Have the worker see whose this is. Whoever it is, and if nobody's, this does the same."""
    queue.put(ASKED, {"login": as_login(typed)}, retailer_id=queue.PLATFORM, now=now)


def send_link(typed: str, *, now: datetime) -> None:
    """The letter for whoever signs in so. Nobody gets one who is unknown, shut out or has no address."""
    try:
        user = User.objects.get_by_natural_key(typed)
    except User.DoesNotExist:
        return
    if not user.is_active or not user.email:
        return
    if user.is_support or living_memberships(user):
        letters.new_password(user, token=make_token(user), now=now)
    elif user.memberships.exists():
        letters.no_access_any_more(user, now=now)


@transaction.atomic
def use_link(token: str, *, password: str, now: datetime) -> User:
    """Set the password. Signs nobody in: the sign-in page asks for the second step where there is one.

    Raises `LinkUsedUp`, and ValidationError for a poor password.
    """
    user = user_of(token, to_change=True)
    if user is None:
        raise LinkUsedUp
    set_password(user, password, by=user, now=now)
    return user
