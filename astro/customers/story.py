"""What a customer's page tells of the person: who they are, who may write to them, who changed what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.queries import address_of
from astro.customers.models import Address, Change, Channel, Consent, Customer, CustomerTag, Merge, Pet, SeenAt, Tag
from astro.customers.pets import born_in_words
from astro.customers.signs import Signs, signs_of
from astro.tenancy import features
from astro.tenancy.models import Location

FIELDS: Final = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "phone": gettext_lazy("Mobile phone"),
    "email": gettext_lazy("E-mail"),
    "internal_id": gettext_lazy("Internal Customer ID"),
    "address": gettext_lazy("Home address"),
    "note": gettext_lazy("Note"),
    "pet": gettext_lazy("Pet"),
    "tag": gettext_lazy("Tags"),
    "kind": gettext_lazy("Kind of account"),
    "breeder_number": gettext_lazy("Breeder number"),
    "employee_id": gettext_lazy("Employee ID"),
}


@dataclass(frozen=True, slots=True)
class ShownPet:
    """A pet in words: *Beagle, born May 2021*, and its age in whole years where that is known."""

    pet: Pet
    born: str
    age: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as the store knows them today."""

    signs: Signs
    home: Address | None
    pets: list[ShownPet]
    tags: list[Tag]
    met: list[tuple[Location, date]]
    has_internal_id: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One change, its field in words."""

    row: Change
    field: str


def person_of(customer: Customer, *, today: date) -> Person:
    """All of that, in a fixed number of queries."""
    pets = Pet.objects.filter(customer=customer, retired_at__isnull=True).order_by("created_at", "id")
    tags = CustomerTag.objects.filter(customer=customer, tag__archived_at__isnull=True).select_related("tag")
    met = SeenAt.objects.filter(customer=customer).select_related("location").order_by("-last_seen_at", "id")
    return Person(
        signs=signs_of([customer], today=today)[customer.pk],
        home=Address.objects.filter(customer=customer).first(),
        pets=[ShownPet(pet, born_in_words(pet), pet.age_on(today)) for pet in pets],
        tags=[row.tag for row in tags.order_by("tag__label_folded")],
        met=[(row.location, row.location.day(row.last_seen_at)) for row in met],
        has_internal_id=features.has_now(features.INTERNAL_CUSTOMER_ID),
    )


def consents_of(customer: Customer) -> QuerySet[Consent]:
    """Everything said by this customer, and everything said about the addresses that they have now, the latest first:
    a number that changed hands brings its past with it."""
    about = Q(customer=customer)
    for channel in Channel:
        address = address_of(customer, channel)
        if address:
            about |= Q(channel=channel, address_hash=address_hash(channel, address))
    rows: QuerySet[Consent] = Consent.objects.filter(about).select_related("by", "location", "wording")
    return rows.order_by("-id")


def changes_of(customer: Customer) -> QuerySet[Change]:
    """Who changed what, the latest first."""
    rows: QuerySet[Change] = Change.objects.filter(customer=customer).select_related("by", "location")
    return rows.order_by("-id")


def shown_changes(rows: Collection[Change]) -> list[ShownChange]:
    return [ShownChange(row, str(FIELDS.get(row.field, row.field))) for row in rows]


def merges_into(customer: Customer) -> list[Merge]:
    """The accounts that became this one and still are, the latest first."""
    rows = Merge.objects.filter(kept=customer, split_at__isnull=True).select_related("gone", "by", "location")
    return list(rows.order_by("-merged_at"))


def merged_into(customer: Customer) -> Customer | None:
    """The account that this one became, or None."""
    merge = Merge.objects.filter(gone=customer, split_at__isnull=True).select_related("kept").first()
    return merge.kept if merge else None


@dataclass(frozen=True, slots=True)
class Removal:
    """When somebody was taken off the list, and by whom ("" for nobody known)."""

    at: datetime
    by: str


def removal_of(customer: Customer) -> Removal | None:
    """How a removed customer came off the list; None for one who is on it."""
    if customer.retired_at is None:
        return None
    told = Event.objects.filter(about_kind=customer._meta.label_lower, about_id=customer.pk, name="customer retired")
    event = told.order_by("-id").first()
    by = User.objects.filter(pk=event.by_user_id).first() if event and event.by_user_id else None
    return Removal(customer.retired_at, by.name if by else "")


def evidence_of(row: Consent) -> list[tuple[str, str]]:
    """What proves a line of the ledger, as name and value."""
    names = {
        "reply": _("Reply"), "provider_id": _("Number of the text service"), "ip": _("Network address"),
        "network": _("Network address"), "user_agent": _("Browser"), "one_click": _("One click in the mail program"),
        "upload": _("Uploaded list"), "column": _("Column"), "value": _("Cell"), "proof": _("Where they said so"),
        "app_account": _("App account"), "delivery": _("Message"), "told": _("Told by the mail server"),
        "code": _("Code of the text service"),
    }  # fmt: skip
    return [(names.get(name, name), str(value)) for name, value in row.evidence.items() if value not in (None, "")]
