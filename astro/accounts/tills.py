"""What the browser of a till holds: a signed cookie with retailer, till and a secret of 256 bits."""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PLAIN = "astro_device"
COOKIE = f"__Host-{PLAIN}" if settings.HTTPS else PLAIN
"""With HTTPS no neighbour under the same domain can plant one (decision 19). Tills that were enrolled before still hold
the plain one: it is read, and written anew under the other name at the next sign-in."""

SALT = "astro.accounts.device"
LONGEST = 60 * 60 * 24 * 400
"""Seconds; browsers keep no cookie longer. It is renewed at every sign-in."""


@dataclass(frozen=True)
class TillCookie:
    retailer_id: int
    device_id: int
    secret: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """A plain hash is enough: 256 random bits cannot be tried out."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_cookie(request: HttpRequest) -> TillCookie | None:
    """The cookie, if it is one that we signed."""
    text = next(
        filter(None, (request.get_signed_cookie(name, default=None, salt=SALT) for name in (COOKIE, PLAIN))), None
    )
    if text is None:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not parts[0].isdecimal() or not parts[1].isdecimal():
        return None  # signed by an Astro that wrote it in another way
    return TillCookie(int(parts[0]), int(parts[1]), parts[2])


def write_cookie(response: HttpResponse, *, cookie: TillCookie) -> None:
    response.set_signed_cookie(
        COOKIE,
        f"{cookie.retailer_id}.{cookie.device_id}.{cookie.secret}",
        salt=SALT,
        max_age=LONGEST,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: HttpResponse) -> None:
    for name in {COOKIE, PLAIN}:
        response.delete_cookie(name, samesite="Lax")
