"""The channels there are, by name."""

from __future__ import annotations

from astro.customers.models import Channel
from astro.messaging.channels import Sender
from astro.messaging.mail.channel import Mail
from astro.messaging.texts.channel import Texts

SENDERS: dict[str, Sender] = {Channel.EMAIL: Mail(), Channel.TEXT: Texts()}


def sender_of(channel: str) -> Sender:
    """Who sends over this channel."""
    return SENDERS[channel]
