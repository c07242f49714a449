"""What goes out for a store whose account rests.

What a customer's own act asks for always goes: the word that they are left alone now, the answer to HELP, the link to
their app. Anything else waits while the store is held or past its trial, a week at most, because a greeting from long
ago is worse than none; for a cancelled store it is not sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from astro.messaging.models import Delivery, MessageKind
from astro.tenancy.models import AccountState, Retailer

ALWAYS = frozenset({MessageKind.STOPPED, MessageKind.UNSUBSCRIBED, MessageKind.HELP, MessageKind.APP_LINK})
LOOKS_AGAIN = timedelta(hours=1)
WAITS = timedelta(days=7)


def why_never(delivery: Delivery, *, now: datetime) -> str:
    """Why it is not sent at all, in words for the store; empty where it is sent, now or later."""
    if delivery.kind in ALWAYS:
        return ""
    store = delivery.retailer
    if store.state == AccountState.CANCELLED:
        return _("The store's account is cancelled.")
    if _waits(store, now) and now - delivery.created_at > WAITS:
        return _("The store's account rested for longer than a week.")
    return ""


def must_wait(delivery: Delivery, *, now: datetime) -> bool:
    return delivery.kind not in ALWAYS and _waits(delivery.retailer, now)


def _waits(store: Retailer, now: datetime) -> bool:
    return store.held_at is not None or store.has_lapsed(now)
