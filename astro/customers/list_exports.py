"""The list of customers as tables that leave the house: the customers themselves, and their pets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from astro.customers.listing import in_parts, last_visit_of
from astro.customers.models import Address, Customer, CustomerTag, Pet
from astro.kit.phones import national
from astro.kit.tables import Row as TableRow
from astro.tenancy import features
from astro.tenancy.models import Location

AT_ONCE: Final = 500


def customers_heading() -> list[str]:
    return [
        _("Astro ID"), *_own_number_heading(), _("First name"), _("Last name"), _("Mobile phone"), _("E-mail"),
        _("Texts"), _("E-mails"), _("App since"), _("Street"), _("Apartment, suite"), _("City"), _("State or province"),
        _("Postcode"), _("Country"), _("Tags"), _("Added on"), _("Last visit"), _("For practice"),
        _("Kind of account"),
    ]  # fmt: skip


def customers_rows(customers: QuerySet[Customer], *, at: Location) -> Iterator[TableRow]:
    """These customers, in their order, a line each; days as `at` counts them."""
    has_number = features.has_now(features.INTERNAL_CUSTOMER_ID)
    for part in in_parts(customers, of=AT_ONCE):
        homes = {row.customer_id: row for row in Address.objects.filter(customer__in=part)}
        tags = _tags_of(part)
        for one in part:
            own_number = [one.internal_id] if has_number else []
            yield [
                str(one.pk), *own_number, one.first_name, one.last_name, national(one.phone), one.email,
                one.get_text_state_display(), one.get_email_state_display(),
                at.day(one.app_since) if one.app_since else None, *_home(homes.get(one.pk)),
                ", ".join(tags.get(one.pk, [])), at.day(one.created_at), at.day(last_visit_of(one)), one.is_practice,
                one.get_kind_display(),
            ]  # fmt: skip


def pets_heading() -> list[str]:
    return [
        _("Astro ID"), *_own_number_heading(), _("First name"), _("Last name"), _("Mobile phone"), _("E-mail"),
        _("Pet name"), _("Pet type"), _("Breed"), _("Age"), _("Birth year"), _("Birth month"), _("Birth day"),
    ]  # fmt: skip


def pets_rows(customers: QuerySet[Customer], *, today: date) -> Iterator[TableRow]:
    """The pets of these customers, a line each; who has none is left out. `today` is the day of which the ages are."""
    has_number = features.has_now(features.INTERNAL_CUSTOMER_ID)
    for part in in_parts(customers, of=AT_ONCE):
        pets: dict[int, list[Pet]] = {}
        for pet in Pet.objects.filter(customer__in=part, retired_at__isnull=True).order_by("created_at", "id"):
            pets.setdefault(pet.customer_id, []).append(pet)
        for one in part:
            own_number = [one.internal_id] if has_number else []
            for pet in pets.get(one.pk, []):
                yield [
                    str(one.pk), *own_number, one.first_name, one.last_name, national(one.phone), one.email,
                    pet.name, pet.get_kind_display() if pet.kind else "", pet.breed, pet.age_on(today),
                    pet.born_year, pet.born_month, pet.born_day,
                ]  # fmt: skip


def _own_number_heading() -> list[str]:
    return [_("Internal Customer ID")] if features.has_now(features.INTERNAL_CUSTOMER_ID) else []


def _home(home: Address | None) -> list[str]:
    if home is None:
        return [""] * 6
    return [home.street, home.street2, home.city, home.region, home.postcode, home.country]


def _tags_of(part: list[Customer]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = CustomerTag.objects.filter(customer__in=part, tag__archived_at__isnull=True).order_by("tag__label_folded")
    for customer_id, label in rows.values_list("customer_id", "tag__label"):
        found.setdefault(customer_id, []).append(label)
    return found
