"""The reader of SQL itself: what ties a table to a retailer, and what does not."""

import pytest
from django.db import models, transaction

from astro.customers.models import Customer, SeenAt
from astro.tenancy.current import across_retailers
from tests.cast import inside
from tests.tenancy.captured import capturing, untied

WALLED, SHARED = frozenset({"pet", "person"}), frozenset({"product"})

TIED = [
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s',
    'SELECT * FROM "pet" WHERE ("pet"."name" = %s AND "pet"."retailer_id" = 5)',
    'SELECT * FROM "pet" T3 WHERE T3."retailer_id" = %s',
    "select * from pet where retailer_id = %s and name = 'OR'",
    'SELECT * FROM "pet" INNER JOIN "person" ON ("pet"."person_id" = "person"."id" AND ("person"."retailer_id" = '
    '("pet"."retailer_id"))) WHERE "pet"."retailer_id" = %s',
    'SELECT * FROM "pet" LEFT OUTER JOIN "person" T2 ON ("pet"."person_id" = T2."id" AND T2."retailer_id" = '
    '"pet"."retailer_id") WHERE "pet"."retailer_id" = %s ORDER BY 1',
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s AND ("pet"."name" = %s OR "pet"."name" = %s)',
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s AND NOT (EXISTS(SELECT 1 FROM "person" U0 WHERE '
    'U0."id" = ("pet"."person_id") AND U0."retailer_id" = ("pet"."retailer_id")))',
    'SELECT COUNT(*) FROM (SELECT "pet"."id" FROM "pet" WHERE "pet"."retailer_id" = %s) subquery',
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s UNION SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s',
    'UPDATE "pet" SET "name" = %s WHERE "pet"."retailer_id" = %s',
    'DELETE FROM "pet" WHERE ("pet"."retailer_id" = %s AND "pet"."id" IN (SELECT U0."id" FROM "pet" U0 WHERE '
    'U0."retailer_id" = %s))',
    'INSERT INTO "pet" ("id", "retailer_id", "name") VALUES (%s, %s, %s)',
    'INSERT INTO "pet" ("id", "retailer_id") VALUES (%s, %s) ON CONFLICT("retailer_id") DO UPDATE SET "name" = 1',
    "update pet set name = v.column2 from (values (%s, %s)) as v where pet.retailer_id = %s and pet.id = v.column1",
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s FOR UPDATE OF "pet"',
    'SELECT * FROM "product" WHERE ("product"."retailer_id" IS NULL OR "product"."retailer_id" = %s)',
    'SELECT * FROM "product" WHERE "product"."retailer_id" IS NULL',
    'SELECT * FROM "pet" INNER JOIN "product" ON ("pet"."of" = "product"."id" AND (("product"."retailer_id" IS NULL '
    'OR "product"."retailer_id" = %s) AND "pet"."retailer_id" = %s)) WHERE "pet"."retailer_id" = %s',
    'SELECT * FROM "elsewhere" WHERE "elsewhere"."name" = %s',
    "SAVEPOINT x1",
]

UNTIED = {
    'SELECT * FROM "pet"': ["pet"],
    'SELECT "pet"."retailer_id" FROM "pet" WHERE "pet"."id" = %s': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" IN (%s, %s)': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" <= %s': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" IS NULL': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s OR "pet"."name" = %s': ["pet"],
    'SELECT * FROM "pet" WHERE ("pet"."retailer_id" = %s OR "pet"."name" = %s)': ["pet"],
    'SELECT * FROM "pet" WHERE NOT ("pet"."retailer_id" = %s)': ["pet"],
    'SELECT * FROM "pet" WHERE CASE WHEN "pet"."retailer_id" = %s THEN 1 ELSE 1 END = 1': ["pet"],
    'SELECT * FROM "pet" HAVING "pet"."retailer_id" = %s': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."name" = \'"pet"."retailer_id" = 5\'': ["pet"],
    'SELECT * FROM "pet" INNER JOIN "person" ON ("pet"."person_id" = "person"."id") WHERE "pet"."retailer_id" = %s': [
        "person"
    ],
    'SELECT * FROM "pet" INNER JOIN "person" ON ("person"."retailer_id" = "pet"."retailer_id")': ["pet", "person"],
    'SELECT * FROM "pet", "person" WHERE "pet"."retailer_id" = %s': ["person"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s AND NOT ("pet"."id" IN (SELECT U1."pet_id" FROM "person" U1 '
    'WHERE "retailer_id" = (U1."retailer_id")))': ["person"],
    'SELECT * FROM "pet" WHERE EXISTS(SELECT 1 FROM "person" U0 WHERE U0."retailer_id" = %s AND U0."retailer_id" = '
    '("pet"."retailer_id"))': ["pet"],
    'SELECT * FROM "pet" WHERE "pet"."retailer_id" = %s UNION SELECT * FROM "pet"': ["pet"],
    'UPDATE "pet" SET "retailer_id" = %s WHERE "pet"."id" = %s': ["pet"],
    'DELETE FROM "pet" WHERE "pet"."id" IN (SELECT U0."id" FROM "pet" U0 WHERE U0."retailer_id" = %s)': ["pet"],
    'INSERT INTO "pet" ("id", "name") VALUES (%s, %s)': ["pet"],
    'SELECT * FROM "product"': ["product"],
    'SELECT * FROM "product" WHERE ("product"."retailer_id" IS NULL OR "product"."name" = %s)': ["product"],
    'SELECT * FROM "product" WHERE ("product"."retailer_id" IS NULL OR "product"."retailer_id" IS NULL)': ["product"],
    'SELECT * FROM "product" WHERE ("product"."retailer_id" IS NULL OR "product"."retailer_id" = %s OR 1 = 1)': [
        "product"
    ],
}


@pytest.mark.parametrize("sql", TIED)
def test_tied(sql):
    assert untied(sql, walled=WALLED, shared=SHARED) == ()


@pytest.mark.parametrize(("sql", "tables"), UNTIED.items())
def test_untied(sql, tables):
    assert list(untied(sql, walled=WALLED, shared=SHARED)) == tables


@pytest.mark.django_db
def test_reads_what_django_sends(huxley, sally):
    with inside(huxley), capturing() as wrong:
        list(SeenAt.objects.filter(customer__first_name="Sally").select_related("location"))
        Customer.objects.exclude(codes__code="C1").count()
        sally.save()
        SeenAt.objects.filter(customer__first_name="Sally").delete()
        assert wrong == []
        models.QuerySet(Customer).count()
        assert [sentence.partition(" ")[0] for sentence in wrong] == ["customers_customer"]


@pytest.mark.django_db(transaction=True)
def test_looking_across_names_the_retailer_as_well(sally):
    with across_retailers("a test"), transaction.atomic(), capturing() as wrong:
        Customer.objects.filter(first_name="Sally").count()
    assert len(wrong) == 1
