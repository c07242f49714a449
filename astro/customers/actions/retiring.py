"""Bringing back a customer who was taken off the list. Taking off is in `people.py`."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.consent.asking import refresh
from astro.customers.errors import CannotRestore
from astro.customers.models import Customer, Merge
from astro.tenancy.models import Location


@transaction.atomic
def restore_customer(customer: Customer, *, by: User | None, at: Location | None, now: datetime) -> Customer:
    """On the list and in look-up again, with all that they had. Who is there already stays as they are.

    Raises `CannotRestore` where a living customer has the phone, e-mail or internal id meanwhile, and for an account
    that was erased or merged.
    """
    row: Customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if row.retired_at is None:
        return row
    if row.erased_at is not None:
        raise CannotRestore("erased")
    if Merge.objects.filter(gone=row, split_at__isnull=True).exists():
        raise CannotRestore("merged")
    _refuse_taken(row)
    row.retired_at = row.erase_on = None
    try:
        with transaction.atomic():
            row.save(update_fields=["retired_at", "erase_on"])
    except IntegrityError:
        _refuse_taken(row)
        raise
    refresh(row)
    record("customer restored", row, by=by, at=at, now=now)
    return row


def _refuse_taken(row: Customer) -> None:
    living = Customer.objects.filter(retired_at__isnull=True)
    for field, column in (("phone", "phone"), ("email", "email_folded"), ("internal_id", "internal_id_folded")):
        value = getattr(row, column)
        if value and (other := living.filter(**{column: value}).first()):
            raise CannotRestore(field, other=other)
