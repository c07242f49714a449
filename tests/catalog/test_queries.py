"""Which product a code means, and what it costs, on a day and for a store."""

from datetime import date

import pytest

from astro.catalog.actions import add_barcode, set_price
from astro.catalog.models import Barcode, Price
from astro.catalog.queries import barcodes_of, price_on, prices_on, product_by_gtin, products_matching
from astro.tenancy.current import platform
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Retailer
from tests import cast

DAY = date(2026, 11, 20)
CODE = "00012345678905"
OTHER_CODE = "04006381333931"


def test_code_finds_the_stores_own_product_before_the_shared_one(huxley: Retailer, otherpaws: Retailer) -> None:
    own = cast.make_product(name="Own", retailer=huxley, gtins=[CODE])
    shared = cast.make_product(name="Shared", gtins=[CODE])
    with inside(huxley):
        assert product_by_gtin(CODE) == own
    with inside(otherpaws):
        assert product_by_gtin(CODE) == shared
        assert product_by_gtin(OTHER_CODE) is None


def test_code_means_the_product_that_carried_it_on_the_day(huxley: Retailer) -> None:
    old = cast.make_product(name="Old", gtins=[CODE])
    new = cast.make_product(name="New", gtins=[OTHER_CODE])
    with platform("test"):
        Barcode.objects.filter(gtin=CODE).update(until_on=date(2026, 6, 30))
        add_barcode(new, gtin=CODE, from_on=date(2026, 7, 1))
    with inside(huxley):
        days = [date(2024, 12, 31), date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
        assert [product_by_gtin(CODE, on=day) for day in days] == [None, old, old, new]
        assert product_by_gtin(CODE) == new
        assert barcodes_of([old.pk, new.pk]) == {new.pk: CODE}
        assert barcodes_of([old.pk, new.pk], on=date(2026, 6, 30)) == {old.pk: CODE, new.pk: OTHER_CODE}


def test_retired_product_is_not_found(huxley: Retailer) -> None:
    product = cast.make_product(gtins=[CODE])
    with platform("test"):
        product.retired_at = cast.NOW
        product.save()
    with inside(huxley):
        assert product_by_gtin(CODE) is None
        assert list(products_matching("")) == []


def test_price_is_that_of_the_day_and_the_stores_own_first(huxley: Retailer, otherpaws: Retailer) -> None:
    product = cast.make_product(prices={"USD": 6499})
    unpriced = cast.make_product(prices={})
    with platform("test"):
        set_price(product, currency="USD", msrp_cents=6999, from_on=DAY)
        set_price(product, currency="CAD", msrp_cents=9999, from_on=DAY)
    with inside(huxley):
        set_price(product, currency="USD", msrp_cents=5999, from_on=DAY)
        assert price_on(product, currency="USD", day=date(2026, 11, 19)) == 6499
        assert price_on(product, currency="USD", day=DAY) == 5999
        assert price_on(product, currency="CAD", day=date(2026, 11, 19)) is None
    with inside(otherpaws):
        assert prices_on([product.pk, unpriced.pk], currency="USD", day=DAY) == {product.pk: 6999}
        assert Price.objects.count() == 3


def test_products_are_found_by_words_of_name_size_and_brand_or_by_code(huxley: Retailer, otherpaws: Retailer) -> None:
    brand = cast.make_brand(name="Northpaw")
    gold = cast.make_product(name="Gold Adult", brand=brand, size="30 lb", gtins=[CODE])
    lamb = cast.make_product(name="Lamb", brand=brand, size="15 lb", gtins=[OTHER_CODE])
    cast.make_product(name="Gold of others", retailer=otherpaws)
    with inside(huxley):
        for text, found in {
            "gold": [gold],
            "northpaw 15": [lamb],
            "north": [gold, lamb],
            "gold lamb": [],
            "0 12345 67890 5": [gold],
            "": [gold, lamb],
        }.items():
            assert list(products_matching(text)) == found, text


@pytest.mark.parametrize("count", [1, 3])
def test_prices_and_codes_cost_one_query_each(huxley: Retailer, count: int, django_assert_num_queries: object) -> None:
    products = [cast.make_product() for _ in range(count)]
    with inside(huxley):
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert len(prices_on([row.pk for row in products], currency="USD", day=DAY)) == count
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert len(barcodes_of([row.pk for row in products])) == count
