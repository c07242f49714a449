"""What a store asks of the accounts that it makes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.tenancy.walls import RetailerModel


class Level(models.TextChoices):
    """How much a store wants to know something. Recommended asks once."""

    REQUIRED = "required", _("Required")
    RECOMMENDED = "wanted", _("Recommended")
    NEITHER = "neither", _("Not recommended or required")


class AccountRules(RetailerModel):
    """*Customer Check Out and New Customer Information Settings*: one row a retailer; without one, the defaults.

    The two boxes say whether *asking* is ticked beforehand. A tick is no consent: only the customer's own answer is.
    """

    email = models.CharField(_("Email Address"), max_length=8, choices=Level, default=Level.NEITHER)
    phone = models.CharField(_("Phone Number"), max_length=8, choices=Level, default=Level.NEITHER)
    pets = models.CharField(_("Pet Information"), max_length=8, choices=Level, default=Level.NEITHER)
    asks_by_text = models.BooleanField(_("Send SMS Opt In Text by default"), default=False)
    asks_by_email = models.BooleanField(_("Send Welcome Email by default"), default=False)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer"], name="account_rules_once")]

    def __str__(self) -> str:
        return f"{self.email} {self.phone} {self.pets}"
