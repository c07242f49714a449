"""Deliveries, the local mailbox, the numbers that stores text from, and what came back to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.customers.models import Channel, Customer
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class MessageKind(models.TextChoices):
    WELCOME_EMAIL = "welcome_email", _("Welcome Email")
    OPT_IN_TEXT = "opt_in_text", _("SMS Opt In Text")
    UNSUBSCRIBED = "unsubscribed", _("Confirmation of unsubscribing")
    SUBSCRIBED = "subscribed", _("Confirmation of opting in")
    STOPPED = "stopped", _("Confirmation of opting out")
    HELP = "help", _("Answer to HELP")
    APP_LINK = "app_link", _("Link to set a password for the app")


class DeliveryState(models.TextChoices):
    """queued > sending > sent > delivered; or it ends as one of the others. `sending` is written and committed before
    anything leaves: what is found in it after a crash may have gone, so it becomes `unknown` and is not sent again."""

    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    KEPT = "kept", _("Kept in the local mailbox")
    UNKNOWN = "unknown", _("May have been sent")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", _("Came back")
    CANCELLED = "cancelled", _("Not sent")


class Delivery(RetailerModel):
    """One message to one address. `address` is emptied when its owner is erased; the hash stays (it is the consent
    ledger's). `token` names it to the world outside (hooks), where an id could be guessed."""

    customer = SameRetailerKey(Customer, null=True, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=16, choices=MessageKind)
    address = models.CharField(max_length=254, blank=True)
    address_hash = models.CharField(max_length=64)
    token = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    reason = models.CharField(max_length=200, blank=True, help_text=_("Why it was not sent, in words for the store."))
    attempts = models.PositiveSmallIntegerField(default=0)
    provider_id = models.CharField(max_length=100, blank=True)
    segments = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Parts of a text."))
    location = SameRetailerKey(Location, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "token"], name="delivery_token_once")]
        indexes = [
            models.Index(fields=["retailer", "customer", "id"], name="delivery_by_customer"),
            models.Index(fields=["retailer", "sending_at"], condition=Q(state="sending"), name="delivery_being_sent"),
            models.Index(fields=["retailer", "provider_id"], name="delivery_by_provider_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class KeptMessage(RetailerModel):
    """A message in the local mailbox: there is no server to send it, or it is for the practice customer."""

    delivery = SameRetailerKey(Delivery, related_name="kept")
    sender = models.CharField(max_length=300)
    subject = models.CharField(max_length=300, blank=True)
    headers = models.JSONField(default=dict)
    text = models.TextField()
    html = models.TextField(blank=True)
    kept_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "delivery"], name="kept_once")]
        indexes = [models.Index(fields=["retailer", "kept_at", "id"], name="kept_by_time")]

    def __str__(self) -> str:
        return self.subject or self.text[:40]


class TextNumber(RetailerModel):
    """A number (E.164) that a store texts from. One at a time."""

    number = models.CharField(max_length=16)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer"], condition=Q(until__isnull=True), name="text_number_once")
        ]

    def __str__(self) -> str:
        return self.number


class Meaning(models.TextChoices):
    STOP = "stop", _("Stop")
    START = "start", _("Yes")
    HELP = "help", _("Help")
    UNKNOWN = "unknown", _("Not understood")


class Reply(RetailerModel):
    """A text that came in. What was not understood waits for a person. `provider_id` makes the same hook count once."""

    provider_id = models.CharField(max_length=100)
    sender = models.CharField(max_length=16, blank=True, help_text=_("E.164; emptied when its owner is erased."))
    address_hash = models.CharField(max_length=64)
    customer = SameRetailerKey(Customer, null=True, related_name="+")
    body = models.TextField(blank=True)
    meaning = models.CharField(max_length=8, choices=Meaning)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "provider_id"], name="reply_once")]
        indexes = [
            models.Index(
                fields=["retailer", "received_at", "id"],
                condition=Q(meaning="unknown", settled_at__isnull=True),
                name="reply_to_settle",
            ),
            models.Index(fields=["retailer", "customer", "id"], name="reply_by_customer"),
            models.Index(fields=["retailer", "address_hash", "received_at"], name="reply_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} {self.received_at:%Y-%m-%d}"


class Report(RetailerModel):
    """What a mail or text service told about a delivery, once: a hook that comes again changes nothing."""

    delivery = SameRetailerKey(Delivery, related_name="reports")
    event = models.CharField(max_length=100, help_text=_("The service's own name or id for it."))
    at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "delivery", "event"], name="report_once")]

    def __str__(self) -> str:
        return self.event
