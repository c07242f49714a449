"""SQLite, with composite keys between a retailer's tables, and one writer at a time."""

from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base, operations
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor as PlainSchemaEditor

from astro.kit.one_writer import OneWriter
from astro.tenancy import current
from astro.tenancy.engines import is_tenant, same_retailer_keys


class DatabaseSchemaEditor(PlainSchemaEditor):
    def table_sql(self, model: Any) -> tuple[str, list[Any]]:
        keys = same_retailer_keys(model)
        for key in keys:
            key.db_constraint = False
        try:
            sql, params = super().table_sql(model)
        finally:
            for key in keys:
                key.db_constraint = True
        quote = self.quote_name
        walls = ['UNIQUE ("retailer_id", "id")'] if is_tenant(model) else []
        walls += [
            f'FOREIGN KEY ("retailer_id", {quote(key.column)}) '
            f'REFERENCES {quote(key.remote_field.model._meta.db_table)} ("retailer_id", "id")'
            for key in keys
        ]
        return (sql.removesuffix(")") + ", " + ", ".join(walls) + ")" if walls else sql), params

    def add_field(self, model: Any, field: Any) -> None:
        if getattr(field, "same_retailer", False):
            self._remake_table(model, create_field=field)  # ALTER TABLE cannot add a key over two columns
        else:
            super().add_field(model, field)


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, *args: Any, **kwargs: Any) -> list[str]:
        """Tables are emptied in any order: the keys over two columns wait for the commit, as the plain ones do."""
        return ["PRAGMA defer_foreign_keys = ON", *super().sql_flush(*args, **kwargs)]


class DatabaseWrapper(OneWriter, base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(_refuse_writes_across)


def _refuse_writes_across(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """What PostgreSQL refuses by its reader's role, raw statements and plain tables included."""
    if current.scope() == current.EVERYWHERE and (sql.split(maxsplit=1) or [""])[0].upper() in _WRITES:
        raise current.ReadsOnly("Looking across retailers only reads.")
    return execute(sql, params, many, context)


_WRITES = {"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP"}
