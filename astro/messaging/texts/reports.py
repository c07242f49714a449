"""What the text service tells about a text after it took it: on its way, arrived, or refused after all."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from astro.customers.consent.asking import hear
from astro.customers.models import Act, Source
from astro.messaging.deliveries import move
from astro.messaging.models import Delivery, DeliveryState, Report
from astro.messaging.texts.gateway import refusal

TAKEN = frozenset({"accepted", "queued", "sending", "sent"})
ARRIVED = frozenset({"delivered", "read"})
LOST = frozenset({"undelivered", "failed", "canceled"})


@transaction.atomic
def note_report(delivery: Delivery, *, status: str, code: str, provider_id: str, now: datetime) -> bool:
    """Write it down once. False where it was told before. Reports come in any order: an earlier one never takes back
    a later one, and what we took for lost or untold may turn out to have gone."""
    report = Report(delivery=delivery, event=f"{status} {code}".strip()[:100], at=now)
    known = Report.objects.filter(delivery=delivery, event=report.event)
    if known.exists():
        return False
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        if known.exists():
            return False
        raise
    also = {} if delivery.provider_id else {"provider_id": provider_id}
    if status in TAKEN:
        move(delivery, DeliveryState.SENT, now=now, also=also)
    elif status in ARRIVED:
        move(delivery, DeliveryState.DELIVERED, now=now, also=also)
    elif status in LOST:
        _lost(delivery, code, now=now)
    return True


def _lost(delivery: Delivery, code: str, *, now: datetime) -> None:
    told = refusal(code)
    state = DeliveryState.BOUNCED if told.is_dead else DeliveryState.FAILED
    if not move(delivery, state, reason=str(told), now=now) or not (told.is_dead or told.has_stopped):
        return
    hear(
        delivery.channel,
        delivery.address,
        Act.STOP if told.has_stopped else Act.BOUNCED,
        hashed=delivery.address_hash,
        source=Source.HOOK,
        customer=delivery.customer,
        evidence={"delivery": delivery.token, "code": code},
        now=now,
    )
