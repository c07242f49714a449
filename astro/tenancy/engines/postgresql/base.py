"""PostgreSQL, with composite keys between a retailer's tables and the current scope said to the database.

Three roles, one address: `astro` signs in, owns nothing and is what the policies hold; `astro_owner` owns and
migrates; `astro_reader` may read across. Before the first statement after a change of scope this backend says
`SET LOCAL astro.retailer` (or `SET LOCAL ROLE`), and forgets what it said whenever the transaction that heard it ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.ddl_references import Columns, Statement
from django.db.backends.postgresql import base, features, operations
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PlainSchemaEditor
from django.db.transaction import TransactionManagementError
from psycopg.pq import TransactionStatus

from astro.tenancy import current
from astro.tenancy.engines import is_tenant

OWNER = "astro_owner"
READER = "astro_reader"


class DatabaseSchemaEditor(PlainSchemaEditor):
    sql_create_column_inline_fk = None  # so that a key added later is made by _create_fk_sql too
    sql_delete_fk = "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"
    sql_update_with_default = "UPDATE %(table)s SET %(column)s = %(default)s WHERE %(column)s IS NULL"

    def table_sql(self, model: Any) -> tuple[str, list[Any]]:
        sql, params = super().table_sql(model)
        if is_tenant(model):
            plain = '"id" bigint NOT NULL PRIMARY KEY'
            if plain not in sql:
                raise ValueError(f"{model._meta.label} has no key that a retailer could be put into: {sql}")
            sql = sql.replace(plain, '"id" bigint NOT NULL').removesuffix(")") + ', PRIMARY KEY ("retailer_id", "id"))'
        return sql, params

    def _create_fk_sql(self, model: Any, field: Any, suffix: str) -> Statement:
        statement = super()._create_fk_sql(model, field, suffix)
        if getattr(field, "same_retailer", False):
            target = field.remote_field.model._meta.db_table
            own = ["retailer_id", field.column]
            statement.parts["column"] = Columns(model._meta.db_table, own, self.quote_name)
            statement.parts["to_column"] = Columns(target, ["retailer_id", "id"], self.quote_name)
        return statement


class DatabaseFeatures(features.DatabaseFeatures):
    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        return not is_tenant(model) and super().allows_group_by_selected_pks_on_model(model)


class DatabaseOperations(operations.DatabaseOperations):
    def deferrable_sql(self) -> str:
        return ""  # parents are written first; a bad reference is told at its statement, not at the commit


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    _TRUSTED, _answered_at = 15.0, -15.0  # seconds: who answered so lately is not asked whether it is well
    _FRESH = ("", None)  # what the server holds at the start of every transaction
    _UNSURE = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heard: tuple[str, int | None] | None = self._FRESH
        self._is_owner = self.alias == NO_DB_ALIAS  # test databases are made by the owner
        self.execute_wrappers.append(self._say_scope)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self._heard = self._FRESH
        if self._is_owner:
            self._say_role(OWNER)

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Migrating and flushing only: stand outside the wall, with the right to change it."""
        before, self._is_owner = self._is_owner, True
        self._say_role(OWNER)
        try:
            yield
        finally:
            self._is_owner = before
            if not before and self.connection is not None:
                self._say_role(None)

    def _say_role(self, role: str | None) -> None:
        self.ensure_connection()
        self.connection.execute(f"SET ROLE {role or 'NONE'}")
        if not self.connection.autocommit and not self.in_atomic_block:
            self.connection.commit()

    def _say_scope(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self._is_owner:
            self._say_changes()
        return execute(sql, params, many, context)

    def _say_changes(self) -> None:
        now = current.scope()
        wanted = (READER, None) if now == current.EVERYWHERE else ("", now)
        if wanted == self._heard:
            return
        status = self.connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            return  # only ROLLBACK can follow, and it comes through here too
        if not self.in_atomic_block:
            raise TransactionManagementError(
                "A retailer is current but no transaction is open: rows would be missing without a word."
            )
        role, retailer_id = wanted
        heard_role = self._heard[0] if self._heard else None
        if role != heard_role:
            self.connection.execute(f"SET LOCAL ROLE {role or 'NONE'}")
        self.connection.execute(f"SET LOCAL astro.retailer = '{'' if retailer_id is None else int(retailer_id)}'")
        self._heard = wanted

    def _commit(self) -> None:
        super()._commit()
        self._heard = self._FRESH
        self._answered_at = monotonic()

    def close_if_health_check_failed(self) -> None:
        """Asks before the first statement of a request, but not where a transaction has just been committed: under
        load that question would be one statement in twelve. A connection that broke since then fails one request, is
        found out by Django at its end, and replaced."""
        self.health_check_done |= monotonic() - self._answered_at < self._TRUSTED
        super().close_if_health_check_failed()

    def _rollback(self) -> None:
        super()._rollback()
        self._heard = self._FRESH

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        self._heard = self._UNSURE  # SET LOCAL is undone with the savepoint

    def close(self) -> None:
        super().close()
        if not self.in_atomic_block:
            self._heard = self._FRESH
