"""What is sent, and looked after, once it has been committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from astro.customers.consent.asking import SEND_REQUEST
from astro.kit.outbox.handlers import handles
from astro.messaging.actions import request_app_link, send_request
from astro.messaging.deliveries import DELIVER
from astro.messaging.sending import SETTLE, deliver, settle


@handles(SEND_REQUEST)
def request_consent(payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody at the till asked for the Welcome Email or the SMS Opt In Text to be sent."""
    send_request(
        payload["customer"], payload["channel"], payload["address_hash"], by=payload["by"], at=payload["at"], now=now
    )


@handles("messaging.app_link")
def send_app_link(payload: dict[str, Any], *, now: datetime) -> None:
    """A customer wants to set a (new) password for the app."""
    request_app_link(payload["customer"], now=now)


@handles(DELIVER)
def deliver_message(payload: dict[str, Any], *, now: datetime) -> None:
    """Sends one delivery after this transaction, unless it was sent already."""
    deliver(payload["delivery"], now=now)


@handles(SETTLE)
def settle_delivery(payload: dict[str, Any], *, now: datetime) -> None:
    """Looks after a delivery whose worker may have died while it was being sent."""
    settle(payload["delivery"], payload["attempt"], now=now)
