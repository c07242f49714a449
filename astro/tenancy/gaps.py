"""Whether the walls of a PostgreSQL database stand: asked by `astro serve`, `/ready` and `astro doctor`.

Everything is read from the database itself: who signs in, whose the tables are, and each policy word by word.
"""

import re
from pathlib import Path
from typing import Any

from astro.tenancy.engines.postgresql.base import OWNER, READER
from astro.tenancy.policies import POLICIES, tables

_STATE = """
    select relname, relrowsecurity, pg_has_role(relowner, 'usage') from pg_class
    where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
"""
_FOUND = """
    select tablename, policyname, cmd, roles::text[], coalesce(qual, ''), coalesce(with_check, '') from pg_policies
    where schemaname = current_schema()
"""


ROLES = Path(__file__).with_name("roles.sql")


def missing_roles(connection: Any) -> list[str]:
    """Which of the other two roles this login cannot take, and the statements that make them."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("select rolname from pg_roles where pg_has_role(session_user, oid, 'member')")
        mine = {name for (name,) in cursor.fetchall()}
    missing = [role for role in (OWNER, READER) if role not in mine]
    if not missing:
        return []
    return [
        f"The login “{connection.settings_dict['USER']}” cannot take the role {' or '.join(missing)}. "
        f"A superuser of the server runs what is still missing of this:\n\n{ROLES.read_text()}"
    ]


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
    if user == OWNER:
        return [f"DATABASE_URL signs in as the owner “{OWNER}”. Sign in as the plain role that owns nothing."]
    wrong = [f"“{user}” holds the rights of “{role}” at all times. Run: alter role {user} noinherit;" for role in held]
    for table, kind in tables(connection):
        secured, is_owner = state[table]
        if kind and is_owner and not held:
            wrong.append(f"“{user}” owns the table {table}, so no policy holds it. {OWNER} must own the tables.")
        if kind and not secured:
            wrong.append(f"Row-level security is off on {table}. Run `astro migrate`.")
        expected = POLICIES[kind] if kind else {}
        for name, policy in expected.items():
            command, roles, using, check = found.pop((table, name), ("", [], "", ""))
            seen = (command.lower(), roles, _plain(using), _plain(check))
            if seen != (policy.command, [policy.role or login], _plain(policy.using), _plain(policy.check)):
                wrong.append(f"{table} has lost its policy “{name}”. Run `astro migrate`.")
    wrong += [f"{table} has a policy that is not ours, “{name}”. Run `astro migrate`." for table, name in sorted(found)]
    return wrong


def _plain(rule: str) -> str:
    """A rule without what PostgreSQL adds to it: casts, brackets, capitals."""
    return re.sub(r"::\w+|[()\s]", "", rule.lower())
