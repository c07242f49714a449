"""What waits on tills, as they say themselves; and telling the store where it waits too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.accounts.models import Device, Membership, Role
from astro.activity.actions import record
from astro.checkout.arrivals import how_far_off, read_moment
from astro.checkout.errors import unreadable_visit
from astro.checkout.kept_words import moment_at
from astro.checkout.models import TillQueue
from astro.kit.mail import send_plain

TOO_LONG = timedelta(hours=24)
MOST_WAITING = 1_000_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many visits, the oldest of them since then, by the till's clock."""

    count: int
    oldest_at: datetime | None


def read_waiting(data: Mapping[str, Any]) -> Waiting:
    """`{waiting, oldest_at}`. Raises BadVisit."""
    count = data.get("waiting")
    if type(count) is not int or not 0 <= count <= MOST_WAITING:
        raise unreadable_visit()
    return Waiting(count, read_moment(data.get("oldest_at")) if count else None)


def note_waiting(till: Device, waiting: Waiting, *, till_clock: datetime | None = None, now: datetime) -> TillQueue:
    """What the till says now takes the place of what it said before. Where nothing waits any more, what the store was
    told is over, and it will be told of the next time."""
    oldest_at = _put_right(waiting.oldest_at, till_clock=till_clock, now=now) if waiting.count else None
    told = {"waiting": waiting.count, "oldest_at": oldest_at, "reported_at": now}
    over = {} if waiting.count else {"told_at": None}
    queue: TillQueue
    queue, _is_new = TillQueue.objects.update_or_create(
        device=till, defaults={**told, **over}, create_defaults={"device": till, **told}
    )
    return queue


def waiting_too_long(*, now: datetime) -> QuerySet[TillQueue]:
    """Tills in use whose oldest visit has waited for a day or more."""
    rows: QuerySet[TillQueue] = TillQueue.objects.filter(waiting__gt=0, oldest_at__lte=now - TOO_LONG)
    return rows.filter(device__retired_at=None).select_related("device__location__retailer")


@transaction.atomic
def tell_of_waiting(*, now: datetime) -> int:
    """Tell the retailer's head office, by mail, of each till that has held purchases for a day; once, until it holds
    none. Says of how many."""
    told = 0
    for queue in waiting_too_long(now=now).filter(told_at=None).order_by("id"):
        if not TillQueue.objects.filter(pk=queue.pk, told_at=None).update(told_at=now):
            continue
        till = queue.device
        record(
            "till holds purchases", till, by=None, at=till.location, now=now, device_id=till.pk, waiting=queue.waiting
        )
        for address in _head_office(queue.retailer_id):
            send_plain(address, _subject(queue), _letter(queue), now=now)
        told += 1
    return told


def _head_office(retailer_id: int) -> list[str]:
    """The master administrators who can be reached."""
    masters = Membership.objects.filter(retailer=retailer_id, role=Role.MASTER, ended_at=None, user__is_active=True)
    return sorted({address for address in masters.values_list("user__email", flat=True) if address})


def _subject(queue: TillQueue) -> str:
    sentence = ngettext(
        "%(till)s at %(place)s still holds %(count)d purchase",
        "%(till)s at %(place)s still holds %(count)d purchases",
        queue.waiting,
    )
    told = sentence % {"till": queue.device.name, "place": queue.device.location.name, "count": queue.waiting}
    return " ".join(told.split())


def _letter(queue: TillQueue) -> str:
    place = queue.device.location
    return "\n\n".join(
        [
            f"{_subject(queue)}.",
            _("The oldest was rung up on %(moment)s and has not reached Astro yet. Nothing is lost: the till keeps it.")
            % {"moment": moment_at(queue.oldest_at or queue.reported_at, place)},
            _("What to do: switch that till on, connect it to the internet and open Astro there. It sends by itself.")
            + " "
            + _("If it says why it cannot, follow what it says. Do not clear that browser's data before it has sent."),
            _("Kept purchases: %(url)s") % {"url": settings.PUBLIC_URL + reverse("checkout:kept")},
        ]
    )


def _put_right(told: datetime | None, *, till_clock: datetime | None, now: datetime) -> datetime:
    try:
        return min((told or now) - how_far_off(till_clock, now=now), now)
    except OverflowError:
        return now
