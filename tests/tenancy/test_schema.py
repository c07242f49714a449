"""Walks every model, every migration and the database itself, so that new tables are covered the day they are made."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test.utils import isolate_apps

from astro.accounts.models import User
from astro.catalog.models import Product
from astro.customers.models import Customer
from astro.kit.ids import IdField
from astro.tenancy.engines import is_tenant, same_retailer_keys
from astro.tenancy.policies import UNWALLED
from astro.tenancy.walls import RetailerKey, RetailerManager, RetailerModel, SameRetailerKey, SharedOrOwn
from tests.tenancy.schema import EVERYONES, faults, is_ours

OURS = [model for model in apps.get_models() if is_ours(model)]
MIGRATIONS = sorted(Path(apps.get_app_config("tenancy").path).parent.glob("*/migrations/[0-9]*.py"))
KEYS = {"RetailerKey", "SameRetailerKey"}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_table_lets_two_retailers_touch(model):
    assert faults(model) == []


def test_lists_name_only_what_there_is():
    labels = {model._meta.label for model in OURS}
    assert EVERYONES.keys() <= labels
    assert UNWALLED.keys() <= {model._meta.db_table for model in OURS}


def planted(base=RetailerModel, /, *, meta=None, **fields):
    """A model as somebody might write it. Everything right, but for what the caller says."""
    body = {"__module__": "astro.tenancy.models", **fields}
    if meta is not None:
        body["Meta"] = meta
    elif base in (RetailerModel, SharedOrOwn):
        body["Meta"] = type("Meta", (base.Meta,), {"app_label": "tenancy", "abstract": False})
    else:
        body["Meta"] = type("Meta", (), {"app_label": "tenancy"})
    return type("Planted", (base,), body)


def meta(**options):
    return type("Meta", (RetailerModel.Meta,), {"app_label": "tenancy", "abstract": False, **options})


PLANTED = {
    "has a retailer_id but is no RetailerModel": lambda: planted(models.Model, id=IdField(), retailer=RetailerKey()),
    "belongs to no retailer": lambda: planted(models.Model, id=IdField()),
    "_base_manager is not": lambda: planted(plain=models.Manager(), meta=meta(base_manager_name="plain")),
    "_default_manager is not": lambda: planted(plain=models.Manager(), meta=meta(default_manager_name="plain")),
    "has a second manager": lambda: planted(everything=models.Manager()),
    "has a key that the database makes": lambda: planted(models.Model, retailer=RetailerKey()),
    "code is unique in the whole": lambda: planted(code=models.CharField(max_length=9, unique=True)),
    "code has an index": lambda: planted(code=models.CharField(max_length=9, db_index=True)),
    "uses unique_together": lambda: planted(
        code=models.IntegerField(), meta=meta(unique_together={("retailer", "code")})
    ),
    "once does not begin": lambda: planted(
        code=models.IntegerField(), meta=meta(constraints=[models.UniqueConstraint(fields=["code"], name="once")])
    ),
    "quick does not begin": lambda: planted(
        code=models.IntegerField(), meta=meta(indexes=[models.Index(fields=["code", "retailer"], name="quick")])
    ),
    "friends makes a table": lambda: planted(friends=models.ManyToManyField(Customer, related_name="+")),
    "twin is one-to-one": lambda: planted(twin=models.OneToOneField(Customer, models.PROTECT, related_name="+")),
    "thing is a GenericForeignKey": lambda: planted(
        kind=models.ForeignKey(ContentType, models.PROTECT, related_name="+", db_index=False),
        object_id=models.BigIntegerField(),
        thing=GenericForeignKey("kind", "object_id"),
    ),
    "customer points at a retailer's": lambda: planted(
        customer=models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    ),
    "user is a SameRetailerKey to a table": lambda: planted(user=SameRetailerKey(User, related_name="+")),
    "product points at a shared": lambda: planted(
        product=models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    ),
    "user can be followed back": lambda: planted(
        user=models.ForeignKey(User, models.PROTECT, related_name="planted", db_index=False)
    ),
    "user deletes or empties": lambda: planted(
        user=models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    ),
    "shared points at a shared": lambda: planted(
        SharedOrOwn, shared=models.ForeignKey(Product, models.PROTECT, related_name="+")
    ),
}


@pytest.mark.parametrize(("fault", "plant"), PLANTED.items(), ids=PLANTED.keys())
@isolate_apps("astro.tenancy", "astro.customers", "astro.catalog", "astro.accounts", "django.contrib.contenttypes")
def test_each_fault_is_named(fault, plant):
    assert any(fault in sentence for sentence in faults(plant()))


@isolate_apps("astro.tenancy")
def test_a_model_made_right_has_no_fault():
    assert faults(planted(customer=SameRetailerKey(Customer, related_name="+"))) == []


def test_a_key_inside_a_retailer_never_cascades():
    with pytest.raises(ValueError, match="PROTECT"):
        SameRetailerKey(Customer, models.CASCADE)


@isolate_apps("astro.tenancy")
def test_children_inherit_the_scoped_manager():
    model = planted()
    assert isinstance(model._base_manager, RetailerManager)
    assert isinstance(model._default_manager, RetailerManager)


def born_without_walls(source: str) -> list[str]:
    """Keys of retailers that this migration adds to a table after making it: the table was born without its walls."""
    made, late = set(), []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = {word.arg: word.value for word in node.keywords}
        operation = ast.unparse(node.func).rpartition(".")[2]
        if operation == "CreateModel":
            made.add(ast.literal_eval(given["name"]).lower())
        if operation == "AddField" and any(key in ast.unparse(given["field"]) for key in KEYS):
            late.append(f"{ast.literal_eval(given['model_name'])}.{ast.literal_eval(given['name'])}")
    return [name for name in late if name.split(".")[0].lower() in made or name.endswith(".retailer")]


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: f"{file.parts[-3]}/{file.stem}")
def test_tables_are_born_with_their_walls(file):
    assert born_without_walls(file.read_text()) == []


def test_a_table_born_without_its_walls_is_named():
    source = """
