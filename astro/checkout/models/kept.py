"""What a till kept while the network was out: how it came in, and what a person must look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import Device
from astro.checkout.models.visits import Visit
from astro.customers.models import Customer
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class Outcome(models.TextChoices):
    RECORDED = "recorded", _("Recorded")
    KEPT = "kept", _("Kept for a person")


class Arrival(RetailerFact):
    """A visit that a till kept has come in. The row is the gate: one for each key (`arriving.py`)."""

    key = models.UUIDField(help_text=_("The visit's, made by the till."))
    body_hash = models.CharField(max_length=64)
    location = SameRetailerKey(Location, related_name="+")
    device_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    rung_up_by = models.CharField(
        max_length=120, blank=True, help_text=_("A name that was typed, where nobody was signed in.")
    )
    occurred_at = models.DateTimeField(
        help_text=_("As counted: the till's time, put right by how wrong its clock was.")
    )
    clock_off_seconds = models.BigIntegerField(
        default=0, help_text=_("How far ahead the till's clock was when it sent.")
    )
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    visit = SameRetailerKey(Visit, null=True, related_name="arrivals")

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "key"], name="arrival_once"),
            models.CheckConstraint(
                condition=Q(outcome="recorded", visit__isnull=False) | Q(outcome="kept", visit__isnull=True),
                name="arrival_recorded_has_a_visit",
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "received_at"], name="arrival_by_time"),
            models.Index(fields=["retailer", "visit"], name="arrival_by_visit"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.outcome}"


class Why(models.TextChoices):
    """Why a person must look at it."""

    OTHER_BASKET = "other_basket", _("It was checked out already, with another basket")
    UNNAMED = "unnamed", _("The customer is to be named")
    UNKNOWN_CUSTOMER = "nobody", _("Nobody has this card or phone number")
    REMOVED_CUSTOMER = "removed", _("The customer was removed")
    UNKNOWN_ITEMS = "items", _("Items that are not in the catalogue")
    CLOCK = "clock", _("The till's clock was wrong")
    UNREADABLE = "unreadable", _("It could not be read")


class Settled(models.TextChoices):
    """What the person did about it."""

    LOOKED_AT = "looked_at", _("Looked at")
    RECORDED = "recorded", _("Recorded")
    DROPPED = "dropped", _("Dropped")


class KeptVisit(RetailerModel):
    """A visit, or a part of one, that the rules could not take as it came. Nothing of it is lost: a person settles it.

    `body` is what came, without what was recorded of it; the customer's phone number leaves it when it is settled.
    `visit` is what was recorded of it, at once or when it was settled.
    """

    key = models.UUIDField()
    why = models.CharField(max_length=12, choices=Why, default=Why.OTHER_BASKET)
    location = SameRetailerKey(Location, related_name="+")
    customer = SameRetailerKey(Customer, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    body = models.JSONField()
    body_hash = models.CharField(max_length=64)
    occurred_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField()
    visit = SameRetailerKey(Visit, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    settled_how = models.CharField(max_length=12, choices=Settled, blank=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "key", "body_hash", "why"], name="kept_visit_once")]
        indexes = [
            models.Index(fields=["retailer", "location", "kept_at"], name="kept_visit_by_time"),
            models.Index(fields=["retailer", "customer"], name="kept_visit_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.why}"


class TillQueue(RetailerModel):
    """How many visits wait on a till, as it said last. `told_at`: the store was told that they wait too long."""

    device = SameRetailerKey(Device, related_name="+")
    waiting = models.PositiveIntegerField(default=0)
    oldest_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "device"], name="till_queue_once")]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.waiting}"
