"""The consent ledger: who may be written to, over which channel, by whose word.

It goes by the address, not by the customer's row: a changed number starts at nothing, a number that comes back brings
its own past with it, and what was stopped stays stopped when its owner was erased.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.customers.models.people import Customer
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import SameRetailerKey


class Channel(models.TextChoices):
    EMAIL = "email", _("Email")
    TEXT = "text", _("Text")


class Act(models.TextChoices):
    """What was said or happened."""

    ASKED = "asked", _("asked")
    YES = "yes", _("said yes")
    STOP = "stop", _("said stop")
    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("complained")


class Basis(models.TextChoices):
    """How a yes was given."""

    EXPRESS = "express", _("express")
    IMPLIED = "implied", _("implied")


class Source(models.TextChoices):
    """Where it was said."""

    TILL = "till", _("at the till")
    OFFICE = "office", _("in the office")
    LINK = "link", _("by a link in an e-mail")
    REPLY = "reply", _("by a reply")
    APP = "app", _("in the app")
    IMPORT = "import", _("by an uploaded list")
    HOOK = "hook", _("told by the mail or text service")
    MERGE = "merge", _("when two accounts were merged")


OFFERS = "offers"
"""The one purpose so far: the store's own news and offers."""


class Wording(RetailerFact):
    """The words with which people were asked, kept as they stood. `digest` is the SHA-256 of the text, in hex."""

    digest = models.CharField(max_length=64)
    text = models.TextField()
    first_used_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "digest"], name="wording_once")]

    def __str__(self) -> str:
        return self.digest[:12]


class Consent(RetailerFact):
    """One thing said about one address. `evidence` holds what proves it: a reply's words, the address of the network it
    came from, the column of an uploaded list. `address_hash` as in `consent/addresses.py`."""

    channel = models.CharField(max_length=8, choices=Channel)
    address_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16, default=OFFERS)
    act = models.CharField(max_length=10, choices=Act)
    basis = models.CharField(max_length=8, choices=Basis, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    customer = SameRetailerKey(Customer, null=True, related_name="consents")
    location = SameRetailerKey(Location, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    wording = SameRetailerKey(Wording, null=True, related_name="+")
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [
            models.Index(fields=["retailer", "channel", "address_hash", "id"], name="consent_by_address"),
            models.Index(fields=["retailer", "customer", "id"], name="consent_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.act} {self.at:%Y-%m-%d}"
