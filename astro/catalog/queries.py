"""Finding products by code or words, and what they cost on a day.

Everywhere a store's own row goes before the shared one: the store knows its shelf.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import and_

from django.db.models import F, Q, QuerySet

from astro.catalog.models import Barcode, Price, Product
from astro.kit.folding import digits_of

OWN_FIRST = F("retailer_id").asc(nulls_last=True)


def valid_on(day: date) -> Q:
    """Rows that carry `from_on` and `until_on` (both may be empty), as far as they hold on that day."""
    begun = Q(from_on__isnull=True) | Q(from_on__lte=day)
    return begun & (Q(until_on__isnull=True) | Q(until_on__gte=day))


def product_by_gtin(gtin14: str, *, on: date | None = None) -> Product | None:
    """The product that carries this code on that day; without a day, the one whose code has no end."""
    codes = Barcode.objects.filter(gtin=gtin14, product__retired_at__isnull=True)
    codes = codes.filter(until_on__isnull=True) if on is None else codes.filter(valid_on(on))
    found = codes.select_related("product__brand").order_by(OWN_FIRST, F("from_on").desc(nulls_last=True)).first()
    return found.product if found else None


def price_on(product: Product, *, currency: str, day: date) -> int | None:
    """The suggested price in cents on that day, or None where there was none yet."""
    return prices_on([product.pk], currency=currency, day=day).get(product.pk)


def prices_on(product_ids: Iterable[int], *, currency: str, day: date) -> dict[int, int]:
    """Suggested prices in cents on that day, by product id. What had no price that day is left out."""
    return _prices(Price.objects.filter(product_id__in=list(product_ids)), currency=currency, day=day)


def all_prices_on(*, currency: str, day: date) -> dict[int, int]:
    """As `prices_on`, of everything in reach."""
    return _prices(Price.objects.all(), currency=currency, day=day)


def _prices(rows: QuerySet[Price], *, currency: str, day: date) -> dict[int, int]:
    """The later price wins, and the store's own over any shared one."""
    dated = rows.filter(currency=currency, from_on__lte=day)
    ordered = dated.order_by(F("retailer_id").asc(nulls_first=True), "from_on")
    return dict(ordered.values_list("product_id", "msrp_cents"))


def barcodes_of(product_ids: Iterable[int], *, on: date | None = None) -> dict[int, str]:
    """One living code for each product, as 14 digits: the newest, the store's own first. Some products have none."""
    codes = Barcode.objects.filter(product_id__in=list(product_ids))
    codes = codes.filter(until_on__isnull=True) if on is None else codes.filter(valid_on(on))
    ordered = codes.order_by(F("retailer_id").asc(nulls_first=True), "id")
    return dict(ordered.values_list("product_id", "gtin"))


def products_matching(text: str) -> QuerySet[Product]:
    """Living products that have every word in name, size or brand, or the digits in a code. All of them for no text."""
    products = Product.objects.filter(retired_at__isnull=True).select_related("brand")
    words = [_has_word(word) for word in text.split()]
    digits = digits_of(text)
    if len(digits) >= 6 and not text.strip(" -0123456789"):
        coded = Barcode.objects.filter(gtin__contains=digits, until_on__isnull=True).values("product_id")
        return products.filter(pk__in=coded)
    return products.filter(reduce(and_, words)) if words else products


def _has_word(word: str) -> Q:
    return Q(name__icontains=word) | Q(size__icontains=word) | Q(brand__name__icontains=word)
