"""Staying signed in to the app: a cookie of its own, which the staff's pages never read, and its row.

The browser holds a random key, the row its hash: who reads our table cannot play the customer.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from astro.customer_app.models import AppAccount, AppSession

COOKIE = "astro_app"
PATH = "/app/"
IDLE = timedelta(days=90)
"""Signed in for so long after the last visit."""

NOTED_EVERY = timedelta(days=1)
"""A visit is written down so often, so that looking at a page is not a write each time."""


def start_session(account: AppAccount, *, at_retailer: int | None, now: datetime) -> str:
    """Sign in on one device; the key is for its cookie alone."""
    key = secrets.token_urlsafe(32)
    AppSession.objects.create(
        account=account,
        key_hash=hash_of(key),
        created_at=now,
        last_seen_at=now,
        ends_at=now + IDLE,
        at_retailer=at_retailer,
    )
    return key


def find_session(request: HttpRequest, *, now: datetime) -> AppSession | None:
    """The living session of this browser, with its account."""
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return None
    rows = AppSession.objects.filter(key_hash=hash_of(key), ends_at__gt=now)
    return rows.select_related("account").first()


def keep_alive(session: AppSession, *, now: datetime) -> bool:
    """Note the visit once a day; whether it was noted now, so that the cookie is to be written anew as well."""
    if now - session.last_seen_at < NOTED_EVERY:
        return False
    with transaction.atomic():
        noted = AppSession.objects.filter(pk=session.pk).update(last_seen_at=now, ends_at=now + IDLE)
    return noted == 1


def end_session(request: HttpRequest) -> None:
    """Sign out here."""
    AppSession.objects.filter(key_hash=hash_of(request.COOKIES.get(COOKIE, ""))).delete()


def end_all(account: AppAccount) -> None:
    """Sign out everywhere."""
    AppSession.objects.filter(account=account).delete()


def hash_of(key: str) -> str:
    """A plain hash is enough: 256 random bits cannot be tried out."""
    return hashlib.sha256(key.encode()).hexdigest()


def write_cookie(response: HttpResponse, *, key: str) -> None:
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(IDLE.total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
