"""Links that stand in messages: signed, each for one purpose, and none of them signs anybody in.

A link names a retailer, a customer and the hash of the address it was sent to; whoever opens it proves that they read
that address, nothing more. It is signed with the lasting key, because a link to unsubscribe works for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.kit.errors import DomainError

LONGEST = 500
VERIFIES_FOR = timedelta(days=30)


class Purpose(StrEnum):
    """What a link is for; one made for another purpose cannot be read."""

    VERIFY = "verify"
    UNSUBSCRIBE = "unsubscribe"
    RETURN = "return"
    """Back onto the mailing list, from the mail that confirms leaving it."""
    APP = "app"


LIVES_FOR = {Purpose.VERIFY: VERIFIES_FOR, Purpose.RETURN: VERIFIES_FOR, Purpose.APP: VERIFIES_FOR}
"""The others live for ever."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a link says: whose it is, and the hash of the address that it was sent to."""

    retailer_id: int
    customer_id: int
    channel: str
    address_hash: str


class LinkTooOld(DomainError):
    """The link was right once."""

    def __init__(self) -> None:
        super().__init__(_("This link is too old. Ask the store to send you a new one."), status=410)


class BrokenLink(DomainError):
    """Cut off, changed, made for something else, or never ours."""

    def __init__(self) -> None:
        super().__init__(_("This link is not whole. Open it again from the message, or copy all of it."), status=404)


def whole_address(route: str, *args: Any) -> str:
    """The address of a page of ours, as it stands in a message."""
    return f"{settings.PUBLIC_URL}{reverse(route, args=args)}"


def make_link(purpose: Purpose, told: Told) -> str:
    """The signed part of an address, of letters, digits, `-`, `_` and `:`."""
    return _signer(purpose).sign_object([told.retailer_id, told.customer_id, told.channel, told.address_hash])


def read_link(purpose: Purpose, token: str) -> Told:
    """What this link says. Raises `LinkTooOld` and `BrokenLink`."""
    if len(token) > LONGEST:
        raise BrokenLink
    try:
        told: Any = _signer(purpose).unsign_object(token, max_age=LIVES_FOR.get(purpose))
    except signing.SignatureExpired:
        raise LinkTooOld from None
    except (signing.BadSignature, ValueError):
        raise BrokenLink from None
    retailer_id, customer_id, channel, address_hash = told
    return Told(retailer_id, customer_id, channel, address_hash)


def made_at(token: str) -> datetime:
    """When a link was made, to the second; only for one that `read_link` has read."""
    return datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), tz=UTC)


def _signer(purpose: Purpose) -> signing.TimestampSigner:
    return signing.TimestampSigner(key=settings.LASTING_KEY, fallback_keys=[], salt=f"astro.messaging.{purpose}")
