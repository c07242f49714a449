"""Users, where they work, their sessions, and the tills."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from astro.kit.clock import utc_now
from astro.kit.ids import IdField
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerKey, RetailerModel, SameRetailerKey

is_user_name = RegexValidator(
    r"\A[a-z0-9][a-z0-9._-]*\Z",
    _("A user name is one word of small letters and digits; dots, dashes and underscores may stand inside."),
)


def as_login(text: str) -> str:
    """An e-mail address or user name the way it is stored and looked up."""
    return text.strip().lower()


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """By e-mail or user name; the two cannot meet, because a user name has no @. Raises `User.DoesNotExist`."""
        login = as_login(username or "")
        return self.get(email=login) if "@" in login else self.get(user_name=login)


class User(AbstractBaseUser):
    """A person who works in a store. Known in the whole installation, so that one sign-in may work in several."""

    id = IdField()
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    user_name = models.CharField(
        _("user name"), max_length=40, unique=True, null=True, blank=True, validators=[is_user_name]
    )
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(user_name__isnull=False), name="user_has_email_or_user_name"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_folded"),
            models.CheckConstraint(
                condition=Q(user_name=Lower("user_name")) & ~Q(user_name__contains="@"), name="user_name_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def login(self) -> str:
        """What this person types to sign in."""
        return self.email or self.user_name or ""


class Role(models.TextChoices):
    CASHIER = "cashier", _("Cashier")
    ADMINISTRATOR = "administrator", _("Administrator")
    MASTER = "master", _("Master administrator")


class Membership(models.Model):
    """A user works for a retailer: at one location, or, as master administrator, at all of them.

    Not a `RetailerModel`: it is read with the session, to learn which retailer is current. It still carries the
    retailer in its keys. One that is over keeps its row and gets an `ended_at`.
    """

    id = IdField()
    retailer = RetailerKey()
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    location = SameRetailerKey(Location, null=True, blank=True, related_name="+")
    role = models.CharField(_("role"), max_length=13, choices=Role)
    is_billing_contact = models.BooleanField(_("primary billing contact"), default=False)
    began_at = models.DateTimeField(default=utc_now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role=Role.MASTER, location__isnull=True)
                | (Q(role__in=[Role.ADMINISTRATOR, Role.CASHIER]) & Q(location__isnull=False)),
                name="only_a_master_has_all_locations",
            ),
            models.UniqueConstraint(
                fields=["retailer", "user", "location"],
                condition=Q(ended_at__isnull=True, location__isnull=False),
                name="one_membership_per_location",
            ),
            models.UniqueConstraint(
                fields=["retailer", "user"],
                condition=Q(ended_at__isnull=True, location__isnull=True),
                name="one_membership_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} @ {self.location_id or self.retailer_id}"

    @property
    def is_living(self) -> bool:
        return self.ended_at is None

    @property
    def is_master(self) -> bool:
        return self.role == Role.MASTER

    @property
    def is_administrator(self) -> bool:
        """Of a location or of all of them."""
        return self.role in (Role.ADMINISTRATOR, Role.MASTER)

    def covers(self, location_id: int) -> bool:
        """Whether this membership reaches that location (of its own retailer)."""
        return self.location_id in (None, location_id)


class Device(RetailerModel):
    """A browser that an administrator made a till of a location.

    The browser keeps a secret, we keep its hash: who reads our table cannot play the till.
    """

    location = SameRetailerKey(Location, related_name="devices")
    name = models.CharField(_("name"), max_length=60)
    secret_hash = models.CharField(max_length=64, editable=False)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, editable=False)
    enrolled_at = models.DateTimeField(editable=False)
    last_seen_on = models.DateField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(RetailerModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "location", "name"],
                condition=Q(retired_at__isnull=True),
                name="device_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_living(self) -> bool:
        return self.retired_at is None


class StaffSession(AbstractBaseSession):
    """A signed-in browser. Columns, not only data, so that one read brings the session with its user and membership.

    Read before a retailer is known, so no wall; its keys still tie membership, location and device to one retailer.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    retailer = RetailerKey(null=True, default=None)
    membership = SameRetailerKey(Membership, null=True, related_name="+")
    location = SameRetailerKey(Location, null=True, related_name="+")
    device = SameRetailerKey(Device, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["retailer", "device"], name="session_by_device")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from astro.accounts.sessions import SessionStore

        return SessionStore
