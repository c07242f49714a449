"""Writing and lifting lists of addresses."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts.models import Membership, RestrictionLift, User
from astro.activity.actions import record
from astro.tenancy.current import within
from astro.tenancy.models import Location, Retailer


@transaction.atomic
def restrict_store(retailer: Retailer, *, networks: str, by: User, at: Location, now: datetime) -> bool:
    """From where people of this store may come in, as `fields.NetworksField` cleans it; "" is from anywhere. It holds
    at everybody's next request. False where it was so before."""
    if not Retailer.objects.filter(pk=retailer.pk).exclude(networks=networks).update(networks=networks):
        return False
    retailer.networks = networks
    record("addresses restricted", retailer, by=by, at=at, now=now, lines=len(networks.splitlines()))
    return True


@transaction.atomic
def restrict_oneself(membership: Membership, *, networks: str, at: Location, now: datetime) -> bool:
    """From where somebody wants to come in themselves; other people's lists are changed with the person (`people`).
    False where it was so before."""
    mine = Membership.objects.filter(pk=membership.pk, retailer=membership.retailer_id, ended_at__isnull=True)
    if not mine.exclude(networks=networks).update(networks=networks):
        return False
    membership.networks = networks
    record("membership changed", membership, by=membership.user, at=at, now=now, fields=["networks"])
    return True


@transaction.atomic
def lift_restriction(
    retailer: Retailer, *, membership: Membership | None = None, by: User, reason: str, now: datetime
) -> bool:
    """Let people in from anywhere again: the store's own list is taken off, or this person's. For the platform's
    support, where a list has shut everybody out. The store reads the reason. False where there was none."""
    with within(retailer.pk):
        locked = Retailer.objects.select_for_update().get(pk=retailer.pk)
        one = Membership.objects.select_for_update().get(pk=membership.pk, retailer=retailer.pk) if membership else None
        about = one or locked
        was, about.networks = about.networks, ""
        if not was:
            return False
        about.save(update_fields=["networks"])
        RestrictionLift(membership=one, networks=was, reason=reason.strip(), by=by, at=now).save(force_insert=True)
        record("restriction lifted", about, by=by, at=None, now=now, lines=len(was.splitlines()))
    for given in (retailer, membership):
        if given is not None and given.pk == about.pk:
            given.networks = ""
    return True
