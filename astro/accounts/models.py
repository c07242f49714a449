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

from astro.kit.append_only import AppendOnly, AppendOnlyRows
from astro.kit.clock import utc_now
from astro.kit.ids import IdField
from astro.kit.passwords.policy import normalized
from astro.tenancy.facts import RetailerFact
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
    is_support = models.BooleanField(
        _("platform support"), default=False, help_text=_("Works for the platform, and so for no store.")
    )
    has_given_password = models.BooleanField(
        default=False, help_text=_("Somebody else chose the password; its person chooses one before going on.")
    )
    has_second_step = models.BooleanField(
        default=False, editable=False, help_text=_("Signs in with an app or a passkey besides the password.")
    )
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
            models.CheckConstraint(condition=Q(is_support=False) | Q(email__isnull=False), name="support_has_an_email"),
            models.CheckConstraint(
                condition=Q(user_name=Lower("user_name")) & ~Q(user_name__contains="@"), name="user_name_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """Hashes it. To change the password of somebody who is here already: `passwords.set_password`."""
        super().set_password(normalized(raw_password) if raw_password is not None else None)

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(normalized(raw_password) if raw_password is not None else None)

    @property
    def login(self) -> str:
        """What this person types to sign in."""
        return self.email or self.user_name or ""


class Role(models.TextChoices):
    CASHIER = "cashier", _("Cashier")
    ADMINISTRATOR = "administrator", _("Administrator")
    MASTER = "master", _("Master administrator")


class SupportChange(AppendOnly):
    """Something about who gets in as the platform's support. They work for no store, so no store's record holds it.
    Without `by` it was done at the command line."""

    class What(models.TextChoices):
        ADDED = "added", _("Let in")
        REMOVED = "removed", _("Shut out")
        STEP_ADDED = "step_added", _("Second step added")
        STEP_REMOVED = "step_removed", _("Second step removed")
        CODES_MADE = "codes_made", _("Recovery codes made")
        STEP_RESET = "step_reset", _("Second step taken off, to help")

    id = IdField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, choices=What)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    objects = AppendOnlyRows.as_manager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.user_id} {self.what}"


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
    support_contact = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("Whose e-mail gets the answers to tickets, where this person has none."),
    )
    networks = models.TextField(blank=True, help_text=_("Addresses and CIDR, one a line; empty: from anywhere."))
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


class Invitation(RetailerModel):
    """Somebody is asked by e-mail to work here. Accepted, it becomes their memberships: one for each of `places`
    (location ids), or a single one for all locations where the role is master."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=13, choices=Role)
    places = models.JSONField(default=list)
    networks = models.TextField(blank=True)
    reason = models.CharField(
        max_length=200, blank=True, help_text=_("Why the platform's support asked them, where it did.")
    )
    token_hash = models.CharField(max_length=64, editable=False)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, editable=False)
    sent_at = models.DateTimeField(editable=False)
    until_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invited_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.sent_at:%Y-%m-%d}"


class Pin(RetailerModel):
    """A few digits with which somebody takes over an enrolled till of this retailer. `tries`: wrong ones in a row.

    The till is told how many they are, so that it goes on after the last one without being told to.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    digits_hash = models.CharField(max_length=128, editable=False)
    digits_count = models.PositiveSmallIntegerField(default=4, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    set_at = models.DateTimeField(editable=False)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "user"], name="pin_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class SupportConsent(RetailerModel):
    """An administrator lets platform support act as one of the store's people, until a moment."""

    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, editable=False)
    given_at = models.DateTimeField(editable=False)
    until_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(RetailerModel.Meta):
        indexes = [models.Index(fields=["retailer", "until_at"], name="consent_by_end")]

    def __str__(self) -> str:
        return f"until {self.until_at:%Y-%m-%d %H:%M}"


class EndOfActing(models.TextChoices):
    """Why somebody acts as another no longer."""

    STOPPED = "stopped", _("Stopped")
    SIGNED_OUT = "signed_out", _("Signed out")
    TIME_OVER = "time_over", _("The time was over")
    OTHER_GONE = "other_gone", _("The other one no longer works there")
    OTHER_CHANGED = "other_changed", _("The other one has a new password")
    OUT_OF_REACH = "out_of_reach", _("No longer allowed to act as them")
    CONSENT_OVER = "consent_over", _("The store no longer allows it")
    REALLY_GONE = "really_gone", _("Whoever acted was shut out")
    SESSION_OVER = "session_over", _("Their session was over")


class Masquerade(RetailerModel):
    """One person acted as another, for a reason and for half an hour at most. `membership` is the other one's;
    `address` is where they began from. Where nobody came back to end it, it was over at `until_at`, and the clock
    writes that down (`acting.closing`)."""

    really_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, editable=False)
    membership = SameRetailerKey(Membership, related_name="+")
    is_by_support = models.BooleanField(default=False, editable=False)
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField(editable=False)
    until_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    why_ended = models.CharField(max_length=14, blank=True, choices=EndOfActing, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)

    class Meta(RetailerModel.Meta):
        indexes = [models.Index(fields=["retailer", "began_at"], name="masquerade_by_begin")]

    def __str__(self) -> str:
        return f"{self.really_by_id} as {self.membership_id}"


class RestrictionLift(RetailerFact):
    """The platform's support took off a list of addresses, for a reason that the store reads: the store's own list, or
    one person's (`membership`). `networks` is what stood there, so that it can be put back."""

    membership = SameRetailerKey(Membership, null=True, related_name="+")
    networks = models.TextField()
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "at"], name="lift_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


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
    While somebody acts as another, `user` and `membership` are the other one's and `really_by` sits at the keyboard,
    until `acting_until`. `is_by_pin`: begun with a PIN on a till, so good for what a cashier does there and no more.
    `label` is the browser in a few words, for the list of one's own sessions.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    retailer = RetailerKey(null=True, default=None)
    membership = SameRetailerKey(Membership, null=True, related_name="+")
    location = SameRetailerKey(Location, null=True, related_name="+")
    device = SameRetailerKey(Device, null=True, related_name="+")
    really_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False)
    masquerade = SameRetailerKey(Masquerade, null=True, related_name="+")
    acting_until = models.DateTimeField(null=True)
    is_by_pin = models.BooleanField(default=False)
    signed_in_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    label = models.CharField(max_length=80, blank=True)

    own_membership: Membership | None = None
    """Of an administrator who acts as another: where they really work. Set where it was read (`acting.standing`)."""

    class Meta:
        indexes = [models.Index(fields=["retailer", "device"], name="session_by_device")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from astro.accounts.sessions import SessionStore

        return SessionStore