operations = [
    migrations.CreateModel(name='Visit', fields=[('id', IdField())]),
    migrations.AddField(model_name='visit', name='customer', field=astro.tenancy.walls.SameRetailerKey(to='x')),
    migrations.AddField(model_name='older', name='customer', field=astro.tenancy.walls.SameRetailerKey(to='x')),
    migrations.AddField(model_name='older', name='retailer', field=astro.tenancy.walls.RetailerKey()),
]"""
    assert born_without_walls(source) == ["visit.customer", "older.retailer"]


def keys_of(table: str) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """What the database itself holds: its unique sets of columns, and its foreign keys as (columns, table)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                """
                select contype, confrelid::regclass::text, (
                    select array_agg(attname::text order by place) from unnest(conkey) with ordinality k(number, place)
                    join pg_attribute on attrelid = conrelid and attnum = number)
                from pg_constraint where conrelid = %s::regclass
                """,
                [table],
            )
            rows = cursor.fetchall()
            return (
                {tuple(columns) for kind, _, columns in rows if kind in "pu"},
                {(*columns, target) for kind, target, columns in rows if kind == "f"},
            )
        cursor.execute(
            "select i.name, c.name from pragma_index_list(%s) i, pragma_index_info(i.name) c"
            ' where i."unique" and not i.partial order by i.name, c.seqno',
            [table],
        )
        uniques: dict[str, tuple[str, ...]] = {}
        for name, column in cursor.fetchall():
            uniques[name] = (*uniques.get(name, ()), column)
        cursor.execute('select id, "from", "table" from pragma_foreign_key_list(%s) order by id, seq', [table])
        foreign: dict[int, tuple[str, ...]] = {}
        for number, column, target in cursor.fetchall():
            foreign[number] = (*foreign.get(number, ())[:-1], column, target)
        return set(uniques.values()), set(foreign.values())


@pytest.mark.django_db
@pytest.mark.parametrize("model", [model for model in OURS if is_tenant(model)], ids=lambda model: model._meta.label)
def test_the_database_holds_the_keys(model):
    uniques, foreign = keys_of(model._meta.db_table)
    assert ("retailer_id", "id") in uniques
    for key in same_retailer_keys(model):
        assert ("retailer_id", key.column, key.remote_field.model._meta.db_table) in foreign
    plain = {columns[0] for columns in foreign if len(columns) == 2}
    assert not plain & {key.column for key in same_retailer_keys(model)}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [model for model in OURS if is_tenant(model)], ids=lambda model: model._meta.label)
def test_every_unique_key_of_the_database_begins_with_the_retailer(model):
    uniques, _ = keys_of(model._meta.db_table)
    assert {columns[0] for columns in uniques} == {"retailer_id"}
