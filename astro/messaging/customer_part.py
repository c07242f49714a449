"""What this module keeps of a customer (`customers/parts.py`): what was sent to them, and what they answered.

Whether an address may be written to goes by the address (the consent ledger), so nothing here decides about that.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.customers.consent.addresses import address_hash
from astro.customers.consent.queries import address_of
from astro.customers.models import Channel, Consent, Customer
from astro.customers.parts import Moved, Outline, Section
from astro.messaging.models import Delivery, DeliveryState, KeptMessage, Reply

MOVED = {"deliveries": Delivery, "replies": Reply}


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    """What waits to be sent goes only where the kept customer has the same address: sending looks again."""
    moved: Moved = {}
    for name, model in MOVED.items():
        rows = model._default_manager.filter(customer=gone)
        moved[name] = sorted(rows.values_list("id", flat=True))
        rows.update(customer=kept)
    return moved


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    for name, model in MOVED.items():
        model._default_manager.filter(pk__in=moved[name], customer=kept).update(customer=gone)


def outline(customer: Customer) -> Outline:
    count = Delivery.objects.filter(customer=customer).count()
    told = ngettext("%(count)d message", "%(count)d messages", count) % {"count": count}
    return [(_("Messages"), [told] if count else [])]


def tell(customer: Customer) -> dict[str, Section]:
    deliveries = Delivery.objects.filter(customer=customer).order_by("created_at", "id")
    kept = {row.delivery_id: row for row in KeptMessage.objects.filter(delivery__customer=customer)}
    replies = Reply.objects.filter(customer=customer).order_by("received_at", "id")
    return {
        "messages": [
            {
                "moment": row.created_at.isoformat(),
                "message": str(row.get_kind_display()),
                "channel": str(row.get_channel_display()),
                "to": row.address,
                "state": str(row.get_state_display()),
                **({"subject": kept[row.pk].subject, "text": kept[row.pk].text} if row.pk in kept else {}),
            }
            for row in deliveries
        ],
        "replies": [{"moment": row.received_at.isoformat(), "from": row.sender, "words": row.body} for row in replies],
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """That something was sent, and when, stays; where to, what it said, and what was answered goes.

    The customer's row may have lost its addresses by now, so they are known by the hashes of the consent ledger too.
    """
    hashes = {
        address_hash(channel, address_of(customer, channel)) for channel in Channel if address_of(customer, channel)
    }
    hashes |= set(Consent.objects.filter(customer=customer).values_list("address_hash", flat=True))
    theirs = Q(customer=customer) | Q(customer__isnull=True, address_hash__in=hashes)
    deliveries = Delivery.objects.filter(theirs)
    KeptMessage.objects.filter(delivery__in=deliveries.values("pk")).delete()
    deliveries.filter(state=DeliveryState.QUEUED).update(state=DeliveryState.CANCELLED, changed_at=now)
    deliveries.update(address="", reason="")
    Reply.objects.filter(theirs).update(sender="", body="")
