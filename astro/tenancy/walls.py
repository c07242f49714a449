"""The walls between retailers, as a model sees them.

1. A table of a retailer inherits `RetailerModel`. Its only manager adds `retailer_id = <the current one>` to every
   read, and raises `NoRetailer` where nobody is current. It is the base manager too, so saving, refreshing, following
   a relation, prefetching and validating pass through it.
2. A new row takes the current retailer. `guard()` refuses a row, or a loaded relation, of another retailer, before
   saving, and again before the statement itself (fixtures skip `save`).
3. A relation between two such tables is a `SameRetailerKey`: the retailer enters every join, and the database holds
   `(retailer_id, x_id) -> (retailer_id, id)` (see `engines/`). Even `customer_id = <somebody else's>` is refused there.
4. `SharedOrOwn` is for tables like products: rows without retailer are everyone's to read, the others one store's own.
   What points at one is a `SharedKey`: joins show shared rows and the current retailer's. No key of the database can
   say "shared or mine", so an id of another store's own row can be written there; it leads nowhere when followed.
5. `OwnOrPlatforms` (`platforms.py`) is for what may belong to no retailer but is not for all to read, like a ticket of
   somebody who cannot sign in: rows without retailer are the platform's alone.
6. On PostgreSQL row-level security stands behind all this (`policies.py`), under a role that owns nothing.

What none of this can see is a queryset that is made inside one retailer and evaluated inside another: never keep one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.lookups import Exact, IsNull
from django.db.models.sql.where import OR, WhereNode

from astro.kit.ids import IdField
from astro.tenancy import current
from astro.tenancy.current import EVERYWHERE, PLATFORM, NoRetailer, OtherRetailer, ReadsOnly
from astro.tenancy.forms import OwnChoice


def scope_or_raise(model: type[models.Model]) -> int:
    now = current.scope()
    if now is None:
        raise NoRetailer(f"{model._meta.label} belongs to a retailer, and none is current.")
    return now


class ScopedQuerySet(models.QuerySet):
    """Writes in bulk, kept inside the wall."""

    def _guarded(self, rows: Iterable[Any]) -> list[Any]:
        rows = list(rows)
        for row in rows:
            row.guard()
        return rows

    def _writable(self) -> Any:
        """These rows as far as they are the current scope's to write, and without joins, which Django would turn into
        `id IN (...)` and so lose the retailer."""
        now = scope_or_raise(self.model)
        if now == EVERYWHERE:
            raise ReadsOnly(f"{self.model._meta.label} cannot be written across retailers.")
        if self.query.distinct or self.query.combinator:
            raise TypeError("Only a plain selection can be written: no distinct, no union.")
        mine = self.filter(retailer_id=now or None)
        if sum(map(bool, mine.query.alias_refcount.values())) == 1:
            return mine
        return self.model._base_manager.filter(retailer_id=now or None, pk__in=mine.order_by().values("pk"))

    def bulk_create(self, objs: Iterable[Any], *, update_conflicts: bool = False, **kwargs: Any) -> list[Any]:
        if update_conflicts and not {"retailer", "retailer_id"} & set(kwargs.get("unique_fields") or ()):
            raise OtherRetailer("A conflict that names no retailer could overwrite another one's row.")
        return super().bulk_create(self._guarded(objs), update_conflicts=update_conflicts, **kwargs)

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> int:
        return super().bulk_update(self._guarded(objs), *args, **kwargs)

    def update(self, **values: Any) -> int:
        if {"retailer", "retailer_id"} & values.keys():
            raise OtherRetailer("A row never changes its retailer.")
        return models.QuerySet.update(self._writable(), **values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """One scoped statement. Relations are PROTECT, so what still points here makes the database refuse."""
        count = self._writable()._raw_delete(self.db)
        return count, {self.model._meta.label: count}

    delete.alters_data = True
    delete.queryset_only = True

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise NoRetailer("Raw SQL does not pass the manager: use a hot-path file, inside the wall of the database.")


class RetailerManager(models.Manager.from_queryset(ScopedQuerySet)):
    def get_queryset(self) -> models.QuerySet:
        now = scope_or_raise(self.model)
        rows = super().get_queryset()
        return rows if now == EVERYWHERE else rows.filter(retailer_id=now)

    def none(self) -> models.QuerySet:  # forms need an empty one at import
        return super().get_queryset().none()


class SharedOrOwnManager(RetailerManager):
    def get_queryset(self) -> models.QuerySet:
        now = scope_or_raise(self.model)
        rows = super(RetailerManager, self).get_queryset()
        if now == EVERYWHERE:
            return rows
        shared = models.Q(retailer_id__isnull=True)
        return rows.filter(shared if now == PLATFORM else shared | models.Q(retailer_id=now))


class RetailerKey(models.ForeignKey):
    """The retailer that a row belongs to. Filled from the current scope when the object is made, never edited."""

    def __init__(self, to: Any = "tenancy.Retailer", on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.update(editable=False, related_name="+", db_index=False)
        kwargs.setdefault("default", current.current_retailer_id)
        super().__init__(to, on_delete, **kwargs)

    def validate(self, value: Any, model_instance: Any) -> None:
        """Nothing: the guard knows, and a query per saved form would be wasted."""


class SameRetailerKey(models.ForeignKey):
    """A relation inside one retailer; in the database it carries the retailer on both sides."""

    same_retailer = True

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        if on_delete is not models.PROTECT:
            raise ValueError("Rows of a retailer are deleted by name, parents last: on_delete is PROTECT.")
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_index", None)
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> WhereNode:
        mine = self.model._meta.get_field("retailer").get_col(related_alias)
        if alias is None:  # the subquery of an `exclude` over many: nothing joins it, so it names the retailer itself
            return WhereNode([Exact(mine, scope_or_raise(self.model))])
        theirs = self.related_model._meta.get_field("retailer").get_col(alias)
        return WhereNode([Exact(theirs, mine)])

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        return {"retailer_id": instance.retailer_id}

    def formfield(self, **kwargs: Any) -> Any:  # ForeignKey.formfield would ask the manager at import
        return models.Field.formfield(self, form_class=OwnChoice, model=self.remote_field.model, **kwargs)


class SharedKey(models.ForeignKey):
    """A relation to a `SharedOrOwn` row. Joins, either way, meet only rows that the current retailer may read."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs  # to the database it is one

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> WhereNode | None:
        now = scope_or_raise(self.related_model)
        if now == EVERYWHERE:
            return None
        sides = ((self.related_model, alias), (self.model, related_alias))
        return WhereNode([_readable(model, side, now) for model, side in sides if side and hasattr(model, "retailer")])

    formfield = SameRetailerKey.formfield


