"""What the store put right after the fact, and what it settled about goods that come back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.customers.models import Customer
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import SameRetailerKey


class Spent(models.TextChoices):
    """What becomes of a punch whose item comes back, when its reward was handed out already."""

    REPLACE = "replace", _("Another punch takes its place; without one, the card owes it")
    OWED = "owed", _("The card owes it; the next purchase pays")
    ASK = "ask", _("Ask each time")


class ReturnRule(RetailerFact):
    """What the store does about spent punches when goods come back, from a moment on. The last row holds."""

    spent = models.CharField(_("When the reward was handed out already"), max_length=8, choices=Spent)
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "set_at"], name="return_rule_by_time")]

    def __str__(self) -> str:
        return f"{self.spent} since {self.set_at}"


class CorrectionKind(models.TextChoices):
    REMOVED = "removed", _("Items removed")
    PUT_BACK = "put_back", _("Items put back")
    CHANGED = "changed", _("Item or quantity changed")
    RETURNED = "returned", _("Goods brought back")
    MOVED = "moved", _("Visit moved to another customer")
    TRANSFERRED = "transferred", _("Card given to another customer")
    SPLIT = "split", _("Card split")
    ADDED = "added", _("Punches added")


class Correction(RetailerFact):
    """One thing that the store put right, for a customer, and perhaps for another one (`other`).

    `told` is what it did to their cards, as facts (`corrections/telling.py`); `moved` is what undoing it needs
    (`corrections/moved.py`).
    """

    key = models.UUIDField(help_text=_("Made by the form: sent twice, it is done once."))
    kind = models.CharField(max_length=12, choices=CorrectionKind)
    customer = SameRetailerKey(Customer, related_name="corrections")
    other = SameRetailerKey(Customer, null=True, related_name="+")
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    about = models.CharField(max_length=300, help_text=_("What it is about, in a few words: an item, a card."))
    told = models.JSONField(default=list)
    moved = models.JSONField(default=dict)
    is_practice = models.BooleanField(default=False)

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "key"], name="correction_once")]
        indexes = [
            models.Index(fields=["retailer", "customer", "made_at"], name="correction_by_customer"),
            models.Index(fields=["retailer", "location", "made_at"], name="correction_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"


class CorrectionUndo(RetailerFact):
    """A correction taken back."""

    correction = SameRetailerKey(Correction, related_name="undos")
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField()
    told = models.JSONField(default=list)

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "correction"], name="correction_undone_once")]

    def __str__(self) -> str:
        return f"{self.correction_id} undone"
