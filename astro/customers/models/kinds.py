"""What a customer is to the store beside a pet owner, from when to when, and the numbers that prove it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.customers.models.people import Customer, Kind
from astro.tenancy.walls import RetailerModel, SameRetailerKey

NUMBER_LENGTH = 40


class KindSpan(RetailerModel):
    """A customer is a breeder or an employee from a day to a day, both included; an employee with an ID of the store.

    `until_on` empty: still. One whose last day lies before its first was taken back the same day and never counted.
    Whoever is in none on a day was a pet owner. `Customer.kind` holds what the running one says.
    """

    customer = SameRetailerKey(Customer, related_name="kinds")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    employee_id = models.CharField(_("Employee ID"), max_length=NUMBER_LENGTH, blank=True)
    employee_id_folded = models.CharField(max_length=NUMBER_LENGTH, blank=True, editable=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "customer"], condition=Q(until_on__isnull=True), name="one_kind_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["retailer", "employee_id_folded"],
                condition=Q(until_on__isnull=True) & ~Q(employee_id_folded=""),
                name="employee_id_once",
            ),
            models.CheckConstraint(
                condition=(Q(kind=Kind.EMPLOYEE) & ~Q(employee_id_folded=""))
                | Q(kind=Kind.BREEDER, employee_id_folded=""),
                name="kind_has_its_number",
            ),
        ]
        indexes = [
            # SQLite cannot use the partial indexes of the constraints above with a parameter.
            models.Index(fields=["retailer", "employee_id_folded"], name="kind_by_employee_id"),
            models.Index(fields=["retailer", "customer", "from_on"], name="kind_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.kind}"


class BreederNumber(RetailerModel):
    """The number that a brand gave a breeder, who showed its letter; the store answers for it. Days as in `KindSpan`.

    A number is never written over: another one begins, and the one before ends.
    """

    customer = SameRetailerKey(Customer, related_name="breeder_numbers")
    brand = models.ForeignKey("catalog.Brand", models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("breeder number"), max_length=NUMBER_LENGTH)
    number_folded = models.CharField(max_length=NUMBER_LENGTH, editable=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "brand", "number_folded"],
                condition=Q(until_on__isnull=True),
                name="breeder_number_once_a_brand",
            ),
            models.UniqueConstraint(
                fields=["retailer", "customer", "brand"],
                condition=Q(until_on__isnull=True),
                name="one_breeder_number_a_brand",
            ),
            models.CheckConstraint(condition=~Q(number_folded=""), name="breeder_number_is_one"),
        ]
        indexes = [
            models.Index(fields=["retailer", "number_folded"], name="breeder_number_by_number"),
            models.Index(fields=["retailer", "customer", "brand"], name="breeder_number_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.number}"
