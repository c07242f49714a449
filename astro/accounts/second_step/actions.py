"""What changes a person's second step, and whether a store asks its administrators for one.

allauth writes its own rows (an app, a passkey, codes on paper); each of these is called in the same transaction, so
that `User.has_second_step`, the records and the letter go with them.
"""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q

from astro.accounts import letters
from astro.accounts.errors import OwnSecondStep, SecondStepOfOthers
from astro.accounts.models import Membership, Role, StaffSession, User
from astro.accounts.platform_record import What, note_support_change
from astro.accounts.queries import living_memberships
from astro.activity.actions import record
from astro.tenancy.current import within
from astro.tenancy.models import Location, Retailer

STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
"""What counts as a second step. Codes on paper alone do not: they only stand in for one of these."""


@transaction.atomic
def note_added(user: User, *, kind: str, keep: str | None, now: datetime) -> None:
    """An app or a passkey was added. With the first one, whoever is in with less is out: all their sessions but `keep`,
    and those begun with a PIN, which ask for none. Every store where they work records it: each may ask who gets in."""
    if not user.has_second_step:
        theirs = StaffSession.objects.filter(Q(user=user, is_by_pin=False) | Q(really_by=user))
        theirs.exclude(session_key=keep).delete()
    _look_again(user)
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("second step added", membership, by=user, at=membership.location, now=now, kind=kind)
    note_support_change(user, What.STEP_ADDED, by=user, now=now)
    letters.second_step_added(user, now=now)


@transaction.atomic
def note_removed(user: User, *, kind: str, now: datetime) -> None:
    """Its person took an app or a passkey off."""
    _look_again(user)
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("second step removed", membership, by=user, at=membership.location, now=now, kind=kind)
    note_support_change(user, What.STEP_REMOVED, by=user, now=now)
    letters.second_step_removed(user, now=now)


@transaction.atomic
def note_new_codes(user: User, *, now: datetime) -> None:
    """There are other codes on paper; the ones before are good for nothing."""
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("recovery codes made", membership, by=user, at=membership.location, now=now, kind="recovery_codes")
    note_support_change(user, What.CODES_MADE, by=user, now=now)
    letters.recovery_codes_made(user, now=now)


@transaction.atomic
def remove_second_step(membership: Membership, *, by: User, now: datetime) -> None:
    """Help somebody who lost theirs: app, passkeys and codes are gone, the password alone signs in again, and every
    session is over. Called inside the membership's retailer.

    Masters of the store do it for its people, the platform's support for everybody. Raises `OwnSecondStep` for one's
    own, which has its page, and `SecondStepOfOthers` where only support may: also for a person who works elsewhere too,
    because one store does not weaken what guards another.
    """
    user = User.objects.select_for_update().get(pk=membership.user_id)
    if user.pk == by.pk:
        raise OwnSecondStep
    if not by.is_support and not _may_help(by, membership, user):
        raise SecondStepOfOthers
    _take_off(user)
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("second step removed", membership, by=by, at=membership.location, now=now, kind="all")
    letters.second_step_removed(user, now=now)


@transaction.atomic
def reset_support_second_step(user: User, *, now: datetime) -> None:
    """The same for somebody of the platform's support, done by whoever runs the installation. They sign in with their
    password, and set up a new one first where the installation wants one."""
    _take_off(user)
    note_support_change(user, What.STEP_RESET, by=None, now=now)
    letters.second_step_removed(user, now=now)


@transaction.atomic
def need_second_step(retailer: Retailer, *, needed: bool, by: User, at: Location | None, now: datetime) -> bool:
    """Whether this store's administrators sign in with a second step; who has none is led to set it up at the next
    request. False where it was so before."""
    if not Retailer.objects.filter(pk=retailer.pk, needs_second_step=not needed).update(needs_second_step=needed):
        return False
    retailer.needs_second_step = needed
    record("second step asked for", retailer, by=by, at=at, now=now, needed=needed)
    return True


def _may_help(by: User, membership: Membership, user: User) -> bool:
    if user.is_support or membership.ended_at is not None:
        return False
    is_master = by.memberships.filter(retailer=membership.retailer_id, role=Role.MASTER, ended_at__isnull=True).exists()
    works_elsewhere = user.memberships.filter(ended_at__isnull=True).exclude(retailer=membership.retailer_id).exists()
    return is_master and not works_elsewhere


def _take_off(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    StaffSession.objects.filter(Q(user=user) | Q(really_by=user)).delete()
    _look_again(user)


def _look_again(user: User) -> None:
    user.has_second_step = Authenticator.objects.filter(user=user, type__in=STEPS).exists()
    User.objects.filter(pk=user.pk).update(has_second_step=user.has_second_step)
