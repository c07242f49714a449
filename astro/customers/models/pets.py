"""The animals that live with a pet owner."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.customers.models.people import Customer
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class PetKind(models.TextChoices):
    DOG = "dog", _("Dog")
    CAT = "cat", _("Cat")
    BIRD = "bird", _("Bird")
    FISH = "fish", _("Fish")
    SMALL = "small", _("Small animal")
    REPTILE = "reptile", _("Reptile")
    HORSE = "horse", _("Horse")
    OTHER = "other", _("Other")


class Pet(RetailerModel):
    """One animal. Of its birth the store may know the day, the month, or the year that an age told; any part may be
    missing. A pet that lives there no longer is retired, not deleted: what was sent for it stays explained."""

    customer = SameRetailerKey(Customer, related_name="pets")
    name = models.CharField(_("Pet Name"), max_length=60, blank=True)
    kind = models.CharField(_("Pet Type"), max_length=8, choices=PetKind, blank=True)
    breed = models.CharField(_("Breed"), max_length=60, blank=True)
    born_year = models.PositiveSmallIntegerField(_("Birth year"), null=True, blank=True)
    born_month = models.PositiveSmallIntegerField(_("Birth Month"), null=True, blank=True)
    born_day = models.PositiveSmallIntegerField(_("Birth day"), null=True, blank=True)
    is_age_told = models.BooleanField(default=False, help_text=_("The year was worked out from an age."))
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(born_day__isnull=True) | Q(born_month__isnull=False), name="pet_day_needs_month"
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "customer"], name="pet_by_customer"),
            models.Index(fields=["retailer", "born_month"], name="pet_by_birth_month"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())

    @property
    def is_complete(self) -> bool:
        """Whether the store knows its name, its kind, and its age or birthday."""
        return bool(self.name and self.kind and (self.born_year or self.born_month))

    def age_on(self, day: date) -> int | None:
        """Whole years, or None where the year is not known. Without a month, as if born on the first of January."""
        if self.born_year is None:
            return None
        had_birthday = (self.born_month or 1, self.born_day or 1) <= (day.month, day.day)
        return max(0, day.year - self.born_year - (not had_birthday))
