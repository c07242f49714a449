"""Exceptions: purchased items that a program does not list, and that a store asks onto a card."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.checkout.models.visits import Visit
from astro.customers.models import Customer
from astro.programs.models import ProgramCard
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import SameRetailerKey, SharedKey

MOST_EXCEPTED = 99
"""Items of one exception."""


class ExceptionReason(models.TextChoices):
    NEW = "new", _("New item or new code")
    UNREADABLE = "unreadable", _("Code unreadable or item repackaged")
    CHANGED = "changed", _("Program changed")
    AUTHORIZED = "authorized", _("Authorized by the brand")


class ExceptionState(models.TextChoices):
    """How an exception stands; what a step made of it."""

    WAITING = "waiting", _("Waiting for approval")
    LISTED = "listed", _("Approved, and on the product list")
    ONCE = "once", _("Approved for this purchase")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn by the store")


APPROVED = (ExceptionState.LISTED, ExceptionState.ONCE)


class ExceptionTicket(RetailerFact):
    """An item asked onto a card, as the store told it. It waits until an `ExceptionStep` ends it.

    The same `key` names the ticket of Help in which store and support talk about it.
    """

    key = models.UUIDField(help_text=_("Made by the form: sent twice, it is asked once."))
    customer = SameRetailerKey(Customer, related_name="exceptions")
    location = SameRetailerKey(Location, related_name="+")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    gtin = models.CharField(max_length=14, blank=True, help_text=_("Empty where it has none, or none that reads."))
    description = models.CharField(max_length=160)
    product_id = models.BigIntegerField(null=True, help_text=_("Where the catalogue knows the item already."))
    quantity = models.PositiveSmallIntegerField()
    paid_cents = models.PositiveIntegerField(null=True, help_text=_("What was paid, where a cash-back card asks."))
    reason = models.CharField(max_length=10, choices=ExceptionReason)
    note = models.CharField(max_length=200, blank=True)
    bought_at = models.DateTimeField(help_text=_("The punch is dated as of this moment."))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "key"], name="exception_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MOST_EXCEPTED), name="exception_has_units"
            ),
            models.CheckConstraint(condition=~Q(description=""), name="exception_names_its_item"),
        ]
        indexes = [
            models.Index(fields=["retailer", "customer", "program_card"], name="exception_by_customer"),
            models.Index(fields=["retailer", "location", "asked_at"], name="exception_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.description}"


class ExceptionStep(RetailerFact):
    """What was decided of an exception, in its order: odd numbers end it, even ones take that back.

    The number is what makes that it has one living end: of two people at the same moment, one writes it.
    """

    ticket = SameRetailerKey(ExceptionTicket, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=ExceptionState)
    sentence = models.CharField(max_length=300, blank=True, help_text=_("Why, as the store reads it."))
    product_id = models.BigIntegerField(null=True, help_text=_("Which item it was found to be."))
    item_id = models.BigIntegerField(null=True, help_text=_("The row of the product list that this approval added."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "ticket", "number"], name="exception_step_once"),
            models.CheckConstraint(
                condition=Q(state=ExceptionState.WAITING, number__gte=2) | ~Q(state=ExceptionState.WAITING),
                name="exception_waits_again_later",
            ),
            models.CheckConstraint(
                condition=Q(state__in=APPROVED, product_id__isnull=False)
                | (~Q(state__in=APPROVED) & Q(product_id__isnull=True, item_id__isnull=True)),
                name="exception_approved_for_an_item",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.number} {self.state}"

    @property
    def is_approval(self) -> bool:
        return self.state in APPROVED


class ExceptionVisit(RetailerFact):
    """The visit that an approval brought: its punches. Once for an approval."""

    step = SameRetailerKey(ExceptionStep, related_name="visits")
    visit = SameRetailerKey(Visit, related_name="exceptions")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "step"], name="exception_given_once"),
            models.UniqueConstraint(fields=["retailer", "visit"], name="exception_visit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}"
