"""One table: the events."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerManager, RetailerModel, SameRetailerKey, ScopedQuerySet


class NeverChanged(RuntimeError):
    """Something tried to edit or delete an event."""


class EventQuerySet(ScopedQuerySet):
    def update(self, **values: Any) -> int:
        raise NeverChanged("An event is never changed. Record another one.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise NeverChanged("An event is never changed. Record another one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise NeverChanged("An event is never deleted.")


class EventManager(RetailerManager.from_queryset(EventQuerySet)):  # type: ignore[misc]
    pass


class Event(RetailerModel):
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

    objects: ClassVar[Any] = EventManager()

    class Meta(RetailerModel.Meta):
        indexes = [
            models.Index(fields=["retailer", "about_kind", "about_id"], name="event_by_thing"),
            models.Index(fields=["retailer", "location", "at"], name="event_by_location"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.about_kind} {self.about_id}"

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanged("An event is never changed. Record another one.")
        super().save(**kwargs)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:  # type: ignore[override]
        raise NeverChanged("An event is never deleted.")
