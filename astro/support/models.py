"""Tickets with their messages, the operator's notices, and how the parts of the installation have been doing."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.kit.ids import IdField
from astro.support.parts import PartCondition
from astro.tenancy.everyones import Everyones
from astro.tenancy.platforms import OwnOrPlatforms
from astro.tenancy.walls import SharedKey

LONGEST_TEXT = 5_000


class TicketState(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


def grouped(reference: str) -> str:
    """In groups of four, to be read aloud."""
    return "-".join(reference[start : start + 4] for start in range(0, len(reference), 4))


class Ticket(OwnOrPlatforms):
    """A question to whoever runs this installation. Without a retailer: of somebody who was not signed in."""

    key = models.UUIDField(unique=True, help_text=_("Made by the form: sent twice, it is one ticket."))
    reference = models.CharField(max_length=12, unique=True, help_text=_("What people call it by."))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    subject = models.CharField(max_length=120)
    found = models.TextField(blank=True, help_text=_("What access help found out, as its reader saw it."))
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True, help_text=_("Where the answer goes."))
    store = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=8, choices=TicketState, default=TicketState.OPEN)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(OwnOrPlatforms.Meta):
        indexes = [
            models.Index(fields=["retailer", "opened_by", "changed_at", "id"], name="ticket_by_person"),
            models.Index(fields=["state", "changed_at"], name="ticket_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"

    @property
    def shown_reference(self) -> str:
        return grouped(self.reference)


class TicketMessage(OwnOrPlatforms):
    """What was said in a ticket, by the person who asks or by us."""

    key = models.UUIDField(unique=True, help_text=_("Made by the form: sent twice, it is said once."))
    ticket = SharedKey(Ticket, models.PROTECT, related_name="messages")
    is_ours = models.BooleanField(default=False)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta(OwnOrPlatforms.Meta):
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.written_at:%Y-%m-%d}"


class Severity(models.TextChoices):
    INFO = "info", _("For information")
    WARNING = "warning", _("Trouble")
    OUTAGE = "outage", _("Outage")


class Notice(Everyones):
    """What the operator tells all who work here, from a moment until another one or until it is taken back."""

    id = IdField()
    text = models.CharField(max_length=500)
    severity = models.CharField(max_length=7, choices=Severity, default=Severity.WARNING)
    parts = models.JSONField(default=list, help_text=_("Keys of the parts that it is about."))
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")), name="notice_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["until_at"], name="notice_by_end")]

    def __str__(self) -> str:
        return self.text[:60]

    def holds_at(self, moment: datetime) -> bool:
        return self.from_at <= moment and (self.until_at is None or moment < self.until_at)


class PartState(models.Model):
    """How a part has been doing since a moment. `is_last`: as it was when last looked at, one row a part. `is_change`:
    it was otherwise before."""

    id = IdField()
    part = models.CharField(max_length=20)
    condition = models.CharField(max_length=7, choices=PartCondition)
    since = models.DateTimeField()
    looked_at = models.DateTimeField()
    is_last = models.BooleanField(default=True)
    is_change = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part"], condition=Q(is_last=True), name="part_state_last_once")]
        indexes = [models.Index(fields=["since"], condition=Q(is_change=True), name="part_state_changes")]

    def __str__(self) -> str:
        return f"{self.part} {self.condition}"