def _readable(model: Any, alias: str, now: int) -> WhereNode:
    key = model._meta.get_field("retailer")
    own = [Exact(key.get_col(alias), now)]
    return WhereNode([IsNull(key.get_col(alias), True), *own] if key.null else own, connector=OR)


class Walled(models.Model):
    """What both kinds of row share: the guard, and saving and deleting through the scoped manager."""

    id = IdField()

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        self.guard()
        if not self._state.adding and not kwargs.get("update_fields") and not kwargs.get("force_insert"):
            kwargs["force_update"] = True  # else a row that is not found would be inserted
        super().save(**kwargs)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.guard()
        return type(self)._base_manager.filter(pk=self.pk).delete()

    def may_write(self, now: int) -> bool:
        return self.retailer_id == now

    def guard(self) -> None:
        """Raise unless this row and every loaded relation are within reach of the current scope."""
        now = scope_or_raise(type(self))
        if now == EVERYWHERE:
            raise ReadsOnly(f"{self._meta.label} cannot be written across retailers.")
        if not self.may_write(now):
            raise OtherRetailer(f"{self._meta.label} {self.pk} is not this retailer's to write.")
        for field in self._meta.concrete_fields:
            if field.is_relation and field.is_cached(self):
                theirs = getattr(field.get_cached_value(self), "retailer_id", None)
                if theirs not in (None, now):
                    raise OtherRetailer(f"{self._meta.label}.{field.name} points at another retailer's row.")

    def _do_insert(self, manager: Any, using: Any, fields: Any, returning_fields: Any, raw: bool) -> Any:
        self.guard()  # fixtures skip `save` and come here
        return super()._do_insert(manager, using, fields, returning_fields, raw)

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *rest: Any) -> bool:
        values = [value for value in values if value[0].name != "retailer"]
        mine = base_qs.filter(retailer_id=self.retailer_id)
        return super()._do_update(mine, using, pk_val, values, *rest)


class RetailerModel(Walled):
    """A row of one retailer. Children write `class Meta(RetailerModel.Meta)`."""

    retailer = RetailerKey()
    objects = RetailerManager()

    class Meta:
        abstract = True
        base_manager_name = default_manager_name = "objects"


class SharedOrOwn(Walled):
    """A row that is everyone's (no retailer; the platform writes it) or one retailer's own."""

    retailer = RetailerKey(null=True, blank=True)
    objects = SharedOrOwnManager()

    class Meta:
        abstract = True
        base_manager_name = default_manager_name = "objects"

    def may_write(self, now: int) -> bool:
        return self.retailer_id == (now or None)
