"""How a store's account came to be as it is, and whom a bill goes to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import Membership
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import AccountState
from astro.tenancy.walls import RetailerModel, SameRetailerKey

LONGEST_REASON = 200


class StateChange(RetailerFact):
    """The account became another kind. `reason` is read by the store; `by` is nobody where it came about by itself."""

    was = models.CharField(max_length=11, choices=AccountState)
    became = models.CharField(max_length=11, choices=AccountState)
    trial_until = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "at"], name="state_change_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(became="trial", trial_until__isnull=False)
                | (~Q(became="trial") & Q(trial_until__isnull=True)),
                name="a_trial_that_began_has_an_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.was} -> {self.became}"


class Hold(RetailerModel):
    """Everything waits from a moment until somebody lifts it. `reason` is read by the store."""

    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer"], condition=Q(lifted_at__isnull=True), name="held_once"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("placed_at")), name="hold_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"since {self.placed_at:%Y-%m-%d}"


class ContactMove(RetailerFact):
    """Somebody else became the primary billing contact."""

    was = SameRetailerKey(Membership, null=True, related_name="+")
    became = SameRetailerKey(Membership, related_name="+")
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "at"], name="contact_move_by_time")]

    def __str__(self) -> str:
        return f"{self.was_id} -> {self.became_id}"


class SecondStepRemoval(RetailerFact):
    """Support took the second step off somebody who lost theirs."""

    membership = SameRetailerKey(Membership, related_name="+")
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "at"], name="step_removal_by_time")]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class BillingContact(RetailerModel):
    """Where bills go, as the store's primary billing contact wrote it. None yet: to that person."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=16, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer"], name="billing_contact_once")]

    def __str__(self) -> str:
        return self.name
