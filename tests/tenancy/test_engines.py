"""What the schema editors make of tables that are born, changed and remade; and SQLite's lock."""

import fcntl
from contextlib import nullcontext
from threading import Thread

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.loader import MigrationLoader

from astro.kit.ids import IdField, new_id
from astro.tenancy.engines.sqlite3.base import DatabaseWrapper
from astro.tenancy.walls import RetailerKey, SameRetailerKey
from tests import cast
from tests.tenancy.test_schema import keys_of

pytestmark = pytest.mark.django_db(transaction=True)

OWN = ("retailer_id", "id")
KEYS = [("location_id", "tenancy_location"), ("below_id", "tenancy_shelf")]

SHELF = CreateModel(
    "Shelf",
    [
        ("id", IdField()),
        ("retailer", RetailerKey()),
        ("location", SameRetailerKey("tenancy.Location", related_name="+")),
        ("below", SameRetailerKey("tenancy.Shelf", null=True, related_name="+")),
        ("label", models.CharField(max_length=20)),
    ],
)


class Tables:
    """The tables of `tenancy`, changed by operations as a migration changes them: by the owner."""

    def __init__(self):
        self.state = MigrationLoader(None).project_state(("tenancy", "0001_initial"))

    def change(self, operation):
        before = self.state.clone()
        operation.state_forwards("tenancy", self.state)
        owner = connection.as_owner() if connection.vendor == "postgresql" else nullcontext()
        with owner, connection.schema_editor() as editor:
            operation.database_forwards("tenancy", editor, before, self.state)


@pytest.fixture
def shelf():
    """A table of shelves: one stands at a location, perhaps above another shelf."""
    tables = Tables()
    tables.change(SHELF)
    yield tables
    tables.change(DeleteModel("Shelf"))


def assert_walls(*keys):
    uniques, foreign = keys_of("tenancy_shelf")
    assert OWN in uniques
    assert {key for key in foreign if len(key) == 3} == {("retailer_id", column, table) for column, table in keys}
    assert {key for key in foreign if len(key) == 2} == {("retailer_id", "tenancy_retailer")}


def test_a_table_is_born_with_its_walls(shelf):
    assert_walls(*KEYS)


def test_a_key_added_later_has_both_columns(shelf):
    shelf.change(AddField("shelf", "moved_to", SameRetailerKey("tenancy.Location", null=True, related_name="+")))
    assert_walls(*KEYS, ("moved_to_id", "tenancy_location"))


CHANGES = [
    AddField("shelf", "height", models.IntegerField(default=0)),
    AlterField("shelf", "label", models.CharField(max_length=200)),
    AlterField("shelf", "label", models.TextField(null=True)),
    AlterField("shelf", "location", SameRetailerKey("tenancy.Location", null=True, related_name="+")),
    RemoveField("shelf", "label"),
    RenameField("shelf", "label", "sign"),
    AddConstraint("shelf", models.CheckConstraint(condition=~models.Q(label=""), name="shelf_has_label")),
    AddConstraint("shelf", models.UniqueConstraint(fields=["retailer", "label"], name="shelf_label_once")),
    AddIndex("shelf", models.Index(fields=["retailer", "label"], name="shelf_by_label")),
]


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.describe())
def test_a_changed_table_keeps_its_walls(operation, shelf):
    """SQLite makes the whole table anew for most of these."""
    shelf.change(operation)
    assert_walls(*KEYS)


def test_a_removed_key_leaves_the_others(shelf):
    shelf.change(RemoveField("shelf", "below"))
    assert_walls(("location_id", "tenancy_location"))


def test_a_renamed_key_keeps_both_columns(shelf):
    shelf.change(RenameField("shelf", "below", "above"))
    assert_walls(("location_id", "tenancy_location"), ("above_id", "tenancy_shelf"))


def test_a_renamed_table_keeps_its_walls(shelf):
    shelf.change(RenameModel("Shelf", "Rack"))
    uniques, foreign = keys_of("tenancy_rack")
    assert OWN in uniques
    assert ("retailer_id", "below_id", "tenancy_rack") in foreign
    shelf.change(RenameModel("Rack", "Shelf"))
    assert_walls(*KEYS)


def test_rows_survive_a_remade_table_and_still_meet_its_keys(shelf):
    huxley, otherpaws = cast.make_retailer(), cast.make_retailer()
    here, there = cast.make_location(huxley), cast.make_location(otherpaws)
    add = "insert into tenancy_shelf (id, retailer_id, location_id, label) values (%s, %s, %s, '')"
    with connection.as_owner() if connection.vendor == "postgresql" else nullcontext():
        with connection.cursor() as cursor:
            cursor.execute(add, [new_id(), huxley.pk, here.pk])
        shelf.change(AlterField("shelf", "label", models.CharField(max_length=200)))
        with connection.cursor() as cursor:
            cursor.execute("select location_id from tenancy_shelf")
            assert cursor.fetchall() == [(here.pk,)]
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(add, [new_id(), huxley.pk, there.pk])
            cursor.execute("delete from tenancy_shelf")


@pytest.mark.postgresql
def test_a_tenant_table_with_another_key_is_refused():
    odd = CreateModel("Odd", [("id", models.CharField(primary_key=True, max_length=9)), ("retailer", RetailerKey())])
    with pytest.raises(ValueError, match="no key"):
        Tables().change(odd)


@pytest.fixture
def file_connection(tmp_path):
    """A connection of our SQLite engine to a file of its own."""
    plain = {**settings.DATABASES["default"], **connection.settings_dict}
    options = {"transaction_mode": "IMMEDIATE", "timeout": 10}
    made = DatabaseWrapper({**plain, "NAME": str(tmp_path / "a.sqlite3"), "OPTIONS": options}, alias="default")
    yield made
    made.close()


def is_locked(made):
    """Whether somebody holds the lock beside the file; asked from a thread that would not wait."""
    with open(f"{made.settings_dict['NAME']}.lock", "a") as lock:  # noqa: PTH123
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def begin(made):
    made.ensure_connection()
    made._start_transaction_under_autocommit()
    made.in_atomic_block = True


def test_a_writing_transaction_holds_the_lock_until_it_ends(file_connection):
    for end in ("_commit", "_rollback", "close"):
        begin(file_connection)
        assert is_locked(file_connection)
        file_connection.in_atomic_block = False
        getattr(file_connection, end)()
        assert not is_locked(file_connection)


def test_reading_takes_no_lock(file_connection):
    with file_connection.cursor() as cursor:
        cursor.execute("select 1")
        assert not is_locked(file_connection)


def test_the_next_writer_waits_for_the_one_before(file_connection, tmp_path):
    """Two threads add up one number, each in many transactions: nothing is lost and nobody is told to come back."""
    file_connection.inc_thread_sharing()
    with file_connection.cursor() as cursor:
        cursor.execute("create table counter (n int)")
        cursor.execute("insert into counter values (0)")
    file_connection.close()

    def add_up():
        mine = DatabaseWrapper(file_connection.settings_dict, alias="default")
        for _ in range(50):
            begin(mine)
            with mine.cursor() as cursor:
                cursor.execute("select n from counter")
                (number,) = cursor.fetchone()
                cursor.execute("update counter set n = %s", [number + 1])
            mine.in_atomic_block = False
            mine._commit()
        mine.close()

    threads = [Thread(target=add_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with file_connection.cursor() as cursor:
        cursor.execute("select n from counter")
        assert cursor.fetchone() == (100,)
