"""What is kept of changes to who gets in as the platform's support: `astro support log` tells it."""

from __future__ import annotations

from datetime import datetime

from astro.accounts.models import SupportChange, User
from astro.kit.asking import asking

What = SupportChange.What


def note_support_change(user: User, what: SupportChange.What, *, by: User | None, now: datetime) -> None:
    """Nothing where they are not of the platform's support: their stores record what they do. `by` is None at the
    command line."""
    if user.is_support:
        SupportChange(user=user, what=what, by=by, address=asking().address, at=now).save(force_insert=True)


def support_changes(*, most: int) -> list[SupportChange]:
    """The last ones, newest first."""
    return list(SupportChange.objects.select_related("user", "by").order_by("-at", "-id")[:most])
