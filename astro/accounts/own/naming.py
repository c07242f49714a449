"""One's own name. Who works in several stores has nobody else who may change it: it holds in all of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts.errors import NameByAdministrator
from astro.accounts.models import User
from astro.accounts.queries import living_memberships
from astro.activity.actions import record
from astro.tenancy.current import within


@transaction.atomic
def rename_oneself(user: User, name: str, *, now: datetime) -> None:
    """Every store where they work records it. Raises `NameByAdministrator` for a user name that is no e-mail: behind it
    there may be several people."""
    if not user.email:
        raise NameByAdministrator
    if name == user.name:
        return
    user.name = name
    user.save(update_fields=["name"])
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("membership changed", membership, by=user, at=membership.location, now=now, fields=["name"])
