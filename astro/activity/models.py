"""One table: the events."""

from __future__ import annotations

from django.db import models

from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import SameRetailerKey


class Event(RetailerFact):
    """Something that happened. Users and devices are plain ids: this module knows neither.

    `really_by_id` is who sat at the keyboard while acting as `by_user_id`.
    """

    name = models.CharField(max_length=60)
    about_kind = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    by_user_id = models.BigIntegerField(null=True)
    really_by_id = models.BigIntegerField(null=True)
    location = SameRetailerKey(Location, null=True, related_name="+")
    device_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta(RetailerFact.Meta):
        indexes = [
            models.Index(fields=["retailer", "about_kind", "about_id"], name="event_by_thing"),
            models.Index(fields=["retailer", "location", "at"], name="event_by_location"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.about_kind} {self.about_id}"
