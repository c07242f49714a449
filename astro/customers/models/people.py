"""Pet owners, where they live, the codes that stand for them, and which locations know them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.kit.clock import utc_now
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey

SORT_NAME_LENGTH = 120
INTERNAL_ID_LENGTH = 40


class Reach(models.TextChoices):
    """Whether a customer may be written to over a channel, as the consent ledger adds up (`consent/ledger.py`)."""

    NONE = "none", _("Nothing on file")
    ON_FILE = "on_file", _("Not asked yet")
    ASKED = "asked", _("Asked, no answer")
    YES = "yes", _("Opted in")
    STOPPED = "stopped", _("Opted out")
    BOUNCES = "bounces", _("Cannot be reached")


class Kind(models.TextChoices):
    """What a customer is to the store: some programs are only for breeders, or only for employees."""

    PET_OWNER = "pet_owner", _("Pet Owner")
    BREEDER = "breeder", _("Breeder")
    EMPLOYEE = "employee", _("Employee")


class Customer(RetailerModel):
    """A pet owner. Their `id` is the Astro ID."""

    first_name = models.CharField(_("Pet Owner First Name"), max_length=100)
    last_name = models.CharField(_("Pet Owner Last Name"), max_length=100)
    phone = models.CharField(_("Pet Owner Mobile Phone"), max_length=16, blank=True, help_text=_("E.164"))
    email = models.CharField(_("Pet Owner Email"), max_length=254, blank=True, help_text=_("As typed"))
    email_folded = models.CharField(max_length=254, blank=True, editable=False)
    search = models.TextField(editable=False, help_text=_("What look-up asks: see search.py."))
    sort_name = models.CharField(max_length=SORT_NAME_LENGTH, editable=False, help_text=_("Last, then first, folded."))
    internal_id = models.CharField(_("Internal Customer ID"), max_length=INTERNAL_ID_LENGTH, blank=True)
    internal_id_folded = models.CharField(max_length=INTERNAL_ID_LENGTH, blank=True, editable=False)
    note = models.TextField(_("note"), max_length=1000, blank=True, help_text=_("What the store wants to remember."))
    is_practice = models.BooleanField(default=False, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PET_OWNER, editable=False)
    text_state = models.CharField(max_length=8, choices=Reach, default=Reach.NONE, editable=False)
    email_state = models.CharField(max_length=8, choices=Reach, default=Reach.NONE, editable=False)
    app_since = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("First sign-in to the app."))
    created_at = models.DateTimeField(default=utc_now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("Asked to be erased: from that day.")
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(RetailerModel.Meta):
        ordering = ["sort_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "phone"],
                condition=Q(retired_at__isnull=True) & ~Q(phone=""),
                name="customer_phone_once",
            ),
            models.UniqueConstraint(
                fields=["retailer", "email_folded"],
                condition=Q(retired_at__isnull=True) & ~Q(email_folded=""),
                name="customer_email_once",
            ),
            models.UniqueConstraint(
                fields=["retailer", "internal_id_folded"],
                condition=Q(retired_at__isnull=True) & ~Q(internal_id_folded=""),
                name="customer_internal_id_once",
            ),
            models.UniqueConstraint(
                fields=["retailer", "is_practice"], condition=Q(is_practice=True), name="practice_customer_once"
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "sort_name", "id"], name="customer_by_name"),
            models.Index(fields=["retailer", "created_at", "id"], name="customer_by_newest"),
            # SQLite cannot use the partial indexes of the constraints above with a parameter.
            models.Index(fields=["retailer", "phone"], name="customer_by_phone"),
            models.Index(fields=["retailer", "email_folded"], name="customer_by_email"),
            models.Index(fields=["retailer", "internal_id_folded"], name="customer_by_internal_id"),
            models.Index(
                fields=["retailer", "erase_on"], condition=Q(erase_on__isnull=False), name="customer_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Address(RetailerModel):
    """Where a pet owner lives: asked for where a program needs it at redemption. The store keeps it, the brand never
    gets it."""

    customer = SameRetailerKey(Customer, related_name="addresses")
    postcode = models.CharField(_("postcode"), max_length=12)
    street = models.CharField(_("street and number"), max_length=120)
    street2 = models.CharField(_("apartment, suite"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("state or province"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166-1, two letters"))
    changed_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "customer"], name="address_once_a_customer")]

    def __str__(self) -> str:
        return f"{self.street}, {self.city}"


class CodeKind(models.TextChoices):
    CARD = "card", _("Card")
    APP = "app", _("App")
    OLD = "old", _("Card of an earlier system")


class CustomerCode(RetailerModel):
    """A code that stands for a customer: on a plastic card, in the app, from an old system. A letter comes first."""

    customer = SameRetailerKey(Customer, related_name="codes")
    code = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=CodeKind, default=CodeKind.CARD)
    created_at = models.DateTimeField(default=utc_now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "code"], name="customer_code_once")]
        indexes = [models.Index(fields=["retailer", "customer"], name="code_by_customer")]

    def __str__(self) -> str:
        return self.code


class SeenAt(RetailerModel):
    """A customer is known at a location: added, imported or checked out there."""

    customer = SameRetailerKey(Customer, related_name="seen_at")
    location = SameRetailerKey(Location, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "customer", "location"], name="seen_at_once")]
        indexes = [
            models.Index(fields=["retailer", "location", "last_seen_at", "customer"], name="seen_at_by_location"),
            # Without it SQLite reads the whole index above for the last visit of each customer of a list.
            models.Index(fields=["retailer", "customer", "last_seen_at"], name="seen_at_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} @ {self.location_id}"
