"""What happens to programs by the clock: stores join new offers by themselves where they chose so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from astro.kit.outbox.handlers import every, handles
from astro.kit.outbox.queue import Job, put_all
from astro.programs.automatic.actions import enroll_due
from astro.programs.models import AutoEnrollment
from astro.tenancy.current import across_retailers
from astro.tenancy.middleware import reading

ENROLL_HERE = "programs.auto_enroll_here"


def look_for_choices(payload: dict[str, Any], *, now: datetime) -> list[int]:
    """The stores that want new offers of some brand."""
    with across_retailers("which stores join offers by themselves"), reading():
        later = AutoEnrollment.objects.filter(
            retailer=OuterRef("retailer"), brand=OuterRef("brand"), decided_at__gt=OuterRef("decided_at")
        )
        standing = AutoEnrollment.objects.filter(~Exists(later), is_on=True)
        return sorted(set(standing.values_list("retailer_id", flat=True)))


@every(hours=1)
@handles("programs.auto_enroll", after=look_for_choices)
def auto_enroll_everywhere(payload: dict[str, Any], *, seen: list[int], now: datetime) -> None:
    """Has each of these stores looked after: inside its own wall, in a transaction of its own."""
    once = now.isoformat(timespec="hours")
    put_all([Job(ENROLL_HERE, {}, pk, dedupe=f"{ENROLL_HERE} {once}") for pk in seen], now=now)


@handles(ENROLL_HERE)
def auto_enroll_here(payload: dict[str, Any], *, now: datetime) -> None:
    enroll_due(now=now)
