"""Texts as a channel of `messaging`: which may go, what they say, and who takes them.

There are four, and none of them is advertising that nobody asked for: the opt-in request, which the customer asked for
at the till, and three answers to the customer's own text. So they go at once, also at night: the hours between which
stores may text people (47 CFR 64.1200(c)(1)) are for solicitations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from astro.customers.consent.ledger import Reach, may_be_asked
from astro.customers.consent.queries import last_asked, state_of
from astro.customers.models import Channel
from astro.kit.clock import utc_now
from astro.kit.punctuation import tidy
from astro.messaging.channels import Composed, NotAllowed, Sent
from astro.messaging.deliveries import retailer_id_here
from astro.messaging.links import whole_address
from astro.messaging.models import Delivery, MessageKind
from astro.messaging.texts import words
from astro.messaging.texts.gateway import Gateway
from astro.messaging.texts.numbers import number_here
from astro.tenancy.models import Retailer
from astro.tenancy.stores import Store, store_of

CONFIRMS_WITHIN = timedelta(minutes=5)
"""A confirmation of opting out that comes later counts as one text too many (47 CFR 64.1200(a)(12))."""


class Texts:
    """Sends for all retailers by the one service of `settings.TEXT_GATEWAY`, each from its own number."""

    def is_set_up(self) -> bool:
        return settings.TEXT_GATEWAY is not None and bool(number_here())

    def compose(self, delivery: Delivery, *, now: datetime) -> Composed:
        if not delivery.address:
            raise NotAllowed(_("The phone number is no longer on file."))
        store = store_of(Retailer.objects.get(pk=retailer_id_here()))
        return Composed(
            to=delivery.address,
            sender=number_here() or tidy(store.name),
            text=_text_of(delivery, store, now=now),
            extra={"callback": whole_address("messaging:text_status", retailer_id_here(), delivery.token)},
        )

    def send(self, message: Composed) -> Sent:
        return _gateway().send(
            to=message.to,
            sender=message.sender,
            text=message.text,
            callback=message.extra["callback"],
            clock=utc_now,
        )


def _gateway() -> Gateway:
    known: dict[str, Any] = settings.TEXT_GATEWAY or {}
    return Gateway(**known)


def _text_of(delivery: Delivery, store: Store, *, now: datetime) -> str:
    """Raises `NotAllowed` where the person has said something else since."""
    state = state_of(Channel.TEXT, delivery.address)
    terms_url = whole_address("messaging:terms", retailer_id_here())
    match delivery.kind:
        case MessageKind.OPT_IN_TEXT:
            return _request(delivery, state)
        case MessageKind.SUBSCRIBED if state is Reach.YES:
            return words.subscribed(store, terms_url=terms_url)
        case MessageKind.STOPPED if state is Reach.STOPPED:
            if now > delivery.created_at + CONFIRMS_WITHIN:
                raise NotAllowed(_("It could not be sent within five minutes, and later it may not."))
            return words.stopped(store)
        case MessageKind.HELP:
            return words.help_answer(store, terms_url=terms_url)
        case MessageKind.SUBSCRIBED | MessageKind.STOPPED:
            raise NotAllowed(_("The customer has changed their mind since."))
    raise NotAllowed(_("This does not go by text."))


def _request(delivery: Delivery, state: str) -> str:
    """The words as the ledger keeps them, so that what was sent and what proves it are the same."""
    customer = delivery.customer
    if customer is None or customer.retired_at or customer.phone != delivery.address:
        raise NotAllowed(_("The phone number was changed before it was sent."))
    if not may_be_asked(state):
        raise NotAllowed(_("The customer has answered since, or cannot be reached."))
    asked = last_asked(Channel.TEXT, delivery.address)
    if asked is None or asked.wording is None:
        raise NotAllowed(_("Nobody has asked for it."))
    return asked.wording.text
