"""Row-level security on PostgreSQL: what the database itself refuses.

`raise_walls` runs as the owner after every `migrate`. It asks the database, not the models, which tables carry a
`retailer_id`: where the column is required the rows are one retailer's; where it may be null, rows without one are
everyone's to read and the platform's to write. `UNWALLED` lists the tables that are read before a retailer is known.
The policies stay plain on purpose: anything cleverer was slower or lost the index.
"""

import re
from typing import Any, NamedTuple

from astro.tenancy.engines.postgresql.base import OWNER, READER


class Policy(NamedTuple):
    """Who (None: the login) may do what to which rows."""

    command: str
    role: str | None
    using: str
    check: str = ""

    def seen(self, login: str) -> tuple[str, ...]:
        """As `_plain` makes of what the database tells about it."""
        return self.command, self.role or login, _plain(self.using), _plain(self.check)


UNWALLED = {
    "accounts_membership": "read with session and user, to find out which retailer is current",
    "accounts_staffsession": "read with user and membership, to find out which retailer is current",
    "kit_outboxrow": "claimed by the worker for every retailer; a handler then runs inside its own",
}

_CURRENT = "nullif(current_setting('astro.retailer', true), '')::bigint"
_MINE = f"retailer_id = {_CURRENT}"
_WRITABLE = f"coalesce(retailer_id, 0) = {_CURRENT}"
_ACROSS = Policy("select", READER, "true")

POLICIES = {
    False: {"within": Policy("all", None, _MINE, _MINE), "across": _ACROSS},  # retailer_id is required
    True: {  # retailer_id may be null: shared or own
        "within": Policy("select", None, f"retailer_id is null or {_MINE}"),
        "write": Policy("all", None, _WRITABLE, _WRITABLE),
        "across": _ACROSS,
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

_STATE = """
    select relname, relrowsecurity, pg_has_role(relowner, 'usage') from pg_class
    where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
"""
_FOUND = """
    select tablename, policyname, cmd, roles::text[], coalesce(qual, ''), coalesce(with_check, '') from pg_policies
    where schemaname = current_schema()
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
            for policy, (command, role, using, check) in POLICIES[nullable].items():
                rule = f"using ({using})" + (f" with check ({check})" if check else "")
                cursor.execute(f"create policy {policy} on {name} for {command} to {role or login} {rule}")


def missing_roles(connection: Any) -> list[str]:
    """Which of the other two roles this login cannot take, because they are not made or not granted to it."""
    with connection.cursor() as cursor:
        cursor.execute("select rolname from pg_roles where pg_has_role(session_user, oid, 'member')")
        mine = {name for (name,) in cursor.fetchall()}
    return [role for role in (OWNER, READER) if role not in mine]


def gaps(connection: Any) -> list[str]:
    """What is wrong with the walls of this database, in sentences; an empty list when they stand."""
    if connection.vendor != "postgresql":
        return []  # elsewhere the walls are keys, and no role or migration takes those away unseen
    login = connection.settings_dict["USER"]
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls, current_user from pg_roles where rolname = current_user")
        (bypasses, user), *_ = cursor.fetchall()
        if bypasses:
            return [f"The role “{user}” passes every wall (superuser or BYPASSRLS). Sign in as a plain role."]
        cursor.execute(
            "select rolname from pg_roles where rolname = any(%s) and pg_has_role(oid, 'usage')", [[OWNER, READER]]
        )
        held = [role for (role,) in cursor.fetchall()]
        cursor.execute(_STATE)
        state = {name: (secured, is_owner) for name, secured, is_owner in cursor.fetchall()}
        cursor.execute(_FOUND)
        found = {(table, name): rest for table, name, *rest in cursor.fetchall()}
    wrong = [f"“{user}” holds the rights of “{role}” at all times. Run: alter role {user} noinherit;" for role in held]
    for table, walled, nullable in tables(connection):
        secured, is_owner = state[table]
        if walled and is_owner and not held:
            wrong.append(f"“{user}” owns the table {table}, so no policy holds it. {OWNER} must own the tables.")
        if walled and not secured:
            wrong.append(f"Row-level security is off on {table}. Run `astro migrate`.")
        expected = POLICIES[nullable] if walled else {}
        for name, policy in expected.items():
            command, roles, using, check = found.pop((table, name), ("", [], "", ""))
            if (command.lower(), *roles, _plain(using), _plain(check)) != policy.seen(login):
                wrong.append(f"{table} has lost its policy “{name}”. Run `astro migrate`.")
    wrong += [f"{table} has a policy that is not ours, “{name}”. Run `astro migrate`." for table, name in sorted(found)]
    return wrong


def _plain(rule: str) -> str:
    """A rule without what PostgreSQL adds to it: casts, brackets, capitals."""
    return re.sub(r"::\w+|[()\s]", "", rule.lower())
