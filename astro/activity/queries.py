"""What other modules ask of the record of events."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from astro.activity.models import Event, SealHead
from astro.activity.seals import moment_of
from astro.tenancy.current import across_retailers
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer


def unsealed_since() -> datetime | None:
    """When the oldest event was made that waits for its seal, of any store; None where all are sealed.

    One query: a look into an index for each store. What came late, from before the last seal, is not looked for.
    """
    with across_retailers("since when an event of any store waits to be sealed"), reading():
        sealed = SealHead.objects.filter(retailer_id=OuterRef("pk")).values("until_id")
        fresh = Event.objects.filter(retailer_id=OuterRef("pk"), id__gte=OuterRef("sealed_until")).order_by("id")
        stores = Retailer.objects.annotate(sealed_until=Coalesce(Subquery(sealed), Value(0)))
        waiting = stores.annotate(first=Subquery(fresh.values("id")[:1])).filter(first__isnull=False)
        first = waiting.order_by("first").values_list("first", flat=True).first()
    return None if first is None else moment_of(first)
