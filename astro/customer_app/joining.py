"""What a link to the app opens.

A link proves that whoever opens it reads the address that it was sent to; it signs nobody in. It sets a password where
there is none yet. Where there is one, whoever has the link must know it, or must have asked for a new one at a store
that shows them its cards: a link that somebody finds in an old mail, or that another store had sent, opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from astro.customer_app.models import AppAccount
from astro.customer_app.passwords import may_reset
from astro.customer_app.queries import account_of, customer_told, link_of, stores_of
from astro.customers.models import Customer
from astro.messaging.links import Told


class Door(StrEnum):
    """How a link lets in."""

    OPEN = "open"
    """There is no account with this address, or one that shows no store's cards: nothing is there to take over."""

    RESET = "reset"
    """Its owner asked for a new password."""

    LOCKED = "locked"
    """There is an account; this store's cards come to it for its password."""

    SIGN_IN = "sign in"
    """This store's cards are in the account already."""


@dataclass(frozen=True, slots=True)
class Joining:
    """A link that was opened: whose it is, the account of their address if there is one, and the way in."""

    customer: Customer
    account: AppAccount | None
    door: Door


def joining(told: Told, *, made_at: datetime, now: datetime) -> Joining:
    """What this link opens, at the current retailer. Raises `LinkNoLongerYours` and `PracticeHasNoApp`."""
    customer = customer_told(told)
    account = account_of(customer.email_folded)
    return Joining(customer, account, _door(customer, account, made_at=made_at, now=now))


def _door(customer: Customer, account: AppAccount | None, *, made_at: datetime, now: datetime) -> Door:
    if account is None:
        return Door.OPEN
    link = link_of(account)
    if link is not None and link.customer_id == customer.pk:
        return Door.RESET if may_reset(account, link_made_at=made_at, now=now) else Door.SIGN_IN
    return Door.LOCKED if stores_of(account) else Door.OPEN
