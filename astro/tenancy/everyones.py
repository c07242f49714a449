"""Rows without any retailer that every retailer reads: brands, distributors. Only the platform writes them.

PostgreSQL holds the same by policy (`policies.EVERYONES`).
"""

from collections.abc import Iterable
from typing import Any

from django.db import models

from astro.tenancy import current


def platform_only(model: type[models.Model]) -> None:
    if current.scope() == current.EVERYWHERE:
        raise current.ReadsOnly(f"{model._meta.label} cannot be written across retailers.")
    if current.scope() != current.PLATFORM:
        raise current.OtherRetailer(f'{model._meta.label} is everyone\'s: say `with platform("why"):` to write it.')


class EveryonesRows(models.QuerySet):
    """Read by all, written in bulk by the platform alone."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        if rows:
            platform_only(self.model)
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **values: Any) -> int:  # bulk_update passes here too
        platform_only(self.model)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        platform_only(self.model)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Everyones(models.Model):
    """A row that belongs to no retailer and is everyone's to read."""

    objects = EveryonesRows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        platform_only(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        platform_only(type(self))
        return super().delete(*args, **kwargs)
