"""The tables of the outbox and of the house's own mail. They belong to no retailer's wall: the worker reads across, the
platform is retailer 0."""

from django.db import models
from django.db.models import Q

from astro.kit.ids import IdField


class OutboxRow(models.Model):
    """Something to be done after the commit that wrote this row. `astro/kit/outbox/queue.py` tells its life.

    waiting   `due` is set: the moment from which a worker may take it; while one holds it, the end of its lease
    finished  gone; or, with `dedupe`, `due` null and `finished_at` set until swept, so that it cannot come again
    parked    `due` null and `parked` set: it failed for the last time, and an operator looks at `error`

    `really_by` and `address` say who asked for it (`asking.py`), so that what a worker records names them too.
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
    really_by = models.BigIntegerField(null=True)
    address = models.GenericIPAddressField(null=True)

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
    """How far a schedule has come: the last moment that was put into the outbox, and the last that was done. One row
    for each kind.

    `done` begins as the moment at which the kind was first seen: nothing before it is owed. `done_at` is when a worker
    last came through with it.
    """

    id = IdField()
    kind = models.CharField(max_length=100)
    moment = models.DateTimeField()
    done = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind"], name="schedule_once")]

    def __str__(self) -> str:
        return self.kind


class PlainMail(models.Model):
    """A mail to staff or operators on its way (`mail.py`). The row is gone once the mail has left."""

    id = IdField()
    to = models.JSONField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    reply_to = models.CharField(max_length=254, blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mail {self.pk}"


class Milestone(models.Model):
    """What rare work said when it last came through: the nightly recount, the last backup. One row for each kind."""

    id = IdField()
    kind = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind"], name="milestone_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d %H:%M}"
