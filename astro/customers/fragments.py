"""Finding text by a fragment of it, with an index, on both engines.

PostgreSQL has one GIN index over (retailer, search) with trigrams. SQLite has a full-text table of trigrams that
triggers keep; beside the text it holds a tag of the retailer, three characters made from its id, so that one question
to the index narrows down both (joining afterwards took seconds at a million customers). Two retailers may share a tag,
so the retailer itself stands in the condition too.

Django remakes a table on SQLite to change it, and the triggers go with the old one: a migration that does so ends with
`RunPython(raise_index)`, and a test looks for them.
"""

from typing import Any, Final

from django.db import connection

from astro.customers.look_up import SHORTEST

TABLE: Final = "customers_customer"
INDEX: Final = "customers_search"
MOST_CANDIDATES: Final = 500
"""Of more customers than this who hold a fragment, any so many are looked at: it was too short to mean somebody."""

# MATERIALIZED keeps PostgreSQL from taking the limit for a reason to read the table from its beginning.
_FOUND = {
    "postgresql": f"""
        with found as materialized (
            select c.id, c.sort_name from {TABLE} c
            where c.retailer_id = %s and {{holds}} and c.retired_at is null {{met}}
        ), candidates as (select id, sort_name from found limit {MOST_CANDIDATES})""",
    "sqlite": f"""
        with candidates as (
            select c.id, c.sort_name from {INDEX} f cross join {TABLE} c on c.id = f.rowid
            where c.retailer_id = %s and {{holds}} and c.retired_at is null {{met}}
            limit {MOST_CANDIDATES}
        )""",
}
_MET = """and exists (
    select 1 from customers_seenat m
    where m.retailer_id = c.retailer_id and m.customer_id = c.id and m.location_id = %s
)"""
_SORTED = """
    select id from candidates order by (
        select s.last_seen_at from customers_seenat s
        where s.retailer_id = %s and s.customer_id = candidates.id and s.location_id = %s
    ) desc nulls last, sort_name, id
    limit %s"""


def ids_holding(
    fragments: tuple[str, ...], *, retailer_id: int, seen_at: int | None, only_at: int | None, limit: int
) -> list[int]:
    """Living customers whose text holds every fragment (one of them has three characters or more).

    Who was seen last at the location `seen_at` comes first; with `only_at`, only those whom that location has met.
    """
    holds, values = (_held_on_sqlite if connection.vendor == "sqlite" else _held_on_postgresql)(fragments, retailer_id)
    met, met_values = ("", []) if only_at is None else (_MET, [only_at])
    statement = _FOUND[connection.vendor].format(holds=holds, met=met) + _SORTED
    with connection.cursor() as cursor:
        cursor.execute(statement, [retailer_id, *values, *met_values, retailer_id, seen_at, limit])
        return [found_id for (found_id,) in cursor.fetchall()]


def _held_on_postgresql(fragments: tuple[str, ...], retailer_id: int) -> tuple[str, list[str]]:
    patterns = [f"%{connection.ops.prep_for_like_query(fragment)}%" for fragment in fragments]
    return " and ".join(["c.search like %s"] * len(patterns)), patterns


def _held_on_sqlite(fragments: tuple[str, ...], retailer_id: int) -> tuple[str, list[str]]:
    long = [fragment for fragment in fragments if len(fragment) >= SHORTEST]
    short = [fragment for fragment in fragments if len(fragment) < SHORTEST]
    wanted = [f"retailer : {_quoted(tag(retailer_id))}", *(f"search : {_quoted(fragment)}" for fragment in long)]
    conditions = [f"{INDEX} match %s", *["instr(c.search, %s) > 0"] * len(short)]
    return " and ".join(conditions), [" AND ".join(wanted), *short]


def tag(retailer_id: int) -> str:
    """Three characters for a retailer: one trigram. The low 48 bits of an id are nearly all that tells two apart."""
    return "".join(chr(0x10000 + (retailer_id >> shift & 0xFFFF)) for shift in (32, 16, 0))


def raise_index(apps: Any, schema_editor: Any) -> None:
    """For migrations: make what look-up needs and is not there. On SQLite every row is indexed again."""
    make = _make_on_postgresql if schema_editor.connection.vendor == "postgresql" else _make_on_sqlite
    make(schema_editor)


def drop_index(apps: Any, schema_editor: Any) -> None:
    """For migrations: the way back."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS customer_search")
        return
    for name in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    schema_editor.execute(f"DROP TABLE IF EXISTS {INDEX}")


def _make_on_postgresql(schema_editor: Any) -> None:
    schema_editor.execute(
        f"CREATE INDEX IF NOT EXISTS customer_search ON {TABLE}"
        " USING gin (retailer_id, search gin_trgm_ops) WITH (fastupdate = off)"
    )


def _make_on_sqlite(schema_editor: Any) -> None:
    drop_index(None, schema_editor)
    schema_editor.execute(
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(retailer, search, tokenize = 'trigram case_sensitive 1')"
    )
    schema_editor.execute(
        f"INSERT INTO {INDEX} (rowid, retailer, search) SELECT id, {_tag_sql('retailer_id')}, search FROM {TABLE}"
    )
    for name, (event, body) in TRIGGERS.items():
        schema_editor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {TABLE} BEGIN {body} END")


def _tag_sql(column: str) -> str:
    return "char({})".format(", ".join(f"65536 + (({column} >> {shift}) & 65535)" for shift in (32, 16, 0)))


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


_FORGET = f"DELETE FROM {INDEX} WHERE rowid = old.id;"
_KEEP = f"INSERT INTO {INDEX} (rowid, retailer, search) VALUES (new.id, {_tag_sql('new.retailer_id')}, new.search);"

TRIGGERS: Final = {
    "customers_search_added": ("INSERT", _KEEP),
    "customers_search_changed": ("UPDATE OF id, retailer_id, search", f"{_FORGET} {_KEEP}"),
    "customers_search_removed": ("DELETE", _FORGET),
}
