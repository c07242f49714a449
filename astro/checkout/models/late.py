"""Purchases that come after their day: receipts that were set aside, and punches from paper cards."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.checkout.models.visits import Visit
from astro.customers.models import Customer
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey

MOST_DAYS = 400


class LateLimits(RetailerModel):
    """How many days back somebody may enter a purchase: one row a retailer; without one, the defaults."""

    administrator_days = models.PositiveSmallIntegerField(
        _("Administrators"), default=30, validators=[MaxValueValidator(MOST_DAYS)]
    )
    cashier_days = models.PositiveSmallIntegerField(_("Cashiers"), default=2, validators=[MaxValueValidator(MOST_DAYS)])

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer"], name="late_limits_once")]

    def __str__(self) -> str:
        return f"{self.administrator_days} / {self.cashier_days}"


class CardPhoto(RetailerModel):
    """A picture of a paper card, made small and without what a camera adds (where, when, by which phone)."""

    image = models.BinaryField()
    kind = models.CharField(max_length=20, default="image/jpeg")
    taken_in_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        pass

    def __str__(self) -> str:
        return f"{len(self.image)} bytes"


class PaperCard(RetailerFact):
    """A paper card whose punches were taken over, spread over the days on which they were bought.

    Each day is a visit of its own; `LateEntry` names them. Undoing it undoes its visits.
    """

    key = models.UUIDField(help_text=_("Made by the form: sent twice, it counts once."))
    customer = SameRetailerKey(Customer, related_name="paper_cards")
    location = SameRetailerKey(Location, related_name="+")
    program_card_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    punches = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()
    number = models.CharField(max_length=40, blank=True, help_text=_("What stands printed on the card."))
    note = models.CharField(max_length=200, blank=True)
    photo = SameRetailerKey(CardPhoto, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "key"], name="paper_card_once"),
            models.CheckConstraint(condition=Q(punches__gte=1), name="paper_card_has_punches"),
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="paper_card_days_in_order"),
        ]
        indexes = [
            models.Index(fields=["retailer", "customer"], name="paper_card_by_customer"),
            models.Index(fields=["retailer", "location", "entered_at"], name="paper_card_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.punches} punches, {self.first_on} to {self.last_on}"


class LateWhy(models.TextChoices):
    OUTAGE = "outage", _("Astro could not be reached; the receipt was set aside")
    FORGOTTEN = "forgotten", _("It was forgotten at the till")
    WRONG_CUSTOMER = "wrong_customer", _("It was entered for somebody else")
    PAPER_CARD = "paper_card", _("It comes from a paper card")
    KEPT = "kept", _("It was kept on a till")
    CORRECTION = "correction", _("Something was put right")
    EXCEPTION = "exception", _("An exception was approved")
    OTHER = "other", _("Another reason")


class LateEntry(RetailerFact):
    """Why a visit was entered after its day. Who entered it, and when, stands on the visit."""

    visit = SameRetailerKey(Visit, related_name="late_entries")
    location = SameRetailerKey(Location, related_name="+")
    why = models.CharField(max_length=16, choices=LateWhy)
    note = models.CharField(max_length=200, blank=True)
    paper_card = SameRetailerKey(PaperCard, null=True, related_name="entries")
    entered_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "visit"], name="late_entry_once")]
        indexes = [
            models.Index(fields=["retailer", "location", "entered_at"], name="late_entry_by_time"),
            models.Index(fields=["retailer", "paper_card"], name="late_entry_by_card"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.why}"
