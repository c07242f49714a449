"""The local mailbox: what would have been sent, kept where people who work here can read it.

A newcomer without a mail server sees what customers would get; messages to the practice customer end here always.
"""

from __future__ import annotations

from datetime import datetime

from astro.messaging.channels import Composed
from astro.messaging.models import Delivery, KeptMessage


def keep(delivery: Delivery, message: Composed, *, now: datetime) -> KeptMessage:
    """Put a message into the current retailer's mailbox, whole, as it would have gone."""
    kept = KeptMessage(
        delivery=delivery,
        sender=message.sender[:300],
        subject=message.subject[:300],
        headers=message.headers,
        text=message.text,
        html=message.html,
        kept_at=now,
    )
    kept.save(force_insert=True)
    return kept
