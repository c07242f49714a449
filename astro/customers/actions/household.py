"""Where a customer lives and with whom, written down in one go after the account was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from astro.accounts.models import User
from astro.customers.actions.people import write_address
from astro.customers.actions.pets import add_pet
from astro.customers.models import Customer, Pet
from astro.customers.pets import PetDetails
from astro.tenancy.models import Location


@transaction.atomic
def write_household(
    customer: Customer,
    *,
    address: Mapping[str, Any] | None,
    pets: Sequence[PetDetails],
    by: User | None,
    at: Location,
    now: datetime,
) -> list[Pet]:
    """Keep the address (None takes it off) and add the pets; the new ones. All of it or nothing.

    Pets that the customer has, to the last detail, are not added again: *Finished* may be pressed twice, or a page sent
    again. Raises `DetailError` and `Gone`.
    """
    write_address(customer, address, by=by, at=at, now=now)
    known = list(Pet.objects.filter(customer=customer, retired_at__isnull=True).values(*PetDetails.__slots__))
    new = [pet for pet in pets if pet.columns() not in known]
    return [add_pet(customer, pet, by=by, at=at, now=now) for pet in new]
