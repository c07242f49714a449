"""Forgetting a person who asks for it: taken off at once, erased after 30 days, and then for good.

What was bought, given and owed stays, under the account's number: others rely on it. What was said about the person's
addresses stays too, by their hashes, as the proof that they were or were not to be written to.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.actions.retiring import restore_customer
from astro.customers.errors import CannotErase, Gone, PracticeStays
from astro.customers.models import Customer
from astro.customers.parts import parts
from astro.customers.queries import accounts_in
from astro.tenancy.models import Location

ERASED_AFTER = timedelta(days=30)


@transaction.atomic
def ask_erasure(customer: Customer, *, by: User, at: Location, now: datetime) -> Customer:
    """Take the customer off every list now, and have them erased in 30 days, with every account merged into theirs.

    Raises `PracticeStays`, and `Gone` for whoever was removed already.
    """
    row = _locked(customer)
    if row.is_practice:
        raise PracticeStays
    if row.retired_at is not None:
        raise Gone
    row.retired_at, row.erase_on = now, at.day(now) + ERASED_AFTER
    row.save(update_fields=["retired_at", "erase_on"])
    record("erasure asked", row, by=by, at=at, now=now, erase_on=row.erase_on)
    return row


@transaction.atomic
def undo_erasure(customer: Customer, *, by: User, at: Location, now: datetime) -> Customer:
    """They are a customer again, with everything. Raises `CannotErase` where nobody asked for it, and `CannotRestore`
    where it was done already, or somebody else has the phone, e-mail or Internal Customer ID by now."""
    row = _locked(customer)
    if row.erase_on is None and row.erased_at is None:
        raise CannotErase(_("Nobody asked to erase this account."), status=409)
    restored = restore_customer(row, by=by, at=at, now=now)
    record("erasure undone", restored, by=by, at=at, now=now)
    return restored


def erase_due(*, today: date, now: datetime) -> int:
    """Erase whose day has come, each in a transaction of its own. Says how many; may run any number of times.

    `today` is the earliest day that it is at any of the retailer's locations.
    """
    due = Customer.objects.filter(erase_on__lte=today, retired_at__isnull=False, erased_at__isnull=True).order_by("pk")
    done = 0
    for customer_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            customer = _locked(Customer(pk=customer_id))
            if customer.erase_on is not None and customer.retired_at is not None:
                _erase(customer, now=now)
                done += 1
    return done


def _erase(customer: Customer, *, now: datetime) -> None:
    """This account and those in it. The parts come in the opposite order: this module knows the addresses."""
    for account in sorted(accounts_in(customer), key=lambda one: one.pk):
        one = _locked(account)
        for part in reversed(parts().values()):
            part.erase(one, now=now)
        record("customer erased", one, by=None, at=None, now=now)


def _locked(customer: Customer) -> Customer:
    row: Customer | None = Customer.objects.select_for_update().filter(pk=customer.pk).first()
    if row is None:
        raise Gone
    return row
