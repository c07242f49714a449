"""What others ask about messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from astro.customers.models import Channel
from astro.kit.ids import first_id_of
from astro.messaging.models import Delivery, DeliveryState, Meaning, Reply

LOOKED_BACK = timedelta(hours=2)
TOO_LONG = timedelta(minutes=15)


def replies_to_read() -> QuerySet[Reply]:
    """Texts that no keyword explains, and that nobody has looked at yet."""
    rows: QuerySet[Reply] = Reply.objects.filter(meaning=Meaning.UNKNOWN, settled_at__isnull=True)
    return rows


def is_stuck(channel: Channel, *, now: datetime) -> bool:
    """Whether messages of this channel were tried in vain, and none has left for a quarter of an hour. Of whichever
    retailers are in reach."""
    lately: QuerySet[Delivery] = Delivery.objects.filter(channel=channel, pk__gte=first_id_of(now - LOOKED_BACK))
    tried = lately.filter(state=DeliveryState.QUEUED, attempts__gt=0)
    left = lately.filter(sent_at__gte=now - TOO_LONG)
    return tried.exists() and not left.exists()
