"""The channel `email`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from astro.messaging.channels import Composed, Sent
from astro.messaging.mail import letters, posting
from astro.messaging.models import Delivery, MessageKind

LETTERS: dict[str, Callable[[Delivery], Composed]] = {
    MessageKind.WELCOME_EMAIL: letters.welcome,
    MessageKind.UNSUBSCRIBED: letters.unsubscribed,
    MessageKind.APP_LINK: letters.app_link,
}


class Mail:
    """Through an SMTP server or a mail service, whichever the settings name; one message at a time."""

    def is_set_up(self) -> bool:
        return bool(settings.MAIL_ROUTE)

    def compose(self, delivery: Delivery, *, now: datetime) -> Composed:
        """Raises `NotAllowed`."""
        message = LETTERS[delivery.kind](delivery)
        message.extra.update(retailer=str(delivery.retailer_id), delivery=delivery.token)
        return message

    def send(self, message: Composed) -> Sent:
        """Raises `Refused`, `TryLater`, `Unclear`."""
        return posting.post(message)
