"""Rows that are one retailer's own, or nobody's, and then not for all to read: the platform's alone.

PostgreSQL holds the same by policy (`policies.PLATFORMS`).
"""

from django.db import models

from astro.tenancy.current import EVERYWHERE
from astro.tenancy.walls import RetailerManager, SharedOrOwn, scope_or_raise


class OwnOrPlatformsManager(RetailerManager):
    """What the current retailer, or the platform, may read: its own rows and no others."""

    def get_queryset(self) -> models.QuerySet:
        now = scope_or_raise(self.model)
        rows: models.QuerySet = super(RetailerManager, self).get_queryset()
        return rows if now == EVERYWHERE else rows.filter(retailer_id=now or None)


class OwnOrPlatforms(SharedOrOwn):
    """A row of one retailer, or of none. Children write `class Meta(OwnOrPlatforms.Meta)`."""

    objects = OwnOrPlatformsManager()

    class Meta:
        abstract = True
        base_manager_name = default_manager_name = "objects"
