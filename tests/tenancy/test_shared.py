"""Rows that are everyone's or one store's own: read shared and mine, write only mine."""

import pytest
from django.db import transaction

from astro.catalog.models import Barcode, Product
from astro.programs.models import ProgramItem
from astro.tenancy.current import NoRetailer, OtherRetailer, ReadsOnly, across_retailers, platform
from tests import cast
from tests.cast import inside

pytestmark = pytest.mark.django_db


@pytest.fixture
def kibble():
    """Everyone's."""
    return cast.make_product(name="Kibble")


@pytest.fixture
def grooming(huxley):
    return cast.make_product(name="Grooming", retailer=huxley)


@pytest.fixture
def boarding(otherpaws):
    return cast.make_product(name="Boarding", retailer=otherpaws)


def names():
    return set(Product.objects.values_list("name", flat=True))


def test_reads_shared_and_mine(huxley, otherpaws, kibble, grooming, boarding):
    with inside(huxley):
        assert names() == {"Kibble", "Grooming"}
        assert list(Product.objects.filter(pk=boarding.pk)) == []
    with inside(otherpaws):
        assert names() == {"Kibble", "Boarding"}
    with platform("a test"):
        assert names() == {"Kibble"}
    with across_retailers("a test"), transaction.atomic():
        assert names() == {"Kibble", "Grooming", "Boarding"}
    with pytest.raises(NoRetailer):
        names()


def test_a_retailer_writes_only_its_own(huxley, kibble, grooming, boarding):
    with inside(huxley):
        for row in (kibble, boarding):
            for write in (row.save, row.delete, lambda row=row: Product.objects.bulk_update([row], ["name"])):
                with pytest.raises(OtherRetailer):
                    write()
        with pytest.raises(OtherRetailer):
            Product.objects.create(retailer=None, name="Slipped in")
        grooming.name = "Grooming, small dog"
        grooming.save()
        assert names() == {"Kibble", "Grooming, small dog"}


def test_bulk_writes_of_a_retailer_leave_shared_rows_alone(huxley, kibble, grooming, boarding):
    with inside(huxley):
        assert Product.objects.update(size="mine") == 1
        assert Barcode.objects.filter(product__name="Kibble").delete()[0] == 0
        assert Barcode.objects.filter(product__name="Grooming").delete()[0] == 1
    with across_retailers("a test"), transaction.atomic():
        assert set(Product.objects.values_list("name", "size")) == {
            ("Kibble", "30 lb"),
            ("Grooming", "mine"),
            ("Boarding", "30 lb"),
        }


def test_the_platform_writes_shared_rows_only(kibble, grooming):
    with platform("a test"):
        kibble.size = "15 lb"
        kibble.save()
        assert Product.objects.update(size="5 lb") == 1
        with pytest.raises(OtherRetailer):
            grooming.save()
    with across_retailers("a test"), pytest.raises(ReadsOnly):
        kibble.save()


def test_another_stores_own_row_is_refused_as_a_relation(huxley, boarding):
    with inside(huxley), pytest.raises(OtherRetailer):
        Barcode.objects.create(product=boarding, gtin="0" * 14)


def test_an_id_of_another_stores_own_row_leads_nowhere(huxley, otherpaws, boarding):
    """The limit told in `walls.py`: no key says "shared or mine". The row is not reached, by any way."""
    with inside(huxley):
        code = Barcode.objects.create(product_id=boarding.pk, gtin="0" * 14)
        with pytest.raises(Product.DoesNotExist):
            assert Barcode.objects.get(pk=code.pk).product
        assert not Barcode.objects.filter(product__name="Boarding").exists()
        assert list(Barcode.objects.select_related("product")) == []
        assert Barcode.objects.values_list("product__name", flat=True).filter(pk=code.pk).first() is None
    with inside(otherpaws):
        assert code.pk not in boarding.barcodes.values_list("pk", flat=True)
        assert not Product.objects.filter(barcodes__gtin="0" * 14).exists()


def test_joins_from_a_shared_row_meet_only_mine(huxley, otherpaws, kibble):
    """Other Paws puts its own code on a product that is everyone's."""
    with inside(otherpaws):
        Barcode.objects.create(product=kibble, gtin="9" * 14)
        assert Product.objects.filter(barcodes__gtin="9" * 14).get() == kibble
    with inside(huxley):
        assert not Product.objects.filter(barcodes__gtin="9" * 14).exists()
        assert list(Product.objects.exclude(barcodes__gtin="9" * 14)) == [kibble]
    with across_retailers("a test"), transaction.atomic():
        assert Product.objects.filter(barcodes__gtin="9" * 14).exists()
    with pytest.raises(NoRetailer):
        str(ProgramItem.objects.filter(product__name="Kibble").query)
