"""Every way to write a retailer's rows stays inside the wall: in Python where it can be seen, else in the database."""

import pytest
from django.core import serializers
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from astro.catalog.models import Brand
from astro.customers.models import Customer, CustomerCode, SeenAt
from astro.tenancy.current import NoRetailer, OtherRetailer, ReadsOnly, across_retailers
from astro.tenancy.models import Location
from tests import cast
from tests.cast import NOW, inside

pytestmark = pytest.mark.django_db


def a_customer(**fields):
    return Customer(first_name="Nora", last_name="New", search="nora new", **fields)


WRITES = {
    "save": lambda row: row.save(),
    "save some fields": lambda row: row.save(update_fields=["first_name"]),
    "bulk_update": lambda row: Customer.objects.bulk_update([row], ["first_name"]),
    "delete": lambda row: row.delete(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_another_retailers_row_is_refused(write, huxley, stranger):
    with inside(huxley), pytest.raises(OtherRetailer):
        write(stranger)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_writing_raises_where_nobody_is_current(write, sally):
    with pytest.raises(NoRetailer):
        write(sally)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_looking_across_never_writes(write, sally):
    with across_retailers("a test"), pytest.raises(ReadsOnly):
        write(sally)


def test_a_new_row_is_the_current_retailers(huxley, otherpaws):
    with inside(huxley):
        row = a_customer()
        row.save()
        assert row.retailer_id == huxley.pk
        (bulk,) = Customer.objects.bulk_create([a_customer(phone="+14065550143")])
        assert bulk.retailer_id == huxley.pk
        found, made = Customer.objects.get_or_create(first_name="Gus", defaults={"last_name": "G", "search": "gus g"})
        assert (found.retailer_id, made) == (huxley.pk, True)
        assert Customer.objects.update_or_create(first_name="Gus", defaults={"last_name": "H"})[1] is False
    with inside(otherpaws):
        assert Customer.objects.count() == 0


def test_nobody_makes_no_row():
    with pytest.raises(NoRetailer):
        a_customer()
    with across_retailers("a test"), pytest.raises(ReadsOnly):
        a_customer()


def test_get_or_create_does_not_get_somebody_elses(huxley, otherpaws, stranger):
    with inside(huxley):
        mine, made = Customer.objects.get_or_create(first_name="Steve", defaults={"last_name": "S", "search": "s"})
        assert (made, mine.retailer_id) == (True, huxley.pk)
        assert mine.pk != stranger.pk


def test_a_row_made_for_another_retailer_is_refused(huxley, otherpaws):
    with inside(huxley):
        for make in (
            lambda: a_customer(retailer=otherpaws).save(),
            lambda: Customer.objects.create(retailer_id=otherpaws.pk, first_name="N", last_name="N", search="n"),
            lambda: Customer.objects.bulk_create([a_customer(retailer=otherpaws)]),
            lambda: Customer.objects.update_or_create(
                first_name="N", defaults={"retailer": otherpaws, "last_name": "N", "search": "n"}
            ),
        ):
            with pytest.raises(OtherRetailer):
                make()
        assert Customer.objects.count() == 0


def test_a_row_never_changes_its_retailer(huxley, otherpaws, sally):
    with inside(huxley):
        for values in ({"retailer": otherpaws}, {"retailer_id": otherpaws.pk}):
            with pytest.raises(OtherRetailer):
                Customer.objects.update(**values)
        with pytest.raises(OtherRetailer):
            Customer.objects.bulk_update([sally], ["retailer"])
    sally.retailer_id = otherpaws.pk
    with inside(otherpaws), transaction.atomic(), pytest.raises(DatabaseError):
        sally.save()
    with inside(otherpaws):
        assert Customer.objects.count() == 0


def test_a_loaded_relation_of_another_retailer_is_refused(huxley, stranger, midtown):
    with inside(huxley):
        for make in (
            lambda: CustomerCode.objects.create(customer=stranger, code="C1"),
            lambda: CustomerCode.objects.bulk_create([CustomerCode(customer=stranger, code="C1")]),
            lambda: stranger.codes.create(code="C1"),
        ):
            with pytest.raises(OtherRetailer):
                make()


def test_an_id_of_another_retailer_is_refused_by_the_database(huxley, stranger):
    """`customer_id=` shows Python nothing; the key over both columns does."""
    with inside(huxley):
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerCode.objects.create(customer_id=stranger.pk, code="C1")
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerCode.objects.bulk_create([CustomerCode(customer_id=stranger.pk, code="C1")])


def test_updating_to_an_id_of_another_retailer_is_refused_by_the_database(huxley, sally, stranger):
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerCode.objects.update(customer_id=stranger.pk)


def test_bulk_writes_reach_the_current_retailer_only(huxley, otherpaws, sally, stranger):
    with inside(huxley):
        assert Customer.objects.update(first_name="Sam") == 1
        assert Customer.objects.filter(pk=stranger.pk).update(first_name="X") == 0
        assert Customer.objects.filter(pk=stranger.pk).delete() == (0, {"customers.Customer": 0})
        sally.first_name = "Sue"
        assert Customer.objects.bulk_update([sally], ["first_name"]) == 1
    with inside(otherpaws):
        assert Customer.objects.get().first_name == "Steve"


@pytest.mark.parametrize("write", [lambda rows: rows.update(code="C2"), lambda rows: rows.delete()])
def test_writes_over_a_join_name_the_retailer_of_the_table_itself(
    write, huxley, otherpaws, sally, stranger, django_assert_num_queries
):
    with inside(otherpaws):
        CustomerCode.objects.create(customer=stranger, code="C1")
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        with django_assert_num_queries(1) as captured:
            write(CustomerCode.objects.filter(customer__phone="+14065550142"))
        where = captured[0]["sql"].partition(" WHERE ")[2]
        assert f'"customers_customercode"."retailer_id" = {huxley.pk}' in where.partition("SELECT")[0]
    with inside(otherpaws):
        assert CustomerCode.objects.get().code == "C1"


def test_a_slice_is_not_deleted_as_a_whole(huxley, midtown):
    with inside(huxley):
        for number in range(3):
            cast.make_customer(at=midtown, last_name=f"Number {number}")
        SeenAt.objects.all().delete()
        for write in (
            lambda: Customer.objects.all()[:1].delete(),
            lambda: Customer.objects.all()[:1].update(first_name="X"),
            lambda: Customer.objects.distinct().delete(),
            lambda: Customer.objects.all().union(Customer.objects.all()).delete(),
        ):
            with pytest.raises(Exception, match=r"slice|plain selection|union"):
                write()
        assert Customer.objects.exclude(first_name="X").count() == 3


def test_an_upsert_must_name_the_retailer(huxley, otherpaws, stranger):
    """Else, on SQLite, a new row with somebody's id would overwrite that row."""
    with inside(huxley), pytest.raises(OtherRetailer):
        Customer.objects.bulk_create(
            [a_customer(pk=stranger.pk)], update_conflicts=True, unique_fields=["id"], update_fields=["first_name"]
        )
    with inside(otherpaws):
        assert Customer.objects.get().first_name == "Steve"


def test_an_upsert_that_names_it_writes_its_own(huxley, otherpaws, sally, stranger, midtown, elsewhere):
    with inside(huxley):
        SeenAt.objects.bulk_create(
            [SeenAt(customer=sally, location=midtown, first_seen_at=NOW, last_seen_at=NOW)],
            update_conflicts=True,
            unique_fields=["retailer", "customer", "location"],
            update_fields=["last_seen_at"],
        )
        assert SeenAt.objects.count() == 1


def test_saving_a_row_that_is_gone_does_not_bring_it_back(huxley, sally):
    with inside(huxley):
        SeenAt.objects.all().delete()
        Customer.objects.get(pk=sally.pk).delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            sally.save()
        assert Customer.objects.count() == 0


def test_what_is_pointed_at_is_not_deleted(huxley, sally):
    with inside(huxley), pytest.raises(IntegrityError), transaction.atomic():
        sally.delete()


def test_a_fixture_meets_the_guard(huxley, otherpaws, stranger):
    """Fixtures skip `save`."""
    with inside(otherpaws):
        text = serializers.serialize("json", [stranger])
    with inside(huxley):
        for loaded in serializers.deserialize("json", text.replace(str(stranger.pk), str(stranger.pk + 1))):
            with pytest.raises(OtherRetailer), transaction.atomic():
                loaded.save()
        assert Customer.objects.count() == 0


def test_related_managers_write_their_own(huxley, sally, midtown):
    with inside(huxley):
        code = sally.codes.create(code="C1")
        other = cast.make_customer(at=midtown, last_name="Second")
        other.codes.add(code)
        assert [row.code for row in other.codes.all()] == ["C1"]


def test_an_expression_updates_its_own(huxley, otherpaws, sally, stranger):
    with inside(huxley):
        assert Customer.objects.filter(pk=sally.pk).update(first_name=F("last_name")) == 1
    with inside(otherpaws):
        assert Customer.objects.get().first_name == "Steve"


def test_looking_across_writes_nothing_by_any_means(sally):
    """The reader's role on PostgreSQL; on SQLite the backend itself, raw statements and plain tables included."""
    with across_retailers("a test"):
        for write in (
            lambda: Brand.objects.create(name="Northpaw"),
            lambda: connection.cursor().execute("update customers_customer set first_name = 'X'"),
            lambda: connection.cursor().execute("  DELETE\nfrom customers_seenat"),
            lambda: Location.objects.update(name="X"),
            lambda: Location.objects.all().delete(),
            lambda: Customer.objects.get_or_create(first_name="Nobody", defaults={"last_name": "N"}),
        ):
            with pytest.raises((ReadsOnly, DatabaseError)), transaction.atomic():
                write()
