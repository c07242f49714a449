from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Brand, Distributor
from astro.customers.models import Customer
from astro.programs.models import Fulfilment
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class LineState(models.TextChoices):
    UNBATCHED = "unbatched", _("Waiting")
    BATCHED = "batched", _("Pulled into a batch")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CreditLine(RetailerModel):
    """One free good, or rebate, to be paid back, or goods that a customer brought back. `cause_kind` and `cause_id`
    name what it is for (a reward, a return), at most one line at a time; the rest is a copy, so that nothing else has
    to be read, or shown, to whoever pays.

    One that is in a batch already, and whose redemption is undone all the same, is never rewritten: a counter-line, of
    cause `counter`, takes its units and cents off again in the next batch, and the line `is_countered`.

    `distributor` is empty where the brand or the store itself settles, and in Temporary Holding. Who pays, and under
    which account number, is as the last `Assignment` says, kept here because payers look lines up by it.
    """

    cause_kind = models.CharField(max_length=12)
    cause_id = models.BigIntegerField()
    redemption_id = models.BigIntegerField(null=True, help_text=_("Empty: goods that a customer brought back."))
    state = models.CharField(max_length=10, choices=LineState, default=LineState.UNBATCHED)
    is_countered = models.BooleanField(default=False)
    units = models.SmallIntegerField(default=1)
    cents = models.IntegerField(null=True, help_text=_("For rebates; free goods are counted in units."))
    fulfilment = models.CharField(max_length=12, choices=Fulfilment)
    distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, related_name="+", db_index=False)
    account_number = models.CharField(max_length=40, blank=True)
    location = SameRetailerKey(Location, related_name="+")
    location_name = models.CharField(max_length=120)
    customer = SameRetailerKey(Customer, related_name="+")
    customer_name = models.CharField(max_length=201)
    program_id = models.BigIntegerField(null=True, help_text=_("Empty: no program, but goods brought back."))
    program_title = models.CharField(max_length=160)
    card_title = models.CharField(max_length=160)
    product_id = models.BigIntegerField(null=True, help_text=_("Empty: no item, but cents."))
    gtin = models.CharField(max_length=14, blank=True)
    product_name = models.CharField(max_length=200)
    size = models.CharField(max_length=40, blank=True)
    msrp_cents = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3)
    day = models.DateField(help_text=_("The location's day of the redemption, or of bringing back."))
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    proof = models.JSONField(
        help_text=_("The punches: day, location, item, code, price. Of goods brought back: reason, lot, best-by date.")
    )

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "cause_kind", "cause_id"],
                condition=~Q(state="withdrawn") & Q(is_countered=False),
                name="one_live_credit_line",
            ),
            models.UniqueConstraint(
                fields=["retailer", "redemption_id", "cause_kind"], name="credit_line_once_a_redemption"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0) | Q(cause_kind="counter"), name="only_counter_lines_take_away"
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "day"], name="credit_line_by_day"),
            models.Index(fields=["retailer", "distributor", "state", "day"], name="credit_line_by_payer"),
        ]

    def __str__(self) -> str:
        return f"{self.units} x {self.product_name} ({self.state})"


class Assignment(RetailerFact):
    """A line that waits got another distributor, or another account number with them: who paid before, and who does
    from that moment on. A line without one is as it was written."""

    line = SameRetailerKey(CreditLine, related_name="assignments")
    was_distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)
    was_account_number = models.CharField(max_length=40, blank=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)
    account_number = models.CharField(max_length=40, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    assigned_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "line", "assigned_at"], name="assignment_by_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.distributor}"
