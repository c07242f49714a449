"""What was bought, what was chosen, what was taken back: facts."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.customers.models import Customer
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class Source(models.TextChoices):
    TILL = "till", _("Till")
    LATE = "late", _("Late entry")
    IMPORT = "import", _("Import")
    API = "api", _("API")
    POS = "pos", _("POS")


class Reason(models.TextChoices):
    """Why several units of one visit went onto the same card."""

    PAPER_CARD = "paper_card", _("Paper card conversion")
    SEVERAL_PETS = "several_pets", _("Several pets in the household")
    STOCKING_UP = "stocking_up", _("Stocking up")
    BREEDER = "breeder", _("Breeder or kennel")
    MISSED = "missed", _("Entries missed earlier")
    OTHER = "other", _("Other")


class Visit(RetailerFact):
    """One checkout of one customer at one location. `day` is the location's day as it was then, and stays."""

    key = models.UUIDField(help_text=_("Made by the till; the same key is the same visit."))
    body_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source, default=Source.TILL)
    customer = SameRetailerKey(Customer, related_name="visits")
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    day = models.DateField()
    is_practice = models.BooleanField(default=False)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    reason_text = models.CharField(max_length=200, blank=True)
    declined = models.JSONField(
        default=list, help_text=_("Program cards of offers that the customer did not want this time.")
    )
    has_offer = models.BooleanField(
        default=False, help_text=_("Rewards were there to be chosen: it stays unsealed until Finished, or midnight.")
    )
    answer = models.JSONField(help_text=_("What the till was told; told again when the same visit comes again."))

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "key"], name="visit_key_once")]
        indexes = [
            models.Index(fields=["retailer", "location", "day"], name="visit_by_day"),
            models.Index(fields=["retailer", "customer", "occurred_at"], name="visit_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} on {self.day}"

    @property
    def open_on(self) -> date:
        """The day on which anybody at the till may take it back: its own; of a late entry that on which it came."""
        return self.location.day(self.recorded_at) if self.source == Source.LATE else self.day


class Purchase(RetailerFact):
    """One line of a visit. Name, size, code and price are copies of their day."""

    visit = SameRetailerKey(Visit, related_name="purchases")
    customer = SameRetailerKey(Customer, related_name="+")
    location = SameRetailerKey(Location, related_name="+")
    key = models.UUIDField()
    product_id = models.BigIntegerField()
    gtin = models.CharField(max_length=14, blank=True)
    name = models.CharField(max_length=200)
    size = models.CharField(max_length=40, blank=True)
    msrp_cents = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3)
    paid_cents = models.PositiveIntegerField(null=True, help_text=_("What was paid, where a cash-back card asked."))
    quantity = models.PositiveSmallIntegerField()
    day = models.DateField()
    occurred_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "key"], name="purchase_key_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="purchase_has_units"),
        ]
        indexes = [
            models.Index(fields=["retailer", "visit"], name="purchase_by_visit"),
            models.Index(fields=["retailer", "location", "day"], name="purchase_by_day"),
            models.Index(fields=["retailer", "customer", "day"], name="purchase_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class Sealed(models.TextChoices):
    FINISHED = "finished", _("Finished at the till")
    MIDNIGHT = "midnight", _("Closed at the end of the day")


class Sealing(RetailerFact):
    """A visit whose rewards were chosen, or kept for next time. `key` is the till's second one: the same key, once."""

    visit = SameRetailerKey(Visit, related_name="sealings")
    key = models.UUIDField()
    body_hash = models.CharField(max_length=64, blank=True)
    how = models.CharField(max_length=8, choices=Sealed, default=Sealed.FINISHED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    sealed_at = models.DateTimeField()
    answer = models.JSONField(help_text=_("What the till was told; told again when the same comes again."))

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "visit"], name="visit_sealed_once"),
            models.UniqueConstraint(fields=["retailer", "key"], name="sealing_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.how}"


class UnitVoid(RetailerModel):
    """One unit of a purchase taken back: it was not bought, or not by this customer, or came back to the store.

    Putting it back leaves the row, clears `is_live`, and adds a VoidUndo. `correction_id` names what it was part of.
    """

    purchase = SameRetailerKey(Purchase, related_name="voids")
    unit = models.PositiveSmallIntegerField(help_text=_("1 to the purchase's quantity."))
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    voided_at = models.DateTimeField()
    day = models.DateField()
    correction_id = models.BigIntegerField(null=True)
    is_live = models.BooleanField(default=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "purchase", "unit"], condition=Q(is_live=True), name="unit_voided_once"
            )
        ]
        indexes = [models.Index(fields=["retailer", "location", "day"], name="void_by_day")]

    def __str__(self) -> str:
        return f"{self.purchase_id} / {self.unit}"


class VoidUndo(RetailerFact):
    """A unit put back: it counts as bought again."""

    void = SameRetailerKey(UnitVoid, related_name="undos")
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "void"], name="void_undone_once")]

    def __str__(self) -> str:
        return f"{self.void_id} undone"
