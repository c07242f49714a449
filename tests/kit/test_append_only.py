import asyncio
from datetime import UTC, datetime

import pytest
from django.core.serializers.base import DeserializedObject
from django.db import IntegrityError, models, transaction
from django.test.utils import isolate_apps

from astro.kit.append_only import AppendOnly, AppendOnlyRows, RowIsFinal
from astro.kit.ids import IdField
from astro.kit.models import Schedule

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def define(rows, **meta):
    """An append-only model over a table that we have anyway, known to this test alone."""
    with isolate_apps("astro.kit"):

        class Fact(AppendOnly):
            id = IdField()
            kind = models.CharField(max_length=100)
            moment = models.DateTimeField()
            objects = models.Manager.from_queryset(rows)()

            Meta = type("Meta", (), {"app_label": "kit", "db_table": "kit_schedule", "managed": False, **meta})

            def __str__(self):
                return self.kind

    return Fact


@pytest.fixture
def fact(db):
    return define(AppendOnlyRows, base_manager_name="objects")


@pytest.fixture
def row(fact):
    return fact.objects.create(kind="opened", moment=NOW)


def test_facts_are_added_and_read(fact, row):
    fact(kind="closed", moment=NOW).save()
    fact.objects.bulk_create([fact(kind="moved", moment=NOW)])
    assert fact.objects.get_or_create(kind="opened", defaults={"moment": NOW}) == (row, False)
    assert sorted(fact.objects.values_list("kind", flat=True)) == ["closed", "moved", "opened"]


CHANGES = {
    "save": lambda fact, row: row.save(),
    "save some fields": lambda fact, row: row.save(update_fields=["kind"]),
    "save by force": lambda fact, row: row.save(force_update=True),
    "save beneath": lambda fact, row: row.save_base(),
    "save as another object": lambda fact, row: fact(id=row.id, kind="x", moment=NOW).save(force_update=True),
    "delete": lambda fact, row: row.delete(),
    "update": lambda fact, row: fact.objects.filter(id=row.id).update(kind="x"),
    "update all": lambda fact, row: fact.objects.update(kind="x"),
    "update in bulk": lambda fact, row: fact.objects.bulk_update([row], ["kind"]),
    "update or create": lambda fact, row: fact.objects.update_or_create(kind="opened", defaults={"kind": "x"}),
    "upsert": lambda fact, row: fact.objects.bulk_create(
        [fact(kind="opened", moment=NOW)],
        update_conflicts=True,
        update_fields=["moment"],
        unique_fields=["kind"],
    ),
    "delete many": lambda fact, row: fact.objects.filter(id=row.id).delete(),
    "delete beneath": lambda fact, row: fact.objects.all()._raw_delete("default"),
    "update, awaited": lambda fact, row: asyncio.run(fact.objects.aupdate(kind="x")),
    "through the base manager": lambda fact, row: fact._base_manager.filter(id=row.id).update(kind="x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_no_way_leads_to_changing_or_deleting_a_fact(fact, row, change):
    row.kind = "changed"
    with pytest.raises(RowIsFinal, match=r"kit\.Fact rows are facts"), transaction.atomic():
        change(fact, row)
    assert list(Schedule.objects.values_list("id", "kind", "moment")) == [(row.id, "opened", NOW)]


def load(row):
    """As `loaddata` does it."""
    DeserializedObject(row).save()


def test_fixtures_add_facts_and_change_none(fact, row):
    load(fact(kind="loaded", moment=NOW))
    with pytest.raises(IntegrityError), transaction.atomic():
        load(fact(id=row.id, kind="x", moment=NOW))
    assert list(Schedule.objects.order_by("id").values_list("kind", flat=True)) == ["opened", "loaded"]


def messages(model):
    return [(found.id, found.msg) for found in model.check() if (found.id or "").startswith("kit.")]


def test_the_check_sees_managers_that_would_let_rows_be_changed():
    assert messages(define(AppendOnlyRows, base_manager_name="objects")) == []
    base = ("kit.E001", "The base manager of this append-only table lets rows be changed.")
    default = ("kit.E001", "The default manager of this append-only table lets rows be changed.")
    assert messages(define(AppendOnlyRows)) == [base]
    assert messages(define(models.QuerySet, base_manager_name="objects")) == [default, base]
