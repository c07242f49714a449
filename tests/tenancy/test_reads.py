"""Every way to read a retailer's rows stays inside the wall, and raises where nobody is current."""

import pytest
from django.db import connection, models, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404

from astro.cards.models import Card
from astro.customers.models import Customer, CustomerCode, SeenAt
from astro.programs.models import Enrollment
from astro.tenancy.current import NoRetailer, across_retailers
from astro.tenancy.models import Location
from tests import cast
from tests.cast import inside

pytestmark = pytest.mark.django_db

READS = {
    "all": lambda: list(Customer.objects.all()),
    "base manager": lambda: list(Customer._base_manager.all()),
    "get": lambda: [Customer.objects.get(first_name__in=["Sally", "Steve"])],
    "iterator": lambda: list(Customer.objects.iterator()),
    "in_bulk": lambda: list(Customer.objects.in_bulk().values()),
    "union": lambda: list(Customer.objects.order_by().union(Customer.objects.order_by().filter(last_name="X"))),
    "first": lambda: [Customer.objects.order_by("pk").first()],
    "only": lambda: list(Customer.objects.only("first_name")),
    "select for update": lambda: list(Customer.objects.select_for_update()),
    "over a relation": lambda: [seen.customer for seen in SeenAt.objects.select_related("customer")],
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reads_see_the_current_retailer_only(read, huxley, sally, stranger):
    with inside(huxley):
        assert read() == [sally]


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reads_raise_where_nobody_is_current(read, sally):
    with pytest.raises(NoRetailer):
        read()


def test_counts_and_sums_see_the_current_retailer_only(huxley, sally, stranger):
    with inside(huxley):
        assert Customer.objects.count() == 1
        assert Customer.objects.aggregate(n=Count("pk")) == {"n": 1}
        assert not Customer.objects.filter(pk=stranger.pk).exists()
        assert list(Customer.objects.values_list("first_name", flat=True)) == ["Sally"]
        assert list(Customer.objects.dates("created_at", "year")) == [sally.created_at.date().replace(month=1, day=1)]


def test_grouping_by_a_whole_row_counts_its_own(huxley, sally, stranger, midtown):
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        CustomerCode.objects.create(customer=sally, code="C2")
        rows = Customer.objects.annotate(codes_held=Count("codes")).filter(codes_held__gt=1)
        assert [(row.first_name, row.codes_held) for row in rows] == [("Sally", 2)]
        assert list(CustomerCode.objects.values("customer__first_name").annotate(n=Count("pk"))) == [
            {"customer__first_name": "Sally", "n": 2}
        ]


def test_refreshing_another_retailers_row_finds_nothing(huxley, stranger):
    with inside(huxley), pytest.raises(Customer.DoesNotExist):
        stranger.refresh_from_db()
    with pytest.raises(NoRetailer):
        stranger.refresh_from_db()


def test_following_a_relation_stays_inside(huxley, otherpaws, sally, stranger):
    with inside(otherpaws):
        seen = SeenAt.objects.get(customer=stranger)
    with inside(huxley), pytest.raises(Customer.DoesNotExist):
        assert seen.customer
    with pytest.raises(NoRetailer):
        assert seen.customer


def test_following_a_relation_compares_both_retailers(huxley, sally, midtown):
    """An object whose retailer was tampered with does not lead to the other retailer's row."""
    with inside(huxley):
        seen = SeenAt.objects.get(customer=sally)
        seen.retailer_id = huxley.pk + 1
        with pytest.raises(Customer.DoesNotExist):
            assert seen.customer


def test_the_rows_behind_a_row_stay_inside(huxley, otherpaws, sally, stranger):
    with inside(otherpaws):
        CustomerCode.objects.create(customer=stranger, code="C1")
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        assert [code.code for code in sally.codes.all()] == ["C1"]
        assert list(stranger.codes.all()) == []
    with pytest.raises(NoRetailer):
        sally.codes.count()


def test_prefetching_stays_inside(huxley, otherpaws, sally, stranger):
    with inside(otherpaws):
        CustomerCode.objects.create(customer=stranger, code="C9")
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        (row,) = Customer.objects.prefetch_related("codes", Prefetch("seen_at", SeenAt.objects.all()))
        assert [code.code for code in row.codes.all()] == ["C1"]
        models.prefetch_related_objects([stranger], "codes")
        assert list(stranger.codes.all()) == []
        (seen,) = SeenAt.objects.prefetch_related("customer", "location")
        assert (seen.customer, seen.location.name) == (sally, "Midtown")


def test_joins_carry_the_retailer(huxley, sally):
    with inside(huxley):
        sql = str(SeenAt.objects.filter(customer__first_name="Sally", location__name="Midtown").query)
        assert '"customers_customer"."retailer_id" = ("customers_seenat"."retailer_id")' in sql
        assert '"tenancy_location"."retailer_id" = ("customers_seenat"."retailer_id")' in sql


def test_without_something_is_asked_with_exists(huxley, otherpaws, sally, stranger, midtown):
    with inside(huxley):
        CustomerCode.objects.create(customer=sally, code="C1")
        plain = cast.make_customer(at=midtown, first_name="Paula", last_name="Plain")
        coded = CustomerCode.objects.filter(customer=OuterRef("pk"))
        assert list(Customer.objects.filter(~Exists(coded))) == [plain]
        assert list(Customer.objects.exclude(codes__code="C1")) == [plain]


def test_every_subquery_of_an_exclude_names_the_retailer(huxley, sally):
    with inside(huxley):
        sql = str(Customer.objects.exclude(codes__code="C1").query)
        assert f'U1."retailer_id" = {huxley.pk}' in sql


def test_a_row_of_somebody_else_is_not_found(huxley, stranger):
    from django.http import Http404

    with inside(huxley), pytest.raises(Http404):
        get_object_or_404(Customer, pk=stranger.pk)


def test_raw_sql_is_refused(huxley):
    with inside(huxley), pytest.raises(NoRetailer, match="Raw SQL"):
        Customer.objects.raw("select * from customers_customer")


def test_the_empty_queryset_needs_nobody():
    assert list(Customer.objects.none()) == []


def test_looking_across_sees_everyone(sally, stranger):
    with across_retailers("a test"), transaction.atomic():
        assert set(Customer.objects.all()) == {sally, stranger}
        assert {seen.customer.first_name for seen in SeenAt.objects.select_related("customer")} == {"Sally", "Steve"}


def test_a_kept_queryset_answers_for_where_it_was_made_or_not_at_all(huxley, otherpaws, sally, stranger):
    """Why a queryset is never kept: made in one retailer and read in another it shows the first one's rows on SQLite.
    The wall of PostgreSQL shows none."""
    with inside(huxley):
        kept = Customer.objects.all()
    with inside(otherpaws):
        assert list(kept) == ([] if connection.vendor == "postgresql" else [sally])


def test_join_to_a_shared_row_does_not_bring_in_another_retailers_rows(huxley, otherpaws, midtown, elsewhere, owner):
    program = cast.make_program()
    other = cast.make_user()
    cast.make_membership(other, retailer=otherpaws, role="master")
    cast.make_enrollment(elsewhere, program=program, by=other)
    with inside(huxley):
        model = type(program)
        assert model.objects.filter(pk=program.pk, enrollments__isnull=False).count() == 0
        assert model.objects.annotate(n=Count("enrollments")).get(pk=program.pk).n == 0
        assert Enrollment.objects.count() == 0
        assert Card.objects.filter(program_card__program=program).count() == 0
        assert Location.objects.filter(enrollments__program=program).count() == 0
