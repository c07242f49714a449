"""What is read of returns, and of the terms of their brands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from astro.catalog.models import Brand, Distributor
from astro.credits.models import ConsumerReturn, ReturnState, ReturnStep, ReturnTerms
from astro.programs.models import DistributorAccount, Program
from astro.tenancy.models import Location


def terms_on(brand: Brand | int, *, day: date) -> ReturnTerms | None:
    """What the brand asks for on that day; None where it takes nothing back."""
    rows = ReturnTerms.objects.filter(brand=brand, from_on__lte=day).order_by("-from_on")
    terms = rows.first()
    return terms if terms and terms.takes_part else None


def participating(*, day: date) -> list[ReturnTerms]:
    """The terms of all brands that take goods back on that day, by the brand's name. One query."""
    newest: dict[int, ReturnTerms] = {}
    for row in ReturnTerms.objects.filter(from_on__lte=day).select_related("brand").order_by("from_on"):
        newest[row.brand_id] = row
    return sorted((row for row in newest.values() if row.takes_part), key=lambda row: row.brand.name.casefold())


def payers_for(brand: Brand | int, *, location: Location) -> list[Distributor]:
    """Who delivers the brand to this location, by name."""
    programs = Program.objects.filter(brand=brand).values("pk")
    rows = Distributor.objects.filter(retired_at__isnull=True, carried__program__in=programs)
    rows = rows.filter(served_regions__country=location.country, served_regions__region=location.region)
    return list(rows.distinct().order_by("name"))


def remembered_numbers(distributors: Iterable[Distributor], *, location: Location) -> dict[int, str]:
    """The account numbers that these distributors gave the location, by distributor."""
    rows = DistributorAccount.objects.filter(location=location, distributor__in=[row.pk for row in distributors])
    return dict(rows.values_list("distributor", "number"))


def returns_told() -> QuerySet[Any]:
    """Returns, each with the `state` in which it stands, why it was declined, and what it is asked for under."""
    last = ReturnStep.objects.filter(consumer_return=OuterRef("pk"), retailer=OuterRef("retailer")).order_by("-number")
    return ConsumerReturn.objects.annotate(
        state=Subquery(last.values("state")[:1]),
        decline_reason=Subquery(last.values("decline_reason")[:1]),
        account_number=Subquery(last.values("account_number")[:1]),
        distributor_id=Subquery(last.values("distributor")[:1]),
        distributor_name=Subquery(last.values("distributor__name")[:1]),
    )


def with_steps(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same, with all steps in their order."""
    steps = ReturnStep.objects.select_related("distributor", "by").order_by("number")
    return rows.prefetch_related(Prefetch("steps", steps))


def units_back(purchases: Iterable[int]) -> dict[int, int]:
    """How many units of these purchases were brought back already, withdrawn returns left out."""
    found: dict[int, int] = {}
    rows = returns_told().filter(purchase_id__in=list(purchases)).exclude(state=ReturnState.WITHDRAWN)
    for purchase, quantity in rows.values_list("purchase_id", "quantity"):
        found[purchase] = found.get(purchase, 0) + quantity
    return found
