"""Tables that only grow: facts are written once and never edited or deleted. What undoes one is another row.

    class PunchRows(AppendOnlyRows, ScopedQuerySet): ...

    class Punch(AppendOnly, RetailerModel):
        objects = RetailerManager.from_queryset(PunchRows)()

`AppendOnly` guards a row, `AppendOnlyRows` what is done to many. It brings no manager of its own, because it would hide
the one that keeps retailers apart; so a system check sees to it that the model's managers use the guarded rows.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.checks import CheckMessage, Error
from django.db import models


class RowIsFinal(RuntimeError):
    """Something tried to change or delete a fact. A mistake in the program, never the user's."""


class AppendOnlyRows(models.QuerySet):
    """A queryset that reads and adds. Stands first among the bases."""

    def update(self, **values: Any) -> NoReturn:  # bulk_update passes here too
        _refuse(self.model)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            _refuse(self.model)
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> NoReturn:
        _refuse(self.model)

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: str | None) -> NoReturn:
        _refuse(self.model)


class AppendOnly(models.Model):
    """A row that is saved once. Stands first among the bases."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or kwargs.get("force_update"):
            _refuse(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(type(self))

    def _do_update(self, *args: Any) -> Any:
        if not self._state.adding:
            _refuse(type(self))
        return False  # a fixture tries to update first; now it inserts, or meets the row that is there

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        return [*super().check(**kwargs), *_unguarded(cls)]


def _unguarded(model: type[models.Model]) -> list[CheckMessage]:
    managers = {"default": model._default_manager, "base": model._base_manager}
    return [
        Error(
            f"The {kind} manager of this append-only table lets rows be changed.",
            hint="Make `objects` of rows with AppendOnlyRows first, and let Meta say base_manager_name = 'objects'.",
            obj=model,
            id="kit.E001",
        )
        for kind, manager in managers.items()
        if not isinstance(manager.none(), AppendOnlyRows)
    ]


def _refuse(model: type[models.Model]) -> NoReturn:
    raise RowIsFinal(f"{model._meta.label} rows are facts: never changed, never deleted. Write another one.")
