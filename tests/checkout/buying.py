"""Visits that happened before the test begins."""

from datetime import datetime

from astro.catalog.models import Product
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.checkout.models import Visit
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.tenancy.models import Location
from tests.cast import inside


def buy(customer: Customer, product: Product, quantity: int = 1, *, at: Location, now: datetime | None = None) -> Visit:
    """So many units of a product, checked out at that moment; now, where none is given."""
    now = now or utc_now()
    basket = Basket(new_uuid7(now), now, (Line(new_uuid7(now), product.pk, quantity),), "0" * 64)
    with inside(at.retailer):
        return record_visit(customer, basket, at=at, by=None, now=now).visit
