"""What was checked out on a day, for a customer and for a location, and what was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from astro.cards.models import Punch, PunchState, Redemption
from astro.catalog.models import Product
from astro.checkout.models import Purchase, RefusedVisit, Visit
from astro.customers.models import Customer
from astro.tenancy.models import Location


def purchases_of_day(customer: Customer, *, day: date) -> list[Purchase]:
    """Everything that this customer bought that day, at any of the retailer's locations, the newest first."""
    return list(
        Purchase.objects.filter(customer=customer, day=day).select_related("location").order_by("-occurred_at", "-id")
    )


@dataclass(frozen=True, slots=True)
class Result:
    """A visit, and what of it stands: punches that were not taken back, free items that were not brought back."""

    visit: Visit
    punches: int
    given: int


def visits_of_day(location: Location, *, day: date, only_given: bool = False) -> QuerySet[Visit]:
    """The checkouts of one day at one location, practice included (it is marked); or those that gave a free item."""
    visits: QuerySet[Visit] = Visit.objects.filter(location=location, day=day).select_related("customer", "by")
    return visits.filter(pk__in=_given(location, day).values("visit_id")) if only_given else visits


def results_of(visits: Collection[Visit]) -> list[Result]:
    """What of each visit stands now, in their order. Three queries."""
    visit_of = dict(Purchase.objects.filter(visit__in=visits).values_list("id", "visit_id"))
    punches = _counting().filter(cause_kind="purchase", cause_id__in=visit_of).values_list("cause_id", flat=True)
    punched = Counter(visit_of[cause_id] for cause_id in punches)
    redemptions = Redemption.objects.filter(visit_id__in=[visit.pk for visit in visits], is_live=True)
    given = Counter(redemptions.values_list("visit_id", flat=True))
    return [Result(visit, punched[visit.pk], given[visit.pk]) for visit in visits]


def sums_of_day(location: Location, *, day: date) -> dict[str, int]:
    """The day in numbers, without practice: what `visits_of_day` and `results_of` come to."""
    punches = _counting().filter(location=location, day=day, customer__is_practice=False)
    return {
        "visits": Visit.objects.filter(location=location, day=day, is_practice=False).count(),
        "punches": punches.count(),
        "given": _given(location, day).filter(is_practice=False).count(),
    }


def _counting() -> QuerySet[Punch]:
    """A punch that expired later counted on its day."""
    punches: QuerySet[Punch] = Punch.objects.filter(state__in=[PunchState.LIVE, PunchState.EXPIRED])
    return punches


def _given(location: Location, day: date) -> QuerySet[Redemption]:
    redemptions: QuerySet[Redemption] = Redemption.objects.filter(location=location, day=day, is_live=True)
    return redemptions


def refused_visits(*, at: Location) -> QuerySet[RefusedVisit]:
    """What was refused at this location and nobody has looked at yet."""
    waiting: QuerySet[RefusedVisit] = RefusedVisit.objects.filter(location=at, settled_at=None)
    return waiting.select_related("customer", "by")


def named_lines(kept: RefusedVisit) -> list[tuple[int, str]]:
    """Quantity and product of each line that was refused."""
    lines = kept.body["lines"]
    products = Product.objects.in_bulk({int(line["product_id"]) for line in lines})
    return [(line["quantity"], str(products.get(int(line["product_id"]), ""))) for line in lines]
