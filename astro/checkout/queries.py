"""What was checked out on a day, for a customer and for a location, and what was refused."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from astro.catalog.models import Product
from astro.checkout.models import Purchase, RefusedVisit, Visit
from astro.customers.models import Customer
from astro.tenancy.models import Location


def purchases_of_day(customer: Customer, *, day: date) -> list[Purchase]:
    """Everything that this customer bought that day, at any of the retailer's locations, the newest first."""
    return list(
        Purchase.objects.filter(customer=customer, day=day).select_related("location").order_by("-occurred_at", "-id")
    )


def visits_of_day(location: Location, *, day: date, only_filled: bool = False) -> QuerySet[Visit]:
    """The checkouts of one day at one location, practice included (it is marked)."""
    visits: QuerySet[Visit] = Visit.objects.filter(location=location, day=day).select_related("customer", "by")
    return visits.filter(answer__rewards__gt=0) if only_filled else visits


def refused_visits(*, at: Location) -> QuerySet[RefusedVisit]:
    """What was refused at this location and nobody has looked at yet."""
    waiting: QuerySet[RefusedVisit] = RefusedVisit.objects.filter(location=at, settled_at=None)
    return waiting.select_related("customer", "by")


def named_lines(kept: RefusedVisit) -> list[tuple[int, str]]:
    """Quantity and product of each line that was refused."""
    lines = kept.body["lines"]
    products = Product.objects.in_bulk({int(line["product_id"]) for line in lines})
    return [(line["quantity"], str(products.get(int(line["product_id"]), ""))) for line in lines]
