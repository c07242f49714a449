from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Brand, Distributor, Product
from astro.customers.models import Customer
from astro.kit.ids import IdField
from astro.tenancy.everyones import Everyones
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import SameRetailerKey, SharedKey


class ReturnReason(models.TextChoices):
    """Why a customer brings goods back, as brands and distributors ask for it."""

    REFUSED = "refused", _("Pet Refused to Eat")
    SICK = "sick", _("Pet Got Sick")
    ALLERGIC = "allergic", _("Pet Had Allergic Reaction")
    WRONG_PRODUCT = "wrong_product", _("Customer Purchased Wrong Product")
    FOREIGN_OBJECTS = "foreign", _("Has Foreign Objects")
    TEXTURE = "texture", _("Wrong Texture")
    HARDNESS = "hardness", _("Too Hard/Soft")
    SMELL = "smell", _("Smells Off")
    RECALL = "recall", _("Product Recall")
    SEAL = "seal", _("Broken/Opened Seal")
    TORN = "torn", _("Ripped or Torn")
    DAMAGED = "damaged", _("Damaged In Some Other Way")
    OTHER = "other", _("Other")


class ReturnState(models.TextChoices):
    """`credits/returns/states.py` says which may follow which."""

    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    RESUBMITTED = "resubmitted", _("Resubmitted")
    CREDITED = "credited", _("Credited")
    RECONCILED = "reconciled", _("Reconciled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DeclineReason(models.TextChoices):
    """The first two can be put right by the store, which then resubmits."""

    ACCOUNT_NUMBER = "account_number", _("Incorrect Account Number")
    ADDRESS = "address", _("Incorrect Address")
    NOT_COVERED = "not_covered", _("Not Covered by the Brand")
    NOT_A_CUSTOMER = "not_a_customer", _("Not Bought From This Distributor")
    OTHER = "other", _("Other")


class ReturnTerms(Everyones):
    """Whether a brand takes goods back from customers, and what it asks for, from a day on; the last day holds.

    Without a row a brand does not take part.
    """

    id = IdField()
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="return_terms")
    from_on = models.DateField()
    takes_part = models.BooleanField(default=True)
    needs_email = models.BooleanField(default=False)
    needs_phone = models.BooleanField(default=False)
    bought_within_days = models.PositiveSmallIntegerField(
        null=True, help_text=_("Recorded as bought by the customer so many days before at most. Empty: not asked.")
    )
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "from_on"], name="return_terms_once_a_day")]

    def __str__(self) -> str:
        return f"{self.brand_id} from {self.from_on}"


class ConsumerReturn(RetailerFact):
    """Goods that a customer brought back to the store. Name, size, code and price of the item are copies of the day.

    What became of it are its steps. `purchase_id` names the recorded purchase, where one was found, and `bought_on`
    its day.
    """

    key = models.UUIDField(help_text=_("Made with the form; the same key is the same return."))
    customer = SameRetailerKey(Customer, related_name="+")
    location = SameRetailerKey(Location, related_name="+")
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    product = SharedKey(Product, models.PROTECT, related_name="+", db_index=False)
    gtin = models.CharField(max_length=14, blank=True)
    product_name = models.CharField(max_length=200)
    size = models.CharField(max_length=40, blank=True)
    msrp_cents = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3)
    quantity = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=16, choices=ReturnReason)
    reason_text = models.CharField(max_length=200, blank=True)
    lot_code = models.CharField(max_length=40)
    best_by_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    purchase_id = models.BigIntegerField(null=True)
    bought_on = models.DateField(null=True)
    is_practice = models.BooleanField(default=False)
    day = models.DateField(help_text=_("The location's day on which it was brought back."))
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "key"], name="return_key_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_has_units"),
            models.CheckConstraint(condition=~Q(lot_code=""), name="return_has_a_lot_code"),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "day"], name="return_by_day"),
            models.Index(fields=["retailer", "customer", "day"], name="return_by_customer"),
            models.Index(fields=["retailer", "purchase_id"], name="return_by_purchase"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_name}"

    @property
    def last_step(self) -> ReturnStep:
        """Where it stands; reads the steps that were fetched with it, or asks once."""
        return max(self.steps.all(), key=lambda row: row.number)


class ReturnStep(RetailerFact):
    """A return came into a state. Steps are counted from 1, so that of two people who act at once one is refused.

    `distributor` (empty: none yet) and `account_number` are those under which it is asked for from this step on.
    """

    consumer_return = SameRetailerKey(ConsumerReturn, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=ReturnState)
    decline_reason = models.CharField(max_length=16, choices=DeclineReason, blank=True)
    note = models.CharField(max_length=200, blank=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)
    account_number = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "consumer_return", "number"], name="return_step_once"),
            models.CheckConstraint(
                condition=(Q(state="declined") & ~Q(decline_reason="")) | (~Q(state="declined") & Q(decline_reason="")),
                name="return_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consumer_return_id}: {self.state}"
