"""Retailers, their locations, and what is switched on for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from astro.kit.clock import day_at, utc_now
from astro.kit.ids import IdField
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class Country(models.TextChoices):
    UNITED_STATES = "US", _("United States")
    CANADA = "CA", _("Canada")


class Currency(models.TextChoices):
    US_DOLLAR = "USD", _("US dollar")
    CANADIAN_DOLLAR = "CAD", _("Canadian dollar")


class AccountState(models.TextChoices):
    """Which kind of account a store has. What each gives is in `features.GIVEN`."""

    TRIAL = "trial", _("Trial")
    ACTIVE = "active", _("Active")
    RESTRICTED = "restricted", _("Restricted")
    OFFERS_ONLY = "offers-only", _("Offers only")
    CANCELLED = "cancelled", _("Cancelled")


class Retailer(models.Model):
    """A business with one or more shops. The root of the wall: everything it owns carries its id.

    What must be known of the account before anybody is let in stands here, read with the session: its state, until when
    a trial runs, since when the platform holds it for a bill, and from where its people may come in (`networks`:
    addresses and CIDR, one a line; empty: from anywhere). How it came to be so: `billing`.
    """

    id = IdField()
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, choices=Country, default=Country.UNITED_STATES)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.US_DOLLAR)
    created_at = models.DateTimeField(default=utc_now, editable=False)
    state = models.CharField(_("account"), max_length=11, choices=AccountState, default=AccountState.ACTIVE)
    trial_until = models.DateTimeField(null=True, blank=True, editable=False)
    held_at = models.DateTimeField(null=True, blank=True, editable=False)
    networks = models.TextField(blank=True)
    needs_second_step = models.BooleanField(default=False, help_text=_("Of administrators, when they sign in."))
    needs_consent = models.BooleanField(default=False, help_text=_("Before support acts as one of its people."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="trial") | Q(trial_until__isnull=False), name="a_trial_has_an_end"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_on_trial(self, now: datetime) -> bool:
        return self.state == AccountState.TRIAL and self.trial_until is not None and now < self.trial_until

    def has_lapsed(self, now: datetime) -> bool:
        """A trial that is over and became nothing else."""
        return self.state == AccountState.TRIAL and not self.is_on_trial(now)


class Location(RetailerModel):
    """One shop. Its time zone decides which day a purchase belongs to, its region which distributors serve it."""

    name = models.CharField(_("name"), max_length=120)
    store_name = models.CharField(
        _("store name"), max_length=120, blank=True, help_text=_("What customers read; empty: the retailer's name.")
    )
    is_primary = models.BooleanField(_("primary location"), default=False)
    email = models.EmailField(_("e-mail for customers"), blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("state or province"), max_length=3, help_text=_("Two letters, for example MT."))
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=Country, default=Country.UNITED_STATES)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    website = models.URLField(_("website"), max_length=200, blank=True)
    time_zone = TimeZoneField(_("time zone"), default="America/Denver")
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta(RetailerModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["retailer", "name"], name="location_name_once"),
            models.UniqueConstraint(
                fields=["retailer", "is_primary"], condition=Q(is_primary=True), name="primary_location_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def day(self, moment: datetime) -> date:
        """The calendar day that this moment belongs to here."""
        return day_at(moment, self.time_zone)

    def logo_id(self) -> int | None:
        """Of its `Logo`, without the picture."""
        return Logo.objects.filter(location=self).values_list("pk", flat=True).first()

    def week(self) -> list[tuple[Any, OpenHours | None]]:
        """Monday to Sunday with their hours, None where it is closed. Empty where nobody told any."""
        hours = {row.weekday: row for row in OpenHours.objects.filter(location=self)}
        return [(name, hours.get(day)) for day, name in WEEKDAYS.items()] if hours else []


class OpenHours(RetailerModel):
    """From when to when a location is open on a weekday (0 is Monday), by its own clock. No row: closed that day; no
    row at all: the store has not told."""

    location = SameRetailerKey(Location, related_name="open_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta(RetailerModel.Meta):
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["retailer", "location", "weekday"], name="open_once_a_day"),
            models.CheckConstraint(condition=Q(weekday__lt=7), name="a_week_has_seven_days"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opens_at")), name="closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at:%H:%M}-{self.closes_at:%H:%M}"


class Logo(RetailerModel):
    """The mark of a location, drawn anew by us (PNG, on white) at two sizes. The whole world may see it."""

    location = SameRetailerKey(Location, related_name="logos")
    image = models.BinaryField()
    small = models.BinaryField()
    drawn_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "location"], name="one_logo_a_location")]

    def __str__(self) -> str:
        return f"{len(self.image)} bytes"


class Feature(RetailerModel):
    """Something switched on for a retailer for some time, or off (`is_on`), by a name of `features.py`. `until` null:
    still. Where nothing is switched, the account's state decides. People are plain ids: this module knows none."""

    name = models.CharField(max_length=40)
    is_on = models.BooleanField(default=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by_user_id = models.BigIntegerField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True)
    ended_by_id = models.BigIntegerField(null=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "name"], condition=Q(until__isnull=True), name="feature_once")
        ]

    def __str__(self) -> str:
        return self.name
