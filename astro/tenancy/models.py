"""Retailers and their locations."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from astro.kit.clock import day_at, utc_now
from astro.kit.ids import IdField
from astro.tenancy.walls import RetailerModel


class Country(models.TextChoices):
    UNITED_STATES = "US", _("United States")
    CANADA = "CA", _("Canada")


class Currency(models.TextChoices):
    US_DOLLAR = "USD", _("US dollar")
    CANADIAN_DOLLAR = "CAD", _("Canadian dollar")


class Retailer(models.Model):
    """A business with one or more shops. The root of the wall: everything it owns carries its id."""

    id = IdField()
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, choices=Country, default=Country.UNITED_STATES)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.US_DOLLAR)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    def __str__(self) -> str:
        return self.name


class Location(RetailerModel):
    """One shop. Its time zone decides which day a purchase belongs to, its region which distributors serve it."""

    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("state or province"), max_length=3, help_text=_("Two letters, for example MT."))
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=Country, default=Country.UNITED_STATES)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    time_zone = TimeZoneField(_("time zone"), default="America/Denver")
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta(RetailerModel.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["retailer", "name"], name="location_name_once")]

    def __str__(self) -> str:
        return self.name

    def day(self, moment: datetime) -> date:
        """The calendar day that this moment belongs to here."""
        return day_at(moment, self.time_zone)
