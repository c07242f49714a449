"""Row-level security on PostgreSQL: what the database itself refuses.

`raise_walls` runs as the owner after every `migrate`. It asks the database, not the models, which tables carry a
`retailer_id`: where the column is required the rows are one retailer's; where it may be null, rows without one are
everyone's to read and the platform's to write. `UNWALLED` lists the tables that are read before a retailer is known.
The policies stay plain on purpose: anything cleverer was slower or lost the index.
"""

from typing import Any

from astro.tenancy.engines.postgresql.base import OWNER, READER

UNWALLED = {
    "accounts_membership": "read with session and user, to find out which retailer is current",
    "accounts_staffsession": "read with user and membership, to find out which retailer is current",
    "kit_outboxrow": "claimed by the worker for every retailer; a handler then runs inside its own",
}

_CURRENT = "nullif(current_setting('astro.retailer', true), '')::bigint"
_MINE = f"retailer_id = {_CURRENT}"
_WRITABLE = f"coalesce(retailer_id, 0) = {_CURRENT}"

POLICIES = {
    False: {  # retailer_id is required
        "within": f"to {{login}} using ({_MINE}) with check ({_MINE})",
        "across": f"for select to {READER} using (true)",
    },
    True: {  # retailer_id may be null: shared or own
        "within": f"for select to {{login}} using (retailer_id is null or {_MINE})",
        "write": f"to {{login}} using ({_WRITABLE}) with check ({_WRITABLE})",
        "across": f"for select to {READER} using (true)",
    },
}

_TABLES = """
    select c.relname, coalesce(bool_or(a.attname = 'retailer_id'), false),
           coalesce(bool_or(a.attname = 'retailer_id' and not a.attnotnull), false)
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
    group by c.relname order by c.relname
"""


def tables(connection: Any) -> list[tuple[str, bool, bool]]:
    """Every table: its name, whether it carries a retailer and is walled, whether that retailer may be null."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [(name, has and name not in UNWALLED, nullable) for name, has, nullable in cursor.fetchall()]


def raise_walls(connection: Any) -> None:
    """Grant row rights table by table and put the policies up. Safe to run again; runs as the owner."""
    login = connection.ops.quote_name(connection.settings_dict["USER"])
    with connection.cursor() as cursor:
        cursor.execute(f"grant usage on schema public to {login}, {READER}")
        for table, walled, nullable in tables(connection):
            name = connection.ops.quote_name(table)
            cursor.execute(f"grant select, insert, update, delete on {name} to {login}")
            cursor.execute(f"grant select on {name} to {READER}")
            if not walled:
                continue
            cursor.execute(f"alter table {name} enable row level security")
            cursor.execute("select policyname from pg_policies where tablename = %s", [table])
            for (policy,) in cursor.fetchall():
                cursor.execute(f"drop policy {connection.ops.quote_name(policy)} on {name}")
            for policy, rule in POLICIES[nullable].items():
                cursor.execute(f"create policy {policy} on {name} {rule.format(login=login)}")


def gaps(connection: Any) -> list[str]:
    """What is wrong with the walls of this database, in sentences; an empty list when they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, r.rolsuper, r.rolbypassrls from pg_roles r where r.rolname = current_user",
        )
        user, is_super, bypasses = cursor.fetchone()
        cursor.execute(
            "select c.relname, c.relrowsecurity, pg_get_userbyid(c.relowner) from pg_class c"
            " where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace"
        )
        state = {name: (secured, owner) for name, secured, owner in cursor.fetchall()}
        cursor.execute("select tablename, array_agg(policyname::text) from pg_policies group by tablename")
        policies = {name: set(found) for name, found in cursor.fetchall()}
    found = []
    if is_super or bypasses:
        found.append(f"The role “{user}” passes every wall (superuser or BYPASSRLS). Sign in as a plain role.")
    if user == OWNER:
        found.append(f"DATABASE_URL signs in as the owner “{OWNER}”. Sign in as the plain role that owns nothing.")
    for table, walled, nullable in tables(connection):
        secured, owner = state[table]
        if walled and owner == user and user != OWNER:
            found.append(f"“{user}” owns the table {table}, so no policy holds it. {OWNER} must own the tables.")
        if walled and not secured:
            found.append(f"Row-level security is off on {table}. Run `astro migrate`.")
        for policy in sorted(set(POLICIES[nullable]) - policies.get(table, set())) if walled else []:
            found.append(f"{table} has lost its policy “{policy}”. Run `astro migrate`.")
    return found
