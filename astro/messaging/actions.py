"""What customers and stores have sent: the two requests, the link to the app."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.queries import address_of
from astro.customers.models import Channel, Customer
from astro.messaging.deliveries import have_delivered, new_delivery, queue_message
from astro.messaging.models import Delivery, DeliveryState, MessageKind
from astro.tenancy.models import Location

REQUESTS = {Channel.EMAIL: MessageKind.WELCOME_EMAIL, Channel.TEXT: MessageKind.OPT_IN_TEXT}
"""The only two messages that people who work at a store have sent."""


@transaction.atomic
def send_request(customer_id: int, channel: str, hashed: str, *, by: int, at: int, now: datetime) -> Delivery:
    """The delivery of a request that was written into the consent ledger. It goes to the address that was asked about:
    where the customer has another one by now, it does not go."""
    customer = Customer.objects.get(pk=customer_id)
    address = address_of(customer, channel)
    is_same = bool(address) and address_hash(channel, address) == hashed
    delivery = new_delivery(
        REQUESTS[Channel(channel)],
        channel=channel,
        address=address if is_same else "",
        hashed=hashed,
        customer=customer,
        by=User.objects.get(pk=by),
        at=Location.objects.get(pk=at),
        now=now,
    )
    if not is_same:
        delivery.state = DeliveryState.CANCELLED
        delivery.reason = _("The address was changed before it was sent.")
    delivery.save(force_insert=True)
    if is_same:
        have_delivered(delivery, now=now)
    return delivery


@transaction.atomic
def request_app_link(customer_id: int, *, now: datetime) -> Delivery | None:
    """The mail with which a customer sets a password for the app; None where no e-mail address is on file."""
    customer = Customer.objects.filter(pk=customer_id, retired_at__isnull=True).first()
    if customer is None or not customer.email:
        return None
    return queue_message(
        MessageKind.APP_LINK, channel=Channel.EMAIL, address=customer.email, customer=customer, now=now
    )
