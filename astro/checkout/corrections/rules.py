"""What the store settled about goods that come back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.checkout.models import ReturnRule, Spent
from astro.tenancy.models import Location


def return_rule() -> Spent:
    """What becomes of a spent punch in this store; until somebody says otherwise, another takes its place."""
    last = ReturnRule.objects.order_by("-set_at", "-id").first()
    return Spent(last.spent) if last else Spent.REPLACE


@transaction.atomic
def settle_return_rule(spent: Spent, *, by: User, at: Location, now: datetime) -> None:
    """Settle it, for what comes back from now on. The same again writes nothing."""
    if spent == return_rule():
        return
    rule = ReturnRule(spent=spent, location=at, by=by, set_at=now)
    rule.save(force_insert=True)
    record("return rule changed", rule, by=by, at=at, now=now, spent=str(spent))
