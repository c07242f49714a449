"""Finding text by a fragment of it, with an index, on both engines.

PostgreSQL has one GIN index over (retailer, search) with trigrams. SQLite has a full-text table of trigrams that
triggers keep; beside the text it holds a tag of the retailer, three characters made from its id, so that one question
to the index narrows down both (joining afterwards took seconds at a million customers). Two retailers may share a tag,
so the retailer itself stands in the condition too.

Django remakes a table on SQLite to change it, and the triggers go with the old one: a migration that does so ends with
`RunPython(raise_index)`, and a test looks for them.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Lookup

from astro.customers.look_up import SHORTEST

TABLE: Final = "customers_customer"
INDEX: Final = "customers_search"


@dataclass(frozen=True)
class Within:
    """The fragments to be held, and by whose customers."""

    retailer_id: int
    fragments: tuple[str, ...]


class Holds(Lookup):
    """`search__holds=Within(retailer_id, fragments)`: rows of this retailer whose text holds every fragment.

    At least one fragment has three characters or more.
    """

    lookup_name = "holds"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        text, params = self.process_lhs(compiler, connection)
        conditions = [f"{self._column('retailer_id', connection)} = %s"]
        conditions += [f"{text} LIKE %s"] * len(self.rhs.fragments)
        patterns = [f"%{connection.ops.prep_for_like_query(fragment)}%" for fragment in self.rhs.fragments]
        return f"({' AND '.join(conditions)})", [self.rhs.retailer_id, *params * len(patterns), *patterns]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The plus sign keeps SQLite from walking the retailer's rows by another index."""
        text, params = self.process_lhs(compiler, connection)
        long = [fragment for fragment in self.rhs.fragments if len(fragment) >= SHORTEST]
        short = [fragment for fragment in self.rhs.fragments if len(fragment) < SHORTEST]
        wanted = " AND ".join(
            [
                f"retailer : {_quoted(tag(self.rhs.retailer_id))}",
                *(f"search : {_quoted(fragment)}" for fragment in long),
            ]
        )
        conditions = [
            f"+{self._column('retailer_id', connection)} = %s",
            f"{self._column('id', connection)} IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s)",
            *[f"instr({text}, %s) > 0"] * len(short),
        ]
        rest = [value for fragment in short for value in (*params, fragment)]
        return f"({' AND '.join(conditions)})", [self.rhs.retailer_id, wanted, *rest]

    def _column(self, name: str, connection: Any) -> str:
        quote = connection.ops.quote_name
        return f"{quote(self.lhs.alias)}.{quote(name)}"


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
