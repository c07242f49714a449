"""What an operator asks about the outbox."""

from datetime import datetime, timedelta

from django.db.models import Min, QuerySet

from astro.kit.models import OutboxRow
from astro.kit.outbox.schedules import overdue_by


def outbox_age(*, now: datetime) -> timedelta:
    """How long the oldest due row, or the most belated schedule, has waited. Zero when a worker is on top of it."""
    oldest = OutboxRow.objects.filter(due__lte=now).aggregate(oldest=Min("due"))["oldest"]
    return max(now - oldest if oldest else timedelta(0), overdue_by(now=now), timedelta(0))


def parked_rows() -> QuerySet[OutboxRow]:
    """What failed for the last time, the newest first. `queue.requeue` starts one anew."""
    return OutboxRow.objects.filter(parked__isnull=False).order_by("-parked", "-id")
