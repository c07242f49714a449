"""What a store asks of new accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.errors import DetailError
from astro.customers.models import AccountRules, Level
from astro.tenancy.models import Location

LEVELS = ("email", "phone", "pets")
BOXES = ("asks_by_text", "asks_by_email")


@transaction.atomic
def write_account_rules(
    *, email: str, phone: str, pets: str, asks_by_text: bool, asks_by_email: bool, by: User, at: Location, now: datetime
) -> AccountRules:
    """Write the rules anew, for accounts that are made from now on. Raises `DetailError` for a level that is none."""
    told: dict[str, Any] = {"email": email, "phone": phone, "pets": pets}
    for name, level in told.items():
        if level not in Level.values:
            raise DetailError(_("Choose one of the three."), field=name)
    told |= {"asks_by_text": asks_by_text, "asks_by_email": asks_by_email}
    AccountRules.objects.bulk_create([AccountRules()], ignore_conflicts=True)  # two first times at once make one row
    rules: AccountRules = AccountRules.objects.select_for_update().get()
    changed = [name for name, value in told.items() if getattr(rules, name) != value]
    if changed:
        for name in changed:
            setattr(rules, name, told[name])
        rules.save(update_fields=changed)
        record("account rules changed", rules, by=by, at=at, now=now, fields=changed)
    return rules
