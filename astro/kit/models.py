"""The tables of the outbox. They belong to no retailer's wall: the worker reads across, the platform is retailer 0."""

from django.db import models
from django.db.models import Q

from astro.kit.ids import IdField


class OutboxRow(models.Model):
    """Something to be done after the commit that wrote this row. `astro/kit/outbox/queue.py` tells its life.

    waiting   `due` is set: the moment from which a worker may take it; while one holds it, the end of its lease
    finished  gone; or, with `dedupe`, `due` null and `finished_at` set until swept, so that it cannot come again
    parked    `due` null and `parked` set: it failed for the last time, and an operator looks at `error`
    """

    id = IdField()
    retailer_id = models.BigIntegerField()  # 0 is the platform
    kind = models.CharField(max_length=100)
    payload = models.JSONField()
    due = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)  # claims so far; whoever finishes must name the last one
    dedupe = models.CharField(max_length=200, null=True)
    parked = models.DateTimeField(null=True)
    error = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["retailer_id", "dedupe"], condition=Q(dedupe__isnull=False), name="outbox_once"
            ),
            models.CheckConstraint(
                condition=Q(due__isnull=True) | Q(parked__isnull=True, finished_at__isnull=True),
                name="outbox_one_state",
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="outbox_due"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="outbox_finished"),
            models.Index(fields=["parked"], condition=Q(parked__isnull=False), name="outbox_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Schedule(models.Model):
    """How far a schedule has come: the last moment that was put into the outbox. One row for each kind."""

    id = IdField()
    kind = models.CharField(max_length=100)
    moment = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind"], name="schedule_once")]

    def __str__(self) -> str:
        return self.kind
