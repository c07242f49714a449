"""What was changed about a customer, accounts that were put together, and those that perhaps should be."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from astro.accounts.models import User
from astro.customers.models.people import Customer
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class Change(RetailerModel):
    """One field as it was and as it became, in the customer's own list, which is erased with them. `field` is a name
    of `actions.py` (`first_name`, `address`, `pet`, `tag`, ...); the values are as a person reads them."""

    customer = SameRetailerKey(Customer, related_name="changes")
    field = models.CharField(max_length=20)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    location = SameRetailerKey(Location, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        indexes = [models.Index(fields=["retailer", "customer", "id"], name="change_by_customer")]

    def __str__(self) -> str:
        return f"{self.field} of {self.customer_id}"


class Merge(RetailerModel):
    """Two accounts became one. `moved` is what each part of the house moved (`parts.py`), so that it can be split again
    until `split_until`."""

    kept = SameRetailerKey(Customer, related_name="+")
    gone = SameRetailerKey(Customer, related_name="+")
    moved = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    location = SameRetailerKey(Location, null=True, related_name="+")
    split_until = models.DateTimeField()
    split_at = models.DateTimeField(null=True, blank=True)
    split_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "gone"], condition=Q(split_at__isnull=True), name="merged_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
        ]
        indexes = [models.Index(fields=["retailer", "kept"], name="merge_by_kept")]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class LikelyDouble(RetailerModel):
    """Two accounts that may be of one person, found by the daily look; `first` has the smaller id. `reason` is `name`,
    `phone`, `email`, `address` or a combination with a plus. Settled when they were merged or said to be two people."""

    first = SameRetailerKey(Customer, related_name="+")
    second = SameRetailerKey(Customer, related_name="+")
    reason = models.CharField(max_length=40)
    score = models.PositiveSmallIntegerField(help_text="0 to 100, the surest first")
    found_on = models.DateField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "first", "second"], name="double_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="double_in_order"),
        ]
        indexes = [models.Index(fields=["retailer", "second"], name="double_by_second")]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"

    @property
    def reasons(self) -> list[str]:
        return self.reason.split("+")

    @property
    def sides(self) -> tuple[Customer, Customer]:
        return self.first, self.second
