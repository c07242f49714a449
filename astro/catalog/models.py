from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.kit.clock import utc_now
from astro.kit.ids import IdField
from astro.tenancy.everyones import Everyones
from astro.tenancy.models import Country, Currency
from astro.tenancy.walls import SharedKey, SharedOrOwn


class Species(models.TextChoices):
    DOG = "dog", _("Dog")
    CAT = "cat", _("Cat")
    BIRD = "bird", _("Bird")
    FISH = "fish", _("Fish")
    SMALL_ANIMAL = "small", _("Small animal")
    REPTILE = "reptile", _("Reptile")
    HORSE = "horse", _("Horse")


class Category(models.TextChoices):
    DRY_FOOD = "dry", _("Dry food")
    WET_FOOD = "wet", _("Wet food")
    RAW_FOOD = "raw", _("Raw and frozen")
    TREATS = "treats", _("Treats and chews")
    LITTER = "litter", _("Litter")
    SUPPLEMENTS = "supplements", _("Supplements")
    SUPPLIES = "supplies", _("Supplies")


class Brand(Everyones):
    """Who makes it. Everyone's."""

    id = IdField()
    name = models.CharField(_("name"), max_length=120, unique=True)
    website = models.URLField(_("website"), blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Distributor(Everyones):
    """Who delivers it and credits free goods. Everyone's."""

    id = IdField()
    name = models.CharField(_("name"), max_length=120, unique=True)
    needs_account_number = models.BooleanField(_("needs an account number"), default=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ServedRegion(Everyones):
    """A state or province that a distributor delivers to."""

    id = IdField()
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="served_regions")
    country = models.CharField(max_length=2, choices=Country)
    region = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "region", "distributor"], name="served_region_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region}, {self.country}"


class Product(SharedOrOwn):
    """One thing on the shelf in one size."""

    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    name = models.CharField(_("name"), max_length=200)
    size = models.CharField(_("size"), max_length=40, blank=True, help_text=_("As printed on it, for example 30 lb."))
    species = models.CharField(_("pet"), max_length=10, choices=Species, blank=True)
    category = models.CharField(_("category"), max_length=16, choices=Category, blank=True)
    created_at = models.DateTimeField(default=utc_now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(SharedOrOwn.Meta):
        ordering = ["name", "size"]
        indexes = [models.Index(fields=["retailer", "brand", "name"], name="product_by_brand")]

    def __str__(self) -> str:
        return f"{self.name} {self.size}".strip()


class Barcode(SharedOrOwn):
    """A code that a product carries, from a day, perhaps until one."""

    product = SharedKey(Product, models.PROTECT, related_name="barcodes")
    gtin = models.CharField(max_length=14, help_text=_("GTIN-14, with leading zeros."))
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta(SharedOrOwn.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["gtin"], condition=Q(retailer__isnull=True, until_on__isnull=True), name="shared_barcode_once"
            ),
            models.UniqueConstraint(
                fields=["retailer", "gtin"],
                condition=Q(retailer__isnull=False, until_on__isnull=True),
                name="own_barcode_once",
            ),
            models.CheckConstraint(condition=Q(gtin__regex=r"^[0-9]{14}$"), name="barcode_is_gtin_14"),
        ]

    def __str__(self) -> str:
        return self.gtin


class Price(SharedOrOwn):
    """The maker's suggested price of a product, in whole cents, from a day on. Value rules are judged by it."""

    product = SharedKey(Product, models.PROTECT, related_name="prices")
    currency = models.CharField(max_length=3, choices=Currency)
    msrp_cents = models.PositiveIntegerField(_("suggested price"))
    from_on = models.DateField()

    class Meta(SharedOrOwn.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["product", "currency", "from_on"],
                condition=Q(retailer__isnull=True),
                name="shared_price_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["retailer", "product", "currency", "from_on"],
                condition=Q(retailer__isnull=False),
                name="own_price_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.msrp_cents} {self.currency}"
