"""Row-level security, seen through raw cursors: what the database refuses when everything in Python was forgotten."""

import os
from contextlib import contextmanager, nullcontext

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test import Client

from astro.accounts.models import Membership
from astro.customers.models import Customer
from astro.desk import checkup
from astro.kit.ids import new_id
from astro.tenancy.current import across_retailers, platform, retailer
from astro.tenancy.engines.postgresql.base import OWNER, READER
from astro.tenancy.gaps import gaps, missing_roles
from astro.tenancy.platforms import OwnOrPlatforms
from astro.tenancy.policies import raise_walls, tables
from tests import cast
from tests.tenancy.captured import tables_of_retailers

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def ask(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def names():
    return {name for (name,) in ask("select first_name from customers_customer")}


def insert(*, of):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tenancy_location (id, retailer_id, name, store_name, is_primary, email, street, city, region,"
            " postcode, country, phone, website, time_zone, created_at)"
            " values (%s, %s, 'Planted', '', false, '', '', '', 'MT', '', 'US', '', '', 'America/Denver', now())",
            [new_id(), of.pk],
        )


def test_tests_sign_in_as_the_role_that_owns_nothing():
    assert ask("select current_user, session_user") == [("astro", "astro")]
    assert ask("select count(*) from pg_class where pg_has_role(relowner, 'usage')") == [(0,)]
    assert ask("select rolsuper, rolinherit, rolbypassrls from pg_roles where rolname = current_user") == [
        (False, False, False)
    ]


def test_nothing_is_visible_to_nobody(sally, stranger):
    assert names() == set()


def test_only_the_current_retailers_rows_are_visible(huxley, otherpaws, sally, stranger):
    with retailer(huxley):
        assert names() == {"Sally"}
        with retailer(otherpaws):
            assert names() == {"Steve"}
        assert names() == {"Sally"}
    assert names() == set()


def test_everyone_is_visible_across_but_nothing_is_written(huxley, sally, stranger):
    with across_retailers("a test"):
        assert ask("select current_user") == [(READER,)]
        assert names() == {"Sally", "Steve"}
        for sql in ("update customers_customer set first_name = 'X'", "delete from customers_seenat"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                ask(f"{sql} returning id")
    assert ask("select current_user") == [("astro",)]


def test_a_row_for_another_retailer_is_refused(huxley, otherpaws):
    with retailer(huxley):
        insert(of=huxley)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            insert(of=otherpaws)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        insert(of=huxley)


def test_another_retailers_rows_cannot_be_changed_or_taken(huxley, otherpaws, sally, stranger):
    with retailer(huxley), connection.cursor() as cursor:
        cursor.execute("update customers_customer set first_name = 'X' where id = %s", [stranger.pk])
        assert cursor.rowcount == 0
        cursor.execute("delete from customers_seenat where customer_id = %s", [stranger.pk])
        assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("update customers_customer set retailer_id = %s", [otherpaws.pk])


def test_shared_rows_are_read_by_all_and_written_by_the_platform(huxley, otherpaws):
    cast.make_product(name="Kibble")
    cast.make_product(name="Boarding", retailer=otherpaws)
    with retailer(huxley), connection.cursor() as cursor:
        cursor.execute("select name from catalog_product")
        assert cursor.fetchall() == [("Kibble",)]
        cursor.execute("update catalog_product set name = 'Mine now'")
        assert cursor.rowcount == 0
        cursor.execute("delete from catalog_barcode")
        assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "insert into catalog_product (id, name, size, species, category, created_at)"
                " values (1, 'For all', '', '', '', now())"
            )
    with platform("a test"), connection.cursor() as cursor:
        cursor.execute("update catalog_product set size = '5 lb'")
        assert cursor.rowcount == 1


def test_no_table_may_be_emptied_or_changed_by_the_login():
    for sql in (
        "truncate customers_customer cascade",
        "drop policy within on customers_customer",
        "alter table customers_customer disable row level security",
        "create table planted (id int)",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            ask(sql)


# What the backend says to the database, and when it forgets it.


def test_a_savepoint_that_is_undone_undoes_what_was_said(huxley, otherpaws, sally, stranger):
    with retailer(huxley):
        assert names() == {"Sally"}
        with transaction.atomic(), retailer(otherpaws):
            assert names() == {"Steve"}
            transaction.set_rollback(True)
        assert names() == {"Sally"}
    with transaction.atomic(), across_retailers("a test"):
        assert names() == {"Sally", "Steve"}
        transaction.set_rollback(True)
    assert names() == set()


def test_an_error_of_the_database_leaves_the_scope_standing(huxley, otherpaws, sally, stranger):
    with retailer(huxley):
        with pytest.raises(DatabaseError), transaction.atomic(), retailer(otherpaws):
            ask("select nothing_like_that")
        assert names() == {"Sally"}


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_a_current_retailer_raises(huxley, sally):
    with retailer(huxley):
        with pytest.raises(TransactionManagementError, match="no transaction"):
            Customer.objects.count()
        with transaction.atomic():
            assert Customer.objects.count() == 1
        with pytest.raises(TransactionManagementError, match="no transaction"):
            Customer.objects.count()
    with pytest.raises(TransactionManagementError), across_retailers("a test"):
        Customer.objects.count()


@pytest.mark.django_db(transaction=True)
def test_every_transaction_is_told_anew(huxley, otherpaws, sally, stranger):
    for who, name in ((huxley, "Sally"), (otherpaws, "Steve"), (huxley, "Sally")):
        with retailer(who), transaction.atomic():
            assert names() == {name}
    with retailer(huxley), transaction.atomic():
        assert names() == {"Sally"}
        transaction.set_rollback(True)
    with retailer(huxley), transaction.atomic():
        assert names() == {"Sally"}
        connection.close()
    connection.connect()
    assert ask("select current_setting('astro.retailer', true)") in ([(None,)], [("",)])


# Holes in the walls, planted by the owner, are named.


@contextmanager
def planted(*statements):
    with connection.as_owner(), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)
    yield


def test_the_walls_stand():
    assert gaps(connection) == []
    assert missing_roles(connection) == []


HOLES = {
    "alter table customers_customer disable row level security": [
        "Row-level security is off on customers_customer. Run `astro migrate`."
    ],
    "drop policy within on cards_card": ["cards_card has lost its policy “within”. Run `astro migrate`."],
    "drop policy write on catalog_product": ["catalog_product has lost its policy “write”. Run `astro migrate`."],
    "alter policy within on cards_punch using (true)": [
        "cards_punch has lost its policy “within”. Run `astro migrate`."
    ],
    "alter policy within on cards_punch with check (true)": [
        "cards_punch has lost its policy “within”. Run `astro migrate`."
    ],
    "alter policy across on cards_punch to public": ["cards_punch has lost its policy “across”. Run `astro migrate`."],
    "create policy friendly on cards_reward using (true)": [
        "cards_reward has a policy that is not ours, “friendly”. Run `astro migrate`."
    ],
    "create table planted (id bigint, retailer_id bigint not null)": [
        "Row-level security is off on planted. Run `astro migrate`.",
        "planted has lost its policy “within”. Run `astro migrate`.",
        "planted has lost its policy “across”. Run `astro migrate`.",
    ],
}


@pytest.mark.parametrize(("sql", "sentences"), HOLES.items())
def test_a_hole_is_named_and_the_next_migrate_mends_it(sql, sentences):
    with planted(sql):
        assert gaps(connection) == sentences
        assert checkup.walls() == sentences
    with connection.as_owner():
        raise_walls(connection)
    assert gaps(connection) == []


def test_a_hole_closes_the_doors(client):
    assert client.get("/ready").status_code == 200
    with planted("drop policy within on cards_card"):
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "problem": "The walls between retailers do not stand."}


