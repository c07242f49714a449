"""Which pages have a customer open just now."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.customers.models import Customer
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class Presence(RetailerModel):
    """A till's page that has this customer open, so that another one with the same customer can be told."""

    customer = SameRetailerKey(Customer, related_name="+")
    page = models.UUIDField(help_text=_("Made by the page when it opens."))
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "customer", "page"], name="presence_once_a_page")]
        indexes = [models.Index(fields=["retailer", "seen_at"], name="presence_by_time")]

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.location_id}"
