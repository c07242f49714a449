"""App accounts, their sessions, and the customers that they may see."""

from __future__ import annotations

from django.db import models

from astro.customers.models import Customer
from astro.kit.ids import IdField
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class AppAccount(models.Model):
    """A person by their e-mail address, which they have shown to be theirs. `password` as Django hashes it.

    `reset_asked_at`: they asked for a link to set a new password, and none was set since (`passwords.py`).
    """

    id = IdField()
    email = models.CharField(max_length=254)
    email_folded = models.CharField(max_length=254, unique=True)
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    password_changed_at = models.DateTimeField()
    reset_asked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"app account {self.pk}"


class AppRetailer(models.Model):
    """An app account has, or once had, a customer at this retailer: where to look, before any retailer is current.

    Whether it still has one is for the `AppLink` behind that retailer's wall to say. So the retailer is a plain number.
    """

    id = IdField()
    account = models.ForeignKey(AppAccount, models.CASCADE, related_name="retailers")
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="app_retailer_once")]

    def __str__(self) -> str:
        return f"app account {self.account_id} at retailer {self.number}"


class AppSession(models.Model):
    """Signed in on one device. `key_hash` is the SHA-256 of what its cookie holds.

    `at_retailer` is the retailer whose cards are looked at, None where that is still to be chosen. A plain number: a
    session is read before any retailer is current.
    """

    id = IdField()
    account = models.ForeignKey(AppAccount, models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    at_retailer = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="app_session_by_end")]

    def __str__(self) -> str:
        return f"session of app account {self.account_id}"


class AppLink(RetailerModel):
    """An app account is this customer. Accounts stand outside the wall, so `account_id` is a plain number."""

    account_id = models.BigIntegerField()
    customer = SameRetailerKey(Customer, related_name="app_links")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "customer"], condition=models.Q(ended_at__isnull=True), name="app_link_once"
            ),
            models.UniqueConstraint(
                fields=["retailer", "account_id"], condition=models.Q(ended_at__isnull=True), name="app_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} is {self.customer_id}"
