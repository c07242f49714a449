"""How many purchases wait on tills and for people, over all retailers.

Counted by the worker each minute and kept, so that a request for `/metrics` never reads across retailers.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, Sum

from astro.checkout.models import KeptVisit, TillQueue
from astro.desk.operating.milestones import TILLS, note_milestone
from astro.tenancy.current import across_retailers


def count_tills(*, now: datetime) -> None:
    """Keeps the counts, and since when the oldest waits; no names. The caller has opened a transaction."""
    with across_retailers("how many purchases wait, for whoever runs this installation"):
        waiting = TillQueue.objects.filter(waiting__gt=0, device__retired_at=None)
        tills = waiting.aggregate(count=Count("id"), visits=Sum("waiting"), oldest=Min("oldest_at"))
        kept = KeptVisit.objects.filter(settled_at=None).aggregate(count=Count("id"), oldest=Min("kept_at"))
    facts = {
        "tills": tills["count"],
        "visits": tills["visits"] or 0,
        "oldest_at": _told(tills["oldest"]),
        "kept": kept["count"],
        "kept_oldest_at": _told(kept["oldest"]),
    }
    note_milestone(TILLS, facts, now=now)


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
