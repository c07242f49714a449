"""Opening a store, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from astro.accounts.actions import add_location, give_membership
from astro.accounts.models import Membership, Role, User
from astro.activity.actions import record
from astro.customers.actions import add_practice_customer
from astro.desk.models import FirstSteps
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import AccountState, Retailer
from astro.tenancy.regions import CURRENCIES

TRIAL = timedelta(days=15)


@transaction.atomic
def open_store(told: Mapping[str, Any], *, user: User, now: datetime) -> Membership:
    """A retailer on trial with its first location, `user` as its master administrator and primary billing contact, and
    the practice customer. `told` is `forms.SignUpForm.told`.

    The location is called by its city until somebody calls it something else.
    """
    retailer = Retailer(
        name=told["store_name"],
        country=told["country"],
        currency=CURRENCIES[told["country"]],
        state=AccountState.TRIAL,
        trial_until=now + TRIAL,
        created_at=now,
    )
    retailer.save(force_insert=True)
    membership = give_membership(user, role=Role.MASTER, retailer=retailer, now=now, is_billing_contact=True, by=user)
    with inside(retailer):
        record("store signed up", retailer, by=user, at=None, now=now, has_several=told["has_several"])
        site = {name: told[name] for name in ("street", "city", "region", "postcode", "country", "phone", "store_name")}
        add_location({**site, "name": told["city"], "time_zone": ZoneInfo(told["time_zone"])}, by=user, now=now)
        add_practice_customer(now=now)
        FirstSteps(has_several=told["has_several"]).save(force_insert=True)
    return membership