def test_the_owner_is_named():
    with connection.as_owner():
        assert gaps(connection) == [
            f"DATABASE_URL signs in as the owner “{OWNER}”. Sign in as the plain role that owns nothing."
        ]


def test_every_table_of_a_retailer_is_walled():
    kinds = dict(tables(connection))
    required, shared = tables_of_retailers()
    assert {name for name, kind in kinds.items() if kind == "own"} == required
    assert {name for name, kind in kinds.items() if kind in ("shared or own", "apart")} == shared
    apart = {model._meta.db_table for model in apps.get_models() if issubclass(model, OwnOrPlatforms)}
    assert {name for name, kind in kinds.items() if kind == "apart"} == apart


@pytest.mark.parametrize("scope", ["nobody", "a retailer"])
def test_only_the_platform_writes_what_is_everyones(huxley, scope):
    brand = cast.make_brand()
    inside = retailer(huxley) if scope == "a retailer" else nullcontext()
    with inside, transaction.atomic(), connection.cursor() as raw:
        raw.execute("update catalog_brand set name = 'Ours'")
        assert raw.rowcount == 0
        raw.execute("delete from catalog_brand")
        assert raw.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            raw.execute("insert into catalog_brand (id, name, website) values (7, 'Ours', '')")
        raw.execute("select name from catalog_brand where id = %s", [brand.pk])
        assert raw.fetchone() == (brand.name,)


