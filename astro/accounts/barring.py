"""What keeps somebody out who is signed in: asked on every request, from what came with the session.

First what is about the person (removed, a password that somebody else chose), then from where they come, then whether
they must have a second step, then the store's account. `access` shows it; views marked `@even_when_barred` serve all
the same, and tills always bring in what they kept.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from astro.accounts.errors import (
    AccountCancelled,
    AccountHeld,
    AddressRestricted,
    Barred,
    ChoosePasswordFirst,
    Removed,
    SecondStepFirst,
    TrialOver,
)
from astro.accounts.models import Membership, StaffSession
from astro.accounts.queries import administrators_over, billing_contacts_of
from astro.kit.addresses import Address, is_within
from astro.tenancy.models import AccountState

BILLING_PAGE = "billing:billing"


def bar_of(row: StaffSession, *, address: Address | None, now: datetime) -> Barred | None:
    """Why this person gets no further, or None. While somebody acts as another, what holds for the store holds, and
    what holds for themselves; for support nothing does."""
    if row.user is not None and row.user.has_given_password and row.really_by_id is None and not row.is_by_pin:
        return ChoosePasswordFirst()
    is_by_support = row.really_by_id is not None and row.own_membership is None
    if row.membership is None:
        return _without_second_step(row)
    if is_by_support:
        return None
    return _from_elsewhere(row, address) or _without_second_step(row) or _account_of(row.membership, now)


def removed_from(membership: Membership) -> Removed:
    return Removed(store=membership.retailer.name, contacts=administrators_over(membership))


def _from_elsewhere(row: StaffSession, address: Address | None) -> AddressRestricted | None:
    membership = row.own_membership or row.membership
    assert membership is not None
    for networks in (membership.retailer.networks, membership.networks):
        if networks and not is_within(address, networks.splitlines()):
            told = str(address) if address else ""
            return AddressRestricted(address=told, contacts=administrators_over(membership))
    return None


def _without_second_step(row: StaffSession) -> SecondStepFirst | None:
    """A session of somebody with a second step was begun with it: the first one ends all that were begun without. Who
    acts as another has shown their own."""
    user, membership = row.user, row.membership
    if user is None or user.has_second_step or row.really_by_id is not None:
        return None
    if membership is None:
        return SecondStepFirst() if user.is_support and settings.SUPPORT_SECOND_STEP else None
    return SecondStepFirst() if membership.is_administrator and membership.retailer.needs_second_step else None


def _account_of(membership: Membership, now: datetime) -> Barred | None:
    store = membership.retailer
    kind: type[AccountCancelled] | type[AccountHeld] | type[TrialOver]
    if store.state == AccountState.CANCELLED:
        kind = AccountCancelled
    elif store.held_at is not None:
        kind = AccountHeld
    elif store.has_lapsed(now):
        kind = TrialOver
    else:
        return None
    go_to = BILLING_PAGE if membership.is_administrator else ""
    return kind(contacts=billing_contacts_of(membership), go_to=go_to)
