"""A retailer's facts: rows inside the wall that are written once."""

from astro.kit.append_only import AppendOnly, AppendOnlyRows
from astro.tenancy.walls import RetailerManager, RetailerModel, ScopedQuerySet


class FactRows(AppendOnlyRows, ScopedQuerySet):
    """Read and added within one retailer, never changed."""


class FactManager(RetailerManager.from_queryset(FactRows)):
    """The scoped manager, with rows that refuse change."""


class RetailerFact(AppendOnly, RetailerModel):
    """What happened. Undoing it writes another row. Children write `class Meta(RetailerFact.Meta)`."""

    objects = FactManager()

    class Meta(RetailerModel.Meta):
        abstract = True
