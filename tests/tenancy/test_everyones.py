"""What is everyone's: every retailer reads it, only the platform writes it, on both engines."""

import pytest
from django.apps import apps
from django.db import connection

from astro.catalog.models import Brand
from astro.tenancy.current import OtherRetailer, ReadsOnly, across_retailers
from astro.tenancy.everyones import Everyones
from astro.tenancy.policies import EVERYONES
from tests import cast

WRITES = {
    "create": lambda brand: Brand.objects.create(name="Ours"),
    "bulk_create": lambda brand: Brand.objects.bulk_create([Brand(name="Ours")]),
    "save": lambda brand: brand.save(),
    "update": lambda brand: Brand.objects.update(name="Ours"),
    "bulk_update": lambda brand: Brand.objects.bulk_update([brand], ["name"]),
    "delete": lambda brand: brand.delete(),
    "delete of many": lambda brand: Brand.objects.all().delete(),
}


@pytest.fixture
def brand(db):
    return cast.make_brand(name="Northpaw")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_retailer_writes_none_of_it(huxley, brand, write):
    with cast.inside(huxley), pytest.raises(OtherRetailer):
        write(brand)
    assert list(Brand.objects.values_list("name", flat=True)) == ["Northpaw"]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nobody_and_whoever_looks_across_write_none_of_it(brand, write):
    with pytest.raises(OtherRetailer):
        write(brand)
    with across_retailers("a test"), pytest.raises(ReadsOnly):
        write(brand)


def test_every_retailer_reads_it(huxley, otherpaws, brand):
    for retailer in (huxley, otherpaws):
        with cast.inside(retailer):
            assert Brand.objects.get() == brand


def test_the_platform_writes_it(brand):
    with cast.platform("a test"):
        brand.name = "Northpaw & Daughters"
        brand.save()
        Brand.objects.bulk_create([Brand(name="Fernwell")])
    assert Brand.objects.count() == 2


def test_the_policies_know_every_such_table():
    assert {model._meta.db_table for model in apps.get_models() if issubclass(model, Everyones)} == EVERYONES
    assert set(connection.introspection.django_table_names()) >= EVERYONES
