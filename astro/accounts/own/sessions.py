"""Where somebody is signed in, and ending it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from astro.accounts.models import Device, Membership, StaffSession, User
from astro.accounts.own.browsers import in_words
from astro.accounts.sessions import ADDRESS, LABEL, SIGNED_IN_AT
from astro.accounts.time_limits import over
from astro.activity.actions import record
from astro.kit.addresses import client_address
from astro.tenancy.current import within
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class SignedInAt:
    """One browser. `handle` names it on a page: its key would be as good as the password."""

    handle: str
    row: StaffSession
    till: str
    place: str
    store: str
    is_this: bool


def note_beginning(request: HttpRequest, *, now: datetime) -> None:
    """Write into the session from when, where and what it is. For whoever signs somebody in."""
    address = client_address(request)
    request.session[SIGNED_IN_AT] = now.isoformat()
    request.session[ADDRESS] = str(address) if address else ""
    request.session[LABEL] = in_words(request.headers.get("User-Agent", ""))


def sessions_of(
    user: User, *, this: str | None, now: datetime, retailer_id: int | None = None, location_id: int | None = None
) -> list[SignedInAt]:
    """All of a person's, the last used first; `this` is the key of the one that asks. Others who act as them sit
    elsewhere, and are listed where their acting is. An administrator names the store, and the location, they see."""
    within_reach = _within(_own(user), retailer_id=retailer_id, location_id=location_id)
    names = _names_of_places(retailer_id)
    rows = within_reach.select_related("membership__retailer", "user", "really_by")
    living = [row for row in rows.filter(expire_date__gt=now).order_by("-last_used_at", "pk") if not over(row, now=now)]
    return [
        SignedInAt(
            handle=handle_of(row),
            row=row,
            till=_till(row),
            place=names.get(row.location_id or 0, ""),
            store=row.membership.retailer.name if row.membership else "",
            is_this=row.session_key == this,
        )
        for row in living
    ]


def handle_of(row: StaffSession) -> str:
    return salted_hmac("astro.accounts.own.sessions", row.session_key).hexdigest()[:20]


@transaction.atomic
def end_session(user: User, handle: str, *, by: User, now: datetime) -> bool:
    """Whether there was such a one of theirs."""
    rows = [row for row in _own(user) if handle_of(row) == handle]
    _end(rows, by=by, now=now)
    return bool(rows)


@transaction.atomic
def end_sessions_of(
    user: User,
    *,
    by: User,
    now: datetime,
    keep: str | None = None,
    retailer_id: int | None = None,
    location_id: int | None = None,
) -> int:
    """Sign this person out everywhere but in the session `keep`; how many there were. An administrator names their
    `retailer_id`, and the location where theirs ends: what the person does elsewhere is not theirs to end."""
    rows = _within(_own(user), retailer_id=retailer_id, location_id=location_id)
    found = [row for row in rows if row.session_key != keep]
    _end(found, by=by, now=now)
    return len(found)


def _own(user: User) -> QuerySet[StaffSession]:
    return StaffSession.objects.filter(Q(user=user, really_by__isnull=True) | Q(really_by=user))


def _within(
    rows: QuerySet[StaffSession], *, retailer_id: int | None, location_id: int | None
) -> QuerySet[StaffSession]:
    if retailer_id is not None:
        rows = rows.filter(retailer=retailer_id)
    return rows if location_id is None else rows.filter(membership__location=location_id)


def _end(rows: Iterable[StaffSession], *, by: User, now: datetime) -> None:
    """One event for each membership, with how many. Where somebody acts as another it is about their own membership of
    that store; that acting is over too, the clock writes down (`acting.closing`)."""
    ended = list(rows)
    StaffSession.objects.filter(pk__in=[row.pk for row in ended]).delete()
    counts = Counter(found for row in ended if (found := _own_membership_id(row)) is not None)
    for membership in Membership.objects.filter(pk__in=counts):
        with within(membership.retailer_id):
            record("sessions ended", membership, by=by, at=membership.location, now=now, sessions=counts[membership.pk])


def _own_membership_id(row: StaffSession) -> int | None:
    """None for the platform's support, who have none."""
    if row.really_by_id is None:
        return row.membership_id
    own = Membership.objects.filter(retailer=row.retailer_id, user=row.really_by_id, ended_at__isnull=True)
    return own.order_by("began_at", "id").values_list("pk", flat=True).first()


def _till(row: StaffSession) -> str:
    """The till's name, read inside the wall of its store."""
    if row.device_id is None or row.retailer_id is None:
        return ""
    with within(row.retailer_id):
        device = Device.objects.filter(pk=row.device_id).first()
    return device.name if device else ""


def _names_of_places(retailer_id: int | None) -> dict[int, str]:
    """For an administrator, who sees where in their store somebody is; one's own list names stores and tills."""
    if retailer_id is None:
        return {}
    with within(retailer_id):
        return dict(Location.objects.values_list("pk", "name"))
