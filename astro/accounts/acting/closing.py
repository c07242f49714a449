"""Acting that nobody came back to end: found and written down by the clock.

The half hour is over, or the session in which somebody acted is gone: it timed out, or was ended from elsewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from astro.accounts.acting.actions import end_masquerade
from astro.accounts.models import EndOfActing, Masquerade, StaffSession
from astro.tenancy.current import across_retailers
from astro.tenancy.middleware import reading

BEGINS_WITHIN = timedelta(minutes=1)
"""A session is written just after the masquerade that begins in it."""


def stores_with_ends(*, now: datetime) -> list[int]:
    """The retailers where acting is over and nothing says so yet. One query over all of them."""
    with across_retailers("where acting as another is over"), reading():
        rows = Masquerade.objects.filter(_over(now), ended_at__isnull=True)
        return list(rows.order_by("retailer").values_list("retailer", flat=True).distinct())


def close_what_is_over(*, now: datetime) -> int:
    """Inside a retailer: write down each end; how many there were."""
    rows = Masquerade.objects.filter(_over(now), ended_at__isnull=True).order_by("id")
    return sum(
        end_masquerade(one.pk, why=EndOfActing.TIME_OVER if one.until_at <= now else EndOfActing.SESSION_OVER, now=now)
        for one in rows
    )


def _over(now: datetime) -> Q:
    sitting = StaffSession.objects.filter(retailer=OuterRef("retailer"), masquerade=OuterRef("pk"))
    return Q(until_at__lte=now) | Q(~Exists(sitting), began_at__lte=now - BEGINS_WITHIN)
