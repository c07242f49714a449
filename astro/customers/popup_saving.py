"""Saving the whole form of a pet owner at once, unless somebody else changed the same customer meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.accounts.models import User
from astro.customers.actions import (
    add_pet,
    change_customer,
    change_pet,
    retire_pet,
    set_tags,
    write_address,
    write_note,
)
from astro.customers.errors import Gone
from astro.customers.models import Address, Change, Customer, CustomerTag, Pet
from astro.customers.popup_forms import Account, OnFile
from astro.kit.errors import DomainError
from astro.tenancy.models import Location

FIELD_LABELS: Mapping[str, Any] = {
    "first_name": gettext_lazy("Pet Owner First Name"),
    "last_name": gettext_lazy("Pet Owner Last Name"),
    "phone": gettext_lazy("Pet Owner Mobile Phone"),
    "email": gettext_lazy("Pet Owner Email"),
    "internal_id": gettext_lazy("Internal Customer ID"),
    "note": gettext_lazy("Note"),
    "address": gettext_lazy("Home Address"),
    "pet": gettext_lazy("Pets"),
    "tag": gettext_lazy("Tags"),
}


class ChangedElsewhere(DomainError):
    """Somebody else saved this customer while the form was open; `changes` says what."""

    changes: Sequence[Change]

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__(
            _("Somebody else changed this customer while you had it open. Nothing of yours is saved yet."), 409
        )
        self.changes = changes


def on_file(customer: Customer) -> OnFile:
    """Everything that the form shows, with the version that it is saved against."""
    version: int | None = Change.objects.filter(customer=customer).aggregate(last=Max("id"))["last"]
    return OnFile(
        customer=customer,
        address=Address.objects.filter(customer=customer).first(),
        pets=list(Pet.objects.filter(customer=customer, retired_at__isnull=True)),
        tag_ids=frozenset(
            CustomerTag.objects.filter(customer=customer, tag__archived_at__isnull=True).values_list(
                "tag_id", flat=True
            )
        ),
        version=version or 0,
    )


@transaction.atomic
def save_account(customer: Customer, account: Account, *, by: User, at: Location, now: datetime) -> None:
    """Write all of a valid form, or nothing.

    Raises `ChangedElsewhere`, `Gone`, `AlreadyCustomer`, and `DetailError` for what cannot be kept.
    """
    who: dict[str, Any] = {"by": by, "at": at, "now": now}
    if not Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).exists():
        raise Gone
    changes = Change.objects.filter(customer=customer, id__gt=account.version).select_related("by").order_by("id")
    if changes:
        raise ChangedElsewhere(changes)
    change_customer(customer, **account.contact.details(), **who)
    write_note(customer, account.contact.cleaned_data["note"], **who)
    write_address(customer, account.address.home(), **who)
    for pet in account.gone():
        retire_pet(pet, **who)
    for pet, details in account.kept():
        change_pet(pet, details, **who)
    for details in account.added():
        add_pet(customer, details, **who)
    set_tags(customer, account.tags.cleaned_data["tags"], **who)
