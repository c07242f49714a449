"""Pets: added, changed, taken off."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.customers.changes import note_changes
from astro.customers.errors import DetailError, Gone
from astro.customers.models import Customer, Pet
from astro.customers.pets import PetDetails, in_words
from astro.tenancy.models import Location

MOST_PETS = 20


@transaction.atomic
def add_pet(customer: Customer, details: PetDetails, *, by: User | None, at: Location, now: datetime) -> Pet:
    """One more animal. Raises `DetailError` beyond 20, `Gone` for a retired customer."""
    living = _locked(customer)
    if Pet.objects.filter(customer=living, retired_at__isnull=True).count() >= MOST_PETS:
        raise DetailError(_("A customer can have 20 pets here. Take one off first."), field="pets")
    pet = Pet(customer=living, created_at=now, **details.columns())
    pet.save(force_insert=True)
    note_changes(living, {"pet": ("", in_words(pet))}, by=by, at=at, now=now)
    return pet


@transaction.atomic
def change_pet(pet: Pet, details: PetDetails, *, by: User | None, at: Location, now: datetime) -> Pet:
    """Write its details anew. Raises `Gone` for a retired pet or customer."""
    living = _locked(pet.customer)
    row: Pet | None = Pet.objects.filter(pk=pet.pk, retired_at__isnull=True).first()
    if row is None:
        raise Gone
    was, columns = in_words(row), details.columns()
    if any(getattr(row, name) != value for name, value in columns.items()):
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        note_changes(living, {"pet": (was, in_words(row))}, by=by, at=at, now=now)
    return row


@transaction.atomic
def retire_pet(pet: Pet, *, by: User | None, at: Location, now: datetime) -> None:
    """It lives there no longer. Raises `Gone` where somebody was faster."""
    living = _locked(pet.customer)
    if Pet.objects.filter(pk=pet.pk, retired_at__isnull=True).update(retired_at=now) != 1:
        raise Gone
    note_changes(living, {"pet": (in_words(pet), "")}, by=by, at=at, now=now)


def _locked(customer: Customer) -> Customer:
    living: Customer | None = (
        Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).first()
    )
    if living is None:
        raise Gone
    return living
