"""What the mail service's words mean for a delivery, and for who may be written to."""

from __future__ import annotations

import re
from datetime import datetime

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.customers.consent.asking import hear
from astro.customers.models import Act, Source
from astro.messaging.deliveries import move
from astro.messaging.models import Delivery, DeliveryState, Report

LOST = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
HEARD = LOST | {EventType.DELIVERED, EventType.COMPLAINED, EventType.UNSUBSCRIBED}
"""What else is told (opened, clicked, on its way) is not kept."""

DEAD = frozenset({RejectReason.BOUNCED, RejectReason.INVALID})
FOR_NOW = re.compile(r"soft|transient|defer|\b4\d\d[ -]|\b4\.\d+\.\d+", re.IGNORECASE)
"""A full mailbox is no dead address. The services say so in words of their own."""


@transaction.atomic
def note_report(delivery: Delivery, event: AnymailTrackingEvent, *, name: str, now: datetime) -> bool:
    """Write it down once, and draw what follows from it. False where it was told before, or tells nothing."""
    if event.event_type not in HEARD or not _is_new(delivery, name, now=now):
        return False
    if event.event_type == EventType.DELIVERED:
        move(delivery, DeliveryState.DELIVERED, now=now)
    elif event.event_type in LOST:
        _lost(delivery, event, now=now)
    elif event.event_type == EventType.COMPLAINED:
        _hear(delivery, event, Act.COMPLAINED, now=now)
    else:
        _hear(delivery, event, Act.STOP, now=now)
    return True


def _is_new(delivery: Delivery, name: str, *, now: datetime) -> bool:
    known = Report.objects.filter(delivery=delivery, event=name)
    if known.exists():
        return False
    try:
        with transaction.atomic():
            Report(delivery=delivery, event=name, at=now).save(force_insert=True)
    except IntegrityError:
        if known.exists():
            return False  # the same call came twice at once
        raise
    return True


def _lost(delivery: Delivery, event: AnymailTrackingEvent, *, now: datetime) -> None:
    """It did not arrive. Only where the address itself is to blame is it closed."""
    reason = event.reject_reason
    if reason == RejectReason.UNSUBSCRIBED:
        move(delivery, DeliveryState.FAILED, reason=_("The mail service knows that they unsubscribed."), now=now)
        _hear(delivery, event, Act.STOP, now=now)
    elif reason == RejectReason.SPAM:
        move(delivery, DeliveryState.FAILED, reason=_("The mail service took it for unwanted mail."), now=now)
    elif reason in DEAD and not _is_for_now(event):
        move(delivery, DeliveryState.BOUNCED, reason=_("There is no such mailbox."), now=now)
        _hear(delivery, event, Act.BOUNCED, now=now)
    else:
        state = DeliveryState.BOUNCED if event.event_type == EventType.BOUNCED else DeliveryState.FAILED
        move(delivery, state, reason=_("The reader's mail server did not take it this time."), now=now)


def _is_for_now(event: AnymailTrackingEvent) -> bool:
    told = event.esp_event if isinstance(event.esp_event, dict) else {}
    words = [str(told.get(key, "")) for key in ("event", "Type", "type", "status", "bounce_type", "reason")]
    return any(FOR_NOW.search(word) for word in [*words, event.mta_response or ""])


def _hear(delivery: Delivery, event: AnymailTrackingEvent, act: Act, *, now: datetime) -> None:
    hear(
        delivery.channel,
        delivery.address,
        act,
        hashed=delivery.address_hash,
        source=Source.HOOK,
        customer=delivery.customer,
        evidence={"delivery": delivery.token, "told": str(event.event_type), "why": str(event.reject_reason or "")},
        now=now,
    )
