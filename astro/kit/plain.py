"""Plain SQL, for the few statements of a checkout, where the ORM costs several times what the database does.

The same text runs on SQLite and PostgreSQL; this module hides what the two keep differently: moments, keys and JSON.
A plain cursor passes no manager, so every statement names the retailer itself. On PostgreSQL the wall stands all the
same. Everything that is not on the way of a checkout uses the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, models

Made = TypeVar("Made", bound=models.Model)

MOST_VALUES = 32_766
"""That a statement of SQLite takes, unless whoever built it allowed more."""

MANY = 100
"""Rows from which on PostgreSQL is sent a list for each column: else the driver looks for the place of every value."""


def rows(sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement gives. Parameters stand in it as `%(name)s`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _known(params))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def columns(model: type[models.Model], alias: str) -> str:
    """The columns of a table as a statement selects them, in the order in which `made` takes them."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def made(model: type[Made], told: Sequence[Any]) -> Made | None:
    """The row of a table that a statement gave; None where an outer join found none."""
    names, place, readers = _readers(model, connection.vendor)
    if told[place] is None:
        return None
    values = list(told)
    for number, expression, converters in readers:
        for converter in converters:
            values[number] = converter(values[number], expression, connection)
    return model.from_db(connection.alias, names, values)


def width(model: type[models.Model]) -> int:
    """How many columns `columns` names."""
    return len(model._meta.concrete_fields)


@contextmanager
def together() -> Iterator[None]:
    """What is inserted and run inside this block is sent in one go, at its end or before anything else is asked.

    Only PostgreSQL is far enough away for that to matter. Nothing is sent when the block fails.
    """
    if connection.vendor != "postgresql":
        yield
        return
    batch = _Batch()
    token = _open_batch.set(batch)
    try:
        with connection.execute_wrapper(batch.go_first):
            yield
            batch.send()
    finally:
        _open_batch.reset(token)


def run(sql: str, params: Mapping[str, Any], *, changing: int, otherwise: type[Exception]) -> None:
    """A statement that changes so many rows; raises `otherwise` where it changed more or fewer."""
    _send(sql, _known(params), changing, otherwise)


def insert(made: Sequence[models.Model], *, unless_there: bool = False) -> int:
    """Insert these new rows of one table, in one statement as far as the engine takes so many values. Returns how many
    there are now that were not before.

    `unless_there`: rows that meet a unique constraint are left out instead of raising IntegrityError. Guards of the
    model are not asked: the caller has made every row inside the current retailer, and the keys hold it.
    """
    if not made:
        return 0
    if len(made) >= MANY and connection.vendor == "postgresql":
        return _insert_columns(made, unless_there=unless_there)
    most = MOST_VALUES // width(type(made[0]))
    if len(made) > most and connection.vendor == "sqlite":
        parts = [made[start : start + most] for start in range(0, len(made), most)]
        return sum(insert(part, unless_there=unless_there) for part in parts)
    head, values, columns = _table(type(made[0]), connection.vendor)
    params = [
        convert(getattr(row, name)) if convert else getattr(row, name) for row in made for name, convert in columns
    ]
    sql = f"{head} {', '.join([values] * len(made))}"
    if unless_there:
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ON CONFLICT DO NOTHING", params)
            inserted = int(cursor.rowcount)
    else:
        _send(sql, params, len(made), IntegrityError)
        inserted = len(made)
    for row in made:
        row._state.adding, row._state.db = False, connection.alias
    return inserted


def _insert_columns(made: Sequence[models.Model], *, unless_there: bool) -> int:
    head, _values, columns = _table(type(made[0]), connection.vendor)
    fields = type(made[0])._meta.concrete_fields
    lists = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    sql = f"{head.removesuffix('VALUES')} SELECT * FROM unnest({lists})"
    params = [
        [convert(getattr(row, name)) if convert else getattr(row, name) for row in made] for name, convert in columns
    ]
    if not unless_there:
        _send(sql, params, len(made), IntegrityError)
        inserted = len(made)
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ON CONFLICT DO NOTHING", params)
            inserted = int(cursor.rowcount)
    for row in made:
        row._state.adding, row._state.db = False, connection.alias
    return inserted


