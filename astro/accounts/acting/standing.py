"""Whether somebody who acts as another still may: asked on each of their requests, before anything is done.

Both must be who they were. The one who acts: active, with the same password, with the same membership and a rank not
below the other one's, or still of the platform's support and allowed by the store. The other one: active, still working
there, with the same password. Where the first no longer holds the session is over; else its person is themselves again.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.utils.crypto import constant_time_compare

from astro.accounts.acting import rules, seats
from astro.accounts.acting.actions import end_masquerade
from astro.accounts.acting.queries import consent_for_support
from astro.accounts.errors import ActingOver
from astro.accounts.models import EndOfActing, Masquerade, Membership, StaffSession
from astro.accounts.sessions import SessionStore
from astro.tenancy.current import within
from astro.tenancy.middleware import reading


def still_acting(session: SessionStore, row: StaffSession, *, now: datetime) -> StaffSession | None:
    """The row as it is from here on: the same, with the actor's `own_membership`; or, where acting is over, their own
    row, which may be None (nobody is signed in any more) or no longer good."""
    assert row.masquerade_id is not None
    assert row.retailer_id is not None
    own_id = seats.own_membership_id(session)
    with within(row.retailer_id), reading():
        row.own_membership = _own_membership(own_id, row)
        why = _why_over(session, row, by_support=own_id is None, now=now)
    if why is None:
        return row
    with within(row.retailer_id), transaction.atomic():
        end_masquerade(row.masquerade_id, why=why, now=now)
    name = row.user.name if row.user else ""
    seats.stand_up(session)
    if why != EndOfActing.REALLY_GONE:
        session[seats.JUST_OVER] = {"name": name, "why": str(why)}
    session.save()
    return session.row_anew()


def told_once(session: SessionStore) -> ActingOver | None:
    """What somebody must hear first, until a page has told it (`access`): they are themselves again."""
    told = session.get(seats.JUST_OVER)
    return ActingOver(**told) if told else None


def _own_membership(own_id: int | None, row: StaffSession) -> Membership | None:
    if own_id is None:
        return None
    rows = Membership.objects.filter(pk=own_id, user=row.really_by_id)
    return rows.select_related("retailer").first()


def _why_over(session: SessionStore, row: StaffSession, *, by_support: bool, now: datetime) -> EndOfActing | None:
    actor, other, own = row.really_by, row.membership, row.own_membership
    if actor is None or not actor.is_active:
        return EndOfActing.REALLY_GONE
    if not constant_time_compare(seats.own_hash(session), actor.get_session_auth_hash()):
        return EndOfActing.REALLY_GONE
    if not (actor.is_support if by_support else own is not None and own.is_living):
        return EndOfActing.REALLY_GONE
    if row.user is None or not row.user.is_active or other is None or not other.is_living:
        return EndOfActing.OTHER_GONE
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), row.user.get_session_auth_hash()):
        return EndOfActing.OTHER_CHANGED
    if own is not None and (not rules.is_within_reach(other, of=own) or rules.is_above(other, than=own)):
        return EndOfActing.OUT_OF_REACH
    if row.acting_until is None or row.acting_until <= now:
        return EndOfActing.TIME_OVER
    if by_support and other.retailer.needs_consent and consent_for_support(now=now) is None:
        return EndOfActing.CONSENT_OVER
    return _ended_elsewhere(row)


def _ended_elsewhere(row: StaffSession) -> EndOfActing | None:
    """Somebody of the store has ended it, and may have allowed it anew since."""
    why = Masquerade.objects.filter(pk=row.masquerade_id, ended_at__isnull=False).values_list("why_ended", flat=True)
    return EndOfActing(why[0]) if why else None
