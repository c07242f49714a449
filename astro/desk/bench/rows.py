"""Writing very many rows fast: COPY on PostgreSQL, one prepared INSERT on SQLite.

Values are handed over as the database takes them; what is the same in every row is said once. A column that nobody
names gets its field's default, and one that has none is an error: a new column is noticed here, not in a wrong number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

BATCH = 20_000


def write(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any) -> None:
    """Add rows whose columns `names` differ; `same` holds those that do not, by attribute (`retailer_id`)."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    if unknown := {*names, *same} - fields.keys():
        raise ValueError(f"{model._meta.label} has no {', '.join(sorted(unknown))}.")
    left = [field for name, field in fields.items() if name not in names]
    given = ((field, same[field.attname] if field.attname in same else _default(field)) for field in left)
    constants = tuple(field.get_db_prep_save(value, connection) for field, value in given)
    columns = [str(field.column) for field in (*(fields[name] for name in names), *left)]
    _add(model._meta.db_table, columns, (tuple(row) + constants for row in rows))


def moment(at: datetime) -> Any:
    """A moment as this database takes it in a column of `write`."""
    return connection.ops.adapt_datetimefield_value(at)


@contextmanager
def unindexed(models: Iterable[type[Model]]) -> Iterator[None]:
    """On PostgreSQL, without the tables' foreign keys and plain indexes, which are made afterwards, all at once."""
    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [tables])
        keys = cursor.fetchall()
        cursor.execute(_INDEXES, [tables])
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


def _add(table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        insert = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})'
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(insert, batch)


def _default(field: Any) -> Any:
    if field.default is NOT_PROVIDED and not field.null and not (field.blank and field.empty_strings_allowed):
        raise ValueError(f"{field.model._meta.label}.{field.attname} needs a value.")
    return field.get_default()


_KEYS = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where contype = 'f' and conrelid = any(%s::regclass[])
"""
_INDEXES = """
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
    where i.indrelid = any(%s::regclass[]) and not i.indisunique
"""