def named(prefix: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """A bracket for `in`, and its parameters: `(%(key0)s, %(key1)s)`. Nothing is in an empty one."""
    params = {f"{prefix}{number}": value for number, value in enumerate(values)}
    return f"({', '.join(f'%({name})s' for name in params) or 'null'})", params


def moment(told: Any) -> Any:
    """A moment as either engine gives it, in UTC; None stays."""
    told = datetime.fromisoformat(told) if isinstance(told, str) else told
    return told.replace(tzinfo=UTC) if told is not None and told.tzinfo is None else told


def day(told: Any) -> Any:
    """A day as either engine gives it; None stays."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def lock() -> str:
    """Ends a read whose rows nobody else may lock until the transaction ends. On SQLite there is one writer anyway."""
    return "for update" if connection.vendor == "postgresql" else ""


def cast(expression: str, kind: str) -> str:
    """Says of a value in a list of values what it is; only PostgreSQL asks."""
    return f"{expression}::{kind}" if connection.vendor == "postgresql" else expression


class _Batch:
    """Statements that wait to be sent together, each with the number of rows that it is to change."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Any, int, type[Exception]]] = []

    def go_first(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Whatever else is asked meanwhile comes after what waits."""
        self.send()
        return execute(sql, params, many, context)

    def send(self) -> None:
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(cursor.mogrify(sql, params) for sql, params, _changing, _otherwise in waiting))
            for _sql, _params, changing, otherwise in waiting:
                if cursor.rowcount != changing:
                    raise otherwise
                cursor.nextset()


_open_batch: ContextVar[_Batch | None] = ContextVar("astro_batch", default=None)


def _send(sql: str, params: Any, changing: int, otherwise: type[Exception]) -> None:
    batch = _open_batch.get()
    if batch:
        batch.waiting.append((sql, params, changing, otherwise))
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        if cursor.rowcount != changing:
            raise otherwise


def _known(params: Mapping[str, Any]) -> dict[str, Any]:
    if connection.vendor != "sqlite":
        return dict(params)
    return {name: _for_sqlite(value) for name, value in params.items()}


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.hex if isinstance(value, UUID) else value


@cache
def _readers(
    model: type[models.Model], vendor: str
) -> tuple[list[str], int, list[tuple[int, Any, list[Callable[[Any, Any, Any], Any]]]]]:
    """Names of a table's values, the place of its key, and which values are not yet what the model holds."""
    fields = list(model._meta.concrete_fields)
    found = []
    for number, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        converters = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        if converters:
            found.append((number, column, converters))
    return [field.attname for field in fields], fields.index(model._meta.pk), found


@cache
def _table(model: type[models.Model], vendor: str) -> tuple[str, str, list[tuple[str, Callable[[Any], Any] | None]]]:
    """How rows of a table are inserted: the statement's head, a bracket of places, and the columns in their order."""
    fields = list(model._meta.concrete_fields)
    quoted = ", ".join(f'"{field.column}"' for field in fields)
    head = f'INSERT INTO "{model._meta.db_table}" ({quoted}) VALUES'
    return (
        head,
        f"({', '.join(['%s'] * len(fields))})",
        [(field.attname, _converter(field, vendor)) for field in fields],
    )


def _converter(field: models.Field, vendor: str) -> Callable[[Any], Any] | None:
    """What makes of a row's value what the engine takes; None where it takes it as it is."""
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else connection.ops.adapt_json_value(value, field.encoder)
    if isinstance(field, models.CharField | models.TextField):
        return lambda value: value if value is None else str(value)  # a choice is more than a text
    return _for_sqlite if vendor == "sqlite" else None
