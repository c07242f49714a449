"""Asking somebody by e-mail to work for a store: inviting, inviting again, withdrawing, and what a link opens.

The link holds which store and which invitation it is, and a secret of which only the hash is kept. It does the same
whether its e-mail signs in somewhere already or not.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils.http import base36_to_int, int_to_base36

from astro.accounts import letters
from astro.accounts.models import Invitation, Membership, Role, User, as_login
from astro.accounts.people.errors import AlreadyHere, InvitationOver, InvitedAlready, WhyFirst
from astro.accounts.people.rules import may_give
from astro.accounts.queries import administrators_of
from astro.activity.actions import record
from astro.tenancy.current import within
from astro.tenancy.models import Retailer

LIVES = timedelta(days=7)
SECRET_BYTES = 32


@transaction.atomic
def invite(
    retailer: Retailer,
    *,
    email: str,
    name: str,
    role: str,
    places: frozenset[int],
    networks: str = "",
    reason: str = "",
    by: User,
    now: datetime,
) -> tuple[Invitation, str]:
    """Ask them, and give back the invitation and its link's token. Inside the retailer; whether `by` may give this is
    asked before. Raises `AlreadyHere` for who works in those places, and `InvitedAlready`."""
    Retailer.objects.select_for_update().get(pk=retailer.pk)
    email = as_login(email)
    _refuse_who_is_here(retailer, email, role=role, places=places)
    if _waiting_ones(email).exists():
        raise InvitedAlready
    invitation = Invitation(
        email=email,
        name=name,
        role=role,
        places=sorted(places),
        networks=networks,
        reason=reason,
        token_hash="",
        sent_by=by,
        sent_at=now,
        until_at=now + LIVES,
    )
    invitation.save(force_insert=True)
    token = _send(invitation, retailer=retailer, by=by, now=now)
    record("person invited", invitation, by=by, at=None, now=now, role=str(role), places=sorted(places))
    return invitation, token


@transaction.atomic
def invite_again(invitation: Invitation, *, retailer: Retailer, by: User, now: datetime) -> str:
    """Another letter with another link, good for seven days from now; the one before opens nothing any more. Raises
    `InvitationOver` where it was settled meanwhile."""
    locked = _waiting(invitation)
    token = _send(locked, retailer=retailer, by=by, now=now)
    record("person invited again", locked, by=by, at=None, now=now)
    return token


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Its link opens nothing any more. Raises `InvitationOver` where it was settled meanwhile."""
    locked = _waiting(invitation)
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    record("invitation withdrawn", locked, by=by, at=None, now=now)


@transaction.atomic
def rebuild_administrator(
    retailer: Retailer, *, name: str, email: str, by: User, reason: str, now: datetime
) -> tuple[Invitation, str]:
    """Invite a master administrator, for a store whose only one is gone. For the platform's support, who say why; the
    invitation keeps it. One that waits for that e-mail already is withdrawn for this one.

    Gives back the invitation and its link's token, for where no mail goes out. Raises `WhyFirst`, `AlreadyHere`.
    """
    if not reason.strip():
        raise WhyFirst
    with within(retailer.pk):
        waiting = _waiting_ones(as_login(email)).first()
        if waiting is not None:
            withdraw(waiting, by=by, now=now)
        invitation, token = invite(
            retailer,
            email=email,
            name=name,
            role=Role.MASTER,
            places=frozenset(),
            reason=reason.strip()[:200],
            by=by,
            now=now,
        )
        left = len(administrators_of(retailer))
        record("administrator rebuilt", invitation, by=by, at=None, now=now, administrators_left=left)
    return invitation, token


def retailer_id_of(token: str) -> int:
    """In whose wall the link is to be looked up; 0 for none of ours."""
    return _number(_part(token, 0))


def invitation_of(token: str, *, now: datetime, to_change: bool = False) -> Invitation:
    """What the link opens. Inside its retailer. Raises `InvitationOver`, which says why to whoever has the link."""
    rows = Invitation.objects.select_for_update() if to_change else Invitation.objects.all()
    invitation: Invitation | None = rows.filter(pk=_number(_part(token, 1))).first()
    stored = invitation.token_hash if invitation is not None else ""
    if not secrets.compare_digest(stored, _hash(token)) or invitation is None:
        raise InvitationOver
    why = why_over(invitation, now=now)
    if why:
        raise InvitationOver(why, store=invitation.retailer.name, asked_by=invitation.sent_by.name)
    if not _may_still_give(invitation):
        raise InvitationOver("not_theirs", store=invitation.retailer.name)
    return invitation


def _may_still_give(invitation: Invitation) -> bool:
    """Whether who sent it could send it today: an invitation never outlives the right to it."""
    sender, places = invitation.sent_by, frozenset(invitation.places)
    living = Membership.objects.filter(user=sender, retailer=invitation.retailer_id, ended_at__isnull=True)
    return sender.is_support or any(may_give(own, invitation.role, places) for own in living)


def why_over(invitation: Invitation, *, now: datetime) -> str:
    """Why it lets nobody in, or "" while it does."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "too_old" if invitation.until_at <= now else ""


def _waiting_ones(email: str) -> QuerySet[Invitation]:
    rows: QuerySet[Invitation] = Invitation.objects.filter(
        email=email, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    return rows


def _refuse_who_is_here(retailer: Retailer, email: str, *, role: str, places: frozenset[int]) -> None:
    """Only who works in the places asked for: those the asking administrator sees anyway."""
    living = Membership.objects.filter(retailer=retailer.pk, user__email=email, ended_at__isnull=True)
    living = living.filter(role=Role.MASTER) if role == Role.MASTER else living.filter(location__in=places)
    here = living.select_related("user").first()
    if here is not None:
        raise AlreadyHere(name=here.user.name)


def _send(invitation: Invitation, *, retailer: Retailer, by: User, now: datetime) -> str:
    start = f"{int_to_base36(retailer.pk)}-{int_to_base36(invitation.pk)}"
    token = f"{start}-{secrets.token_urlsafe(SECRET_BYTES)}"
    invitation.token_hash = _hash(token)
    invitation.sent_by, invitation.sent_at, invitation.until_at = by, now, now + LIVES
    invitation.save(update_fields=["token_hash", "sent_by", "sent_at", "until_at"])
    letters.invitation(invitation, store=retailer.name, token=token, now=now)
    return token


def _waiting(invitation: Invitation) -> Invitation:
    """Locked. Raises `InvitationOver` for one that was settled; one that is too old still waits."""
    locked: Invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at is not None or locked.withdrawn_at is not None:
        raise InvitationOver("accepted" if locked.accepted_at else "withdrawn")
    return locked


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _part(token: str, place: int) -> str:
    parts = token.split("-", 2)
    return parts[place] if len(parts) > place else ""


def _number(text: str) -> int:
    """0 for what is none, which is nothing's id."""
    try:
        number = base36_to_int(text)
    except ValueError:
        return 0
    return number if 0 < number < 2**63 else 0
