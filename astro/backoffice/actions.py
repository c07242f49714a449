"""What support changes for a store and touches more than one module: each is one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts.models import User
from astro.billing.actions import change_state, switch_feature
from astro.programs.actions import leave_what_is_not_included
from astro.tenancy import features
from astro.tenancy.current import within
from astro.tenancy.models import Retailer


@transaction.atomic
def change_account(
    retailer: Retailer, state: str, *, trial_until: datetime | None, was: str, by: User, reason: str, now: datetime
) -> int:
    """Make it another kind of account, and leave the programs that it does not include any more. Says how many."""
    with within(retailer.pk):
        change_state(retailer, state, trial_until=trial_until, was=was, by=by, reason=reason, now=now)
        return leave_what_is_not_included(features.all_of(retailer), by=by, now=now)


@transaction.atomic
def switch(retailer: Retailer, name: str, *, is_on: bool, by: User, reason: str, now: datetime) -> bool:
    """Give a store something or take it away; programs that it does not include any more are left. False where it was
    so already."""
    with within(retailer.pk):
        if not switch_feature(retailer, name, is_on=is_on, by=by, reason=reason, now=now):
            return False
        leave_what_is_not_included(features.all_of(retailer), by=by, now=now)
    return True
