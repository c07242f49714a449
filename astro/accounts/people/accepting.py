"""Accepting an invitation: somebody new chooses a password, somebody known says theirs."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from astro.accounts.actions import add_user
from astro.accounts.models import Invitation, Membership, Role, User
from astro.accounts.people.actions import Settled, give_all
from astro.accounts.people.errors import InvitationOver, NotTheirPassword
from astro.accounts.people.inviting import invitation_of
from astro.activity.actions import record
from astro.tenancy.models import Location, Retailer


def person_invited(invitation: Invitation) -> User | None:
    """Who signs in with its e-mail already."""
    return User.objects.filter(email=invitation.email).first()


@transaction.atomic
def accept(token: str, *, password: str, known: User | None, now: datetime) -> User:
    """Let them work there. `known` has just shown their password; None: they are new, and this becomes theirs. Signs
    nobody in: the sign-in page asks for a second step where there is one.

    Inside the retailer. Raises `InvitationOver`, `NotTheirPassword`, and ValidationError for a poor password.
    """
    retailer = Retailer.objects.select_for_update().get(pk=invitation_of(token, now=now).retailer_id)
    invitation = invitation_of(token, now=now, to_change=True)
    user = person_invited(invitation)
    if user is None:
        user = add_user(name=invitation.name, email=invitation.email, password=password)
    elif known is None or known.pk != user.pk or user.is_support:
        make_password(password)
        raise NotTheirPassword
    settled = _still_there(invitation)
    has = Membership.objects.filter(retailer=retailer.pk, user=user, ended_at__isnull=True)
    missing = settled.places - set(has.values_list("location_id", flat=True))
    if settled.role != Role.MASTER and missing:
        settled = Settled(settled.role, frozenset(missing), None, settled.networks)
        give_all(user, settled, retailer_id=retailer.pk, by=invitation.sent_by, now=now)
    elif settled.role == Role.MASTER and not has.filter(role=Role.MASTER).exists():
        give_all(user, settled, retailer_id=retailer.pk, by=invitation.sent_by, now=now)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record("invitation accepted", invitation, by=user, at=None, now=now)
    return user


def _still_there(invitation: Invitation) -> Settled:
    """Its places, but for those that are gone. Raises `InvitationOver` where none is left."""
    if invitation.role == Role.MASTER:
        return Settled(invitation.role, frozenset(), None, invitation.networks)
    places = frozenset(Location.objects.filter(pk__in=invitation.places).values_list("pk", flat=True))
    if not places:
        raise InvitationOver("withdrawn", store=invitation.retailer.name, asked_by=invitation.sent_by.name)
    return Settled(invitation.role, places, None, invitation.networks)
