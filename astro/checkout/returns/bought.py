"""Which recorded purchases a customer may bring back, and how many units of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from astro.catalog.models import Product
from astro.checkout.models import Purchase, UnitVoid
from astro.credits.models import ReturnTerms
from astro.credits.returns.actions import Bought
from astro.credits.returns.queries import units_back
from astro.customers.models import Customer

OFFERED_DAYS: Final = 365
"""How far back purchases are offered where a brand sets no limit."""

MOST_OFFERED: Final = 30


@dataclass(frozen=True, slots=True)
class OfferedPurchase:
    """A purchase with what of it may still come back."""

    purchase: Purchase
    bought: Bought
    left: int


def offered_purchases(
    customer: Customer, *, terms: Iterable[ReturnTerms], day: date, product: Product | None = None
) -> list[OfferedPurchase]:
    """Purchases of items of brands with these terms, recent enough for each, with units left; the newest first."""
    of_brand = {row.brand_id: row.bought_within_days for row in terms}
    products = Product.objects.filter(brand__in=list(of_brand))
    if product is not None:
        products = products.filter(pk=product.pk)
    brand_of = dict(products.values_list("id", "brand_id"))
    since = day - timedelta(days=max((within or OFFERED_DAYS for within in of_brand.values()), default=0))
    rows = Purchase.objects.filter(customer=customer, day__gte=since, product_id__in=list(brand_of))
    rows = list(rows.select_related("location").order_by("-day", "-occurred_at", "-id")[: 10 * MOST_OFFERED])
    voided = Counter(UnitVoid.objects.filter(purchase__in=[row.pk for row in rows]).values_list("purchase", flat=True))
    back = units_back(row.pk for row in rows)
    found = []
    for row in rows:
        within = of_brand[brand_of[row.product_id]]
        units = row.quantity - voided[row.pk]
        left = units - back.get(row.pk, 0)
        if left > 0 and day - row.day <= timedelta(days=OFFERED_DAYS if within is None else within):
            found.append(OfferedPurchase(row, Bought(purchase_id=row.pk, on=row.day, units=units), left))
    return found[:MOST_OFFERED]
