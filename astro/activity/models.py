"""The events, and the seals that show whether anybody touched them."""

from __future__ import annotations

from django.db import models

from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey

OF_EVERY_CHECKOUT = "visit recorded"
"""So common that it is found without an index of names, which no checkout then has to write to."""


class Event(RetailerFact):
    """Something that happened. Users and devices are plain ids: this module knows neither.

    `really_by_id` is who sat at the keyboard while acting as `by_user_id`; `address` is where the request came from.
    Both come from `kit.asking`, so that no action can leave them out.
    """

    name = models.CharField(max_length=60)
    about_kind = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    by_user_id = models.BigIntegerField(null=True)
    really_by_id = models.BigIntegerField(null=True)
    location = SameRetailerKey(Location, null=True, related_name="+")
    device_id = models.BigIntegerField(null=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta(RetailerFact.Meta):
        indexes = [
            models.Index(fields=["retailer", "about_kind", "about_id"], name="event_by_thing"),
            models.Index(fields=["retailer", "location", "at"], name="event_by_location"),
            models.Index(fields=["retailer", "at", "id"], name="event_by_time"),
            models.Index(fields=["retailer", "by_user_id", "at"], name="event_by_person"),
            models.Index(
                fields=["retailer", "really_by_id", "at"],
                condition=models.Q(really_by_id__isnull=False),
                name="event_by_real_person",
            ),
            models.Index(
                fields=["retailer", "name", "at"],
                condition=~models.Q(name=OF_EVERY_CHECKOUT),
                name="event_by_rare_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.about_kind} {self.about_id}"


class Seal(RetailerFact):
    """The events from id `from_id` to before `until_id`, those of before that came late included (`seals.py`).

    `rows` lists them: id and mark, 24 bytes each. `digest` covers all of it and the seal before.
    """

    number = models.PositiveIntegerField()
    from_id = models.BigIntegerField()
    until_id = models.BigIntegerField()
    until_at = models.DateTimeField()
    made_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    late_count = models.PositiveIntegerField(default=0)
    rows = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "until_id"], name="seal_by_end")]
        constraints = [models.UniqueConstraint(fields=["retailer", "number"], name="seal_once")]

    def __str__(self) -> str:
        return f"{self.number}: until {self.until_at:%Y-%m-%d %H:%M}"


class SealHead(RetailerModel):
    """Which seal is the last: what is sealed is found at once, and a last seal that was removed is missed."""

    number = models.PositiveIntegerField()
    until_id = models.BigIntegerField()
    until_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    mark = models.CharField(max_length=64)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer"], name="one_last_seal")]

    def __str__(self) -> str:
        return f"{self.number}"
