"""What this module keeps of an enrollment (`programs/parts.py`): the lines that its distributor is to pay back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from astro.accounts.models import User
from astro.credits.actions import assign
from astro.credits.models import CreditLine, LineState
from astro.programs.models import Enrollment, Fulfilment


def open_lines(enrollment: Enrollment) -> tuple[int, int]:
    lines = _open(enrollment)
    held = lines.filter(distributor__isnull=True).count()
    return held, lines.count() - held


def hand_over(enrollment: Enrollment, *, takes_all: bool, by: User, now: datetime) -> int:
    """Into Temporary Holding nothing moves but what is asked for: then it waits there for the next distributor."""
    lines = _open(enrollment)
    if not takes_all:
        lines = lines.filter(distributor__isnull=True)
    settled = Q(distributor=enrollment.distributor_id, account_number=enrollment.account_number)
    if enrollment.distributor_id is None:
        settled = Q(distributor__isnull=True)
    return assign(
        lines.exclude(settled),
        distributor=enrollment.distributor,
        account_number=enrollment.account_number,
        by=by,
        now=now,
    )


def _open(enrollment: Enrollment) -> QuerySet[CreditLine]:
    """Whoever earned it and under which enrollment: what this location gave of this program and nobody pulled yet."""
    return CreditLine.objects.filter(
        location=enrollment.location_id,
        program_id=enrollment.program_id,
        fulfilment=Fulfilment.DISTRIBUTOR,
        state=LineState.UNBATCHED,
    )
