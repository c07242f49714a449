"""How a visit is marked that a till had kept, wherever it or its punches are shown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from astro.checkout.models import Arrival, Visit

SOON = timedelta(minutes=1)
"""What came in sooner than this after it was rung up hardly waited, and is not looked for."""


def arrivals_of(visits: Collection[Visit]) -> dict[int, Arrival]:
    """How those of these visits came in that a till had kept, by the visit's id: also what was named by a person later.
    One query where there may be any."""
    waited = {visit.key: visit.pk for visit in visits if visit.recorded_at - visit.occurred_at > SOON}
    if not waited:
        return {}
    return {waited[row.key]: row for row in Arrival.objects.filter(key__in=list(waited)).select_related("location")}
