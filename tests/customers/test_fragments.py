"""What keeps the index of look-up: triggers on SQLite, the database itself on PostgreSQL."""

import pytest
from django.db import connection, models, transaction

from astro.customers.fragments import INDEX, TRIGGERS, raise_index, tag
from astro.customers.models import Customer
from astro.customers.queries import customers_matching
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import make_customer

pytestmark = pytest.mark.django_db


def made() -> set[str]:
    """What stands in this database of that which a migration makes for look-up."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("select name from sqlite_master where type = 'trigger' and tbl_name = 'customers_customer'")
        else:
            cursor.execute("select indexname from pg_indexes where indexname = 'customer_search'")
        return {name for (name,) in cursor.fetchall()}


def expected() -> set[str]:
    return set(TRIGGERS) if connection.vendor == "sqlite" else {"customer_search"}


def test_the_index_is_there_after_all_migrations() -> None:
    """Fails when a later migration remade the table on SQLite and did not end with `RunPython(raise_index)`."""
    assert made() == expected()


def test_every_way_to_write_reaches_the_index(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", at=midtown)
        bulk = Customer(first_name="Bulk", last_name="Added", search=" bulk added \n", sort_name="added")
        Customer.objects.bulk_create([bulk])
        assert [one.first_name for one in customers_matching("bulk", limit=5)] == ["Bulk"]
        Customer.objects.filter(pk=ben.pk).update(search=" renamed \n")
        assert customers_matching("ortiz", limit=5) == []
        assert customers_matching("renamed", limit=5) == [ben]
        Customer.objects.filter(first_name="Bulk").delete()
        assert customers_matching("bulk", limit=5) == []
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"select rowid, search from {INDEX}")
                assert cursor.fetchall() == [(ben.pk, " renamed \n")]


def test_two_retailers_whose_tags_are_equal_stay_apart(midtown: Location, huxley: Retailer) -> None:
    twin = Retailer.objects.create(id=huxley.pk ^ 1 << 60, name="Twin")
    assert tag(twin.pk) == tag(huxley.pk)
    with inside(twin):
        make_customer(first_name="Ben", at=Location.objects.create(name="Theirs", region="MT"))
    with inside(huxley):
        assert customers_matching("ben", limit=5) == []


@pytest.mark.django_db(transaction=True)
def test_raising_the_index_again_indexes_what_is_there(huxley: Retailer, midtown: Location) -> None:
    """As after a migration that remade the table, on SQLite; on PostgreSQL an index goes along."""
    with inside(huxley), transaction.atomic():
        make_customer(first_name="Ben", at=midtown)
    if connection.vendor == "sqlite":
        with connection.schema_editor() as editor:
            wider = models.CharField(max_length=101)
            wider.set_attributes_from_name("first_name")
            editor.alter_field(Customer, Customer._meta.get_field("first_name"), wider)
        assert made() == set()
        with connection.cursor() as cursor:
            cursor.execute(f"delete from {INDEX}")
        with connection.schema_editor() as editor:
            raise_index(None, editor)
    assert made() == expected()
    with inside(huxley), transaction.atomic():
        assert len(customers_matching("ben", limit=5)) == 1
