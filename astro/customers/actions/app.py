"""The customer uses the app."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.activity.actions import record
from astro.customers.models import Customer


@transaction.atomic
def joined_app(customer: Customer, *, now: datetime) -> None:
    """Note that this customer has signed in to the app, the first time that they do. Later times change nothing."""
    if Customer.objects.filter(pk=customer.pk, app_since__isnull=True).update(app_since=now):
        customer.app_since = now
        record("app joined", customer, by=None, at=None, now=now)