@contextmanager
def as_superuser(*, before="", after=""):
    """Statements of the server's superuser around a block, in this test's database."""
    address = os.environ["ASTRO_TEST_SUPERUSER_URL"].rpartition("/")[0]
    with psycopg.connect(f"{address}/{connection.settings_dict['NAME']}", autocommit=True) as superuser:
        superuser.execute(before)
        try:
            yield superuser
        finally:
            superuser.execute(after)


@pytest.fixture
def signs_in_as():
    """The connection with another login, as a wrong DATABASE_URL would make it."""

    @contextmanager
    def sign_in(user, password):
        plain = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(USER=user, PASSWORD=password)
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(plain)

    return sign_in


def superusers_password():
    return os.environ["ASTRO_TEST_SUPERUSER_URL"].partition("//postgres:")[2].partition("@")[0]


@pytest.mark.django_db(transaction=True)
def test_a_superuser_is_refused(signs_in_as):
    sentence = "The role “postgres” passes every wall (superuser or BYPASSRLS). Sign in as a plain role."
    with signs_in_as("postgres", superusers_password()):
        assert gaps(connection) == [sentence]
        assert sentence in checkup.problems()
        assert Client().get("/ready").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_a_login_that_inherits_the_owner_is_refused(signs_in_as):
    """Without NOINHERIT membership alone opens every wall: the login owns the tables, and reads across."""
    login = f"heir_{connection.settings_dict['NAME'].rpartition('_')[2]}"
    make = f"create role {login} login inherit password 'x' in role {OWNER}, {READER}"
    with as_superuser(before=make, after=f"drop role {login}"), signs_in_as(login, "x"):
        found = gaps(connection)
    assert f"“{login}” holds the rights of “{OWNER}” at all times. Run: alter role {login} noinherit;" in found
    assert f"“{login}” holds the rights of “{READER}” at all times. Run: alter role {login} noinherit;" in found


@pytest.mark.django_db(transaction=True)
def test_a_login_without_the_other_roles_is_told_the_statements(signs_in_as):
    login = f"lone_{connection.settings_dict['NAME'].rpartition('_')[2]}"
    make = f"create role {login} login noinherit password 'x'"
    with as_superuser(before=make, after=f"drop role {login}"), signs_in_as(login, "x"):
        (sentence,) = checkup.roles()
    assert "astro_owner or astro_reader" in sentence
    assert "create role astro_reader nologin;" in sentence


@pytest.mark.django_db(transaction=True)
def test_nothing_is_migrated_by_a_login_without_the_other_roles(signs_in_as):
    login = f"alone_{connection.settings_dict['NAME'].rpartition('_')[2]}"
    make = f"create role {login} login noinherit password 'x'"
    refused = pytest.raises(CommandError, match=f"The login “{login}” cannot take the role astro_owner or astro_reader")
    with as_superuser(before=make, after=f"drop role {login}"), signs_in_as(login, "x"), refused:
        call_command("migrate")


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_not_let_in(signs_in_as):
    """As DATABASE_URL would be with the owner's role, were it allowed to sign in."""
    make, undo = f"alter role {OWNER} login password 'x'", f"alter role {OWNER} nologin password null"
    with as_superuser(before=make, after=undo), signs_in_as(OWNER, "x"):
        sentence = f"DATABASE_URL signs in as the owner “{OWNER}”. Sign in as the plain role that owns nothing."
        assert sentence in checkup.problems()
        assert sentence in [told for check in checkup.BEFORE_SERVING for told in check()]
        assert Client().get("/ready").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_an_owner_of_tables_is_named(signs_in_as):
    login = f"keeper_{connection.settings_dict['NAME'].rpartition('_')[2]}"
    make = f"create role {login} login noinherit password 'x'; alter table customers_customer owner to {login}"
    undo = f"alter table customers_customer owner to {OWNER}; drop role {login}"
    with as_superuser(before=make, after=undo), signs_in_as(login, "x"):
        found = gaps(connection)
    assert f"“{login}” owns the table customers_customer, so no policy holds it. {OWNER} must own the tables." in found


def test_who_works_where_is_read_before_a_retailer_is_known(owner):
    """The tables of UNWALLED, and only for what they are listed for."""
    assert Membership.objects.filter(user=owner).count() == 1
