"""What comes by the clock, as rows: the moment is the key, so any number of schedulers put it once.

A `Schedule` row remembers how far a kind has come. Whoever moves it ahead puts the outbox row, in one transaction. A
worker that was away for a week finds one moment due, not seven: the last. A kind seen for the first time waits for its
next moment.

The dead man's switch of each: the row also remembers the last moment that was *done*. `late_schedules` names every kind
whose next moment has passed since then by more than the slack, whether it failed, hangs or was never taken up.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from astro.kit.models import Schedule
from astro.kit.outbox.handlers import rhythms
from astro.kit.outbox.queue import PLATFORM, put


def put_due_moments(*, now: datetime) -> int:
    """Put each schedule's last moment, unless that was done. Says how many were new."""
    known = dict(Schedule.objects.values_list("kind", "moment"))
    latest = {kind: rhythm.latest(now) for kind, rhythm in rhythms().items()}
    return sum(_put_moment(kind, moment, now) for kind, moment in latest.items() if known.get(kind) != moment)


def overdue_by(*, now: datetime) -> timedelta:
    """How long the most belated schedule has waited for a worker; zero when all are in time.

    The worker itself has a schedule, so this is how one notices that none is at work although nothing waits.
    """
    following = {kind: rhythm.following for kind, rhythm in rhythms().items()}
    moments = Schedule.objects.filter(kind__in=following).values_list("kind", "moment")
    return max((now - following[kind](moment) for kind, moment in moments), default=timedelta(0))


SLACK = timedelta(minutes=15)
"""How long after its moment a schedule may come through, its first repeats included."""


def note_done(kind: str, payload: dict[str, Any], *, now: datetime) -> None:
    """A worker came through with this row: where the clock had brought it, its schedule is done up to that moment."""
    if kind in rhythms() and "moment" in payload:
        moment = datetime.fromisoformat(payload["moment"])
        behind = Schedule.objects.filter(Q(done=None) | Q(done__lte=moment), kind=kind)
        behind.update(done=moment, done_at=now)


def late_schedules(*, now: datetime) -> dict[str, timedelta]:
    """By how much each late schedule is late. A kind that no worker has seen yet is in `unseen_schedules`."""
    following = {kind: rhythm.following for kind, rhythm in rhythms().items()}
    found = Schedule.objects.filter(kind__in=following).values_list("kind", "moment", "done")
    late = {kind: now - following[kind](done or moment) for kind, moment, done in found}
    return {kind: by for kind, by in sorted(late.items()) if by > SLACK}


def unseen_schedules() -> list[str]:
    """Kinds that no worker has seen yet: none of this release has run here."""
    return sorted(rhythms().keys() - set(Schedule.objects.values_list("kind", flat=True)))


@transaction.atomic
def _put_moment(kind: str, moment: datetime, now: datetime) -> bool:
    if Schedule.objects.filter(kind=kind, moment__lt=moment).update(moment=moment) == 1:
        key = f"{kind} at {moment.isoformat()}"
        return put(kind, {"moment": moment.isoformat()}, retailer_id=PLATFORM, dedupe=key, now=now)
    Schedule.objects.bulk_create([Schedule(kind=kind, moment=moment, done=moment)], ignore_conflicts=True)
    return False
