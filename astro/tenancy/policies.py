"""Row-level security on PostgreSQL: what the database itself refuses.

`raise_walls` runs as the owner after every `migrate`. It asks the database, not the models, which tables carry a
`retailer_id`: where the column is required the rows are one retailer's; where it may be null, rows without one are
everyone's to read and the platform's to write, but for the tables of `PLATFORMS`, where the platform alone reads them.
`UNWALLED` lists the tables that are read before a retailer is known.
The policies stay plain on purpose: anything cleverer was slower or lost the index.
"""

from typing import Any, NamedTuple

from astro.tenancy.engines.postgresql.base import READER


class Policy(NamedTuple):
    """Who (None: the login) may do what to which rows."""

    command: str
    role: str | None
    using: str
    check: str = ""


UNWALLED = {
    "accounts_membership": "read with session and user, to find out which retailer is current",
    "accounts_staffsession": "read with user and membership, to find out which retailer is current",
    "kit_outboxrow": "claimed by the worker for every retailer; a handler then runs inside its own",
}

# Tables without a retailer that all read and only the platform writes (`everyones.py`).
EVERYONES = {"catalog_brand", "catalog_distributor", "catalog_servedregion", "programs_carrier"}
EVERYONES |= {"credits_returnterms", "programs_offertotal", "programs_versionnotice", "support_notice"}

# Tables whose rows without a retailer are the platform's alone (`platforms.py`).
PLATFORMS = {"support_ticket", "support_ticketmessage"}

_LISTED = {**dict.fromkeys(UNWALLED, ""), **dict.fromkeys(EVERYONES, "everyone's"), **dict.fromkeys(PLATFORMS, "apart")}
_CURRENT = "nullif(current_setting('astro.retailer', true), '')::bigint"
_MINE = f"retailer_id = {_CURRENT}"
_WRITABLE = f"coalesce(retailer_id, 0) = {_CURRENT}"
_ACROSS = Policy("select", READER, "true")

POLICIES = {
    "own": {"within": Policy("all", None, _MINE, _MINE), "across": _ACROSS},  # retailer_id is required
    "everyone's": {
        "within": Policy("select", None, "true"),
        "write": Policy("all", None, f"{_CURRENT} = 0", f"{_CURRENT} = 0"),
        "across": _ACROSS,
    },
    "apart": {"within": Policy("all", None, _WRITABLE, _WRITABLE), "across": _ACROSS},
    "shared or own": {  # retailer_id may be null
        "within": Policy("select", None, f"retailer_id is null or {_MINE}"),
        "write": Policy("all", None, _WRITABLE, _WRITABLE),
        "across": _ACROSS,
    },
}

_TABLES = """
    select c.relname, coalesce(bool_or(a.attname = 'retailer_id'), false),
           coalesce(bool_or(a.attname = 'retailer_id' and not a.attnotnull), false) from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
    group by c.relname order by c.relname
"""


def tables(connection: Any) -> list[tuple[str, str | None]]:
    """Every table: its name, and by which policies it is walled, if it is."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [(name, _kind(name, has, nullable)) for name, has, nullable in cursor.fetchall()]


def _kind(table: str, has_retailer: bool, nullable: bool) -> str | None:
    if table in _LISTED or not has_retailer:
        return _LISTED.get(table) or None
    return "shared or own" if nullable else "own"


def raise_walls(connection: Any) -> None:
    """Grant row rights table by table and put the policies up. Safe to run again; runs as the owner."""
    login = connection.ops.quote_name(connection.settings_dict["USER"])
    with connection.cursor() as cursor:
        cursor.execute(f"grant usage on schema public to {login}, {READER}")
        for table, kind in tables(connection):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"grant select, insert, update, delete on {name} to {login}; grant select on {name} to {READER}"
            )
            if kind is None:
                continue
            cursor.execute(f"alter table {name} enable row level security")
            cursor.execute("select policyname from pg_policies where tablename = %s", [table])
            for (policy,) in cursor.fetchall():
                cursor.execute(f"drop policy {connection.ops.quote_name(policy)} on {name}")
            for policy, (command, role, using, check) in POLICIES[kind].items():
                rule = f"using ({using})" + (f" with check ({check})" if check else "")
                cursor.execute(f"create policy {policy} on {name} for {command} to {role or login} {rule}")
