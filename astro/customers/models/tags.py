"""Tags: a store's own labels for its customers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.customers.models.people import Customer
from astro.tenancy.walls import RetailerModel, SameRetailerKey

LABEL_LENGTH = 40


class Tag(RetailerModel):
    """One label. `label_folded` (case and accents aside) is unique; an archived tag stays where it is, unseen."""

    label = models.CharField(_("tag"), max_length=LABEL_LENGTH)
    label_folded = models.CharField(max_length=LABEL_LENGTH, editable=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        ordering = ["label_folded", "id"]
        constraints = [models.UniqueConstraint(fields=["retailer", "label_folded"], name="tag_once")]

    def __str__(self) -> str:
        return self.label


class CustomerTag(RetailerModel):
    """A customer carries a tag."""

    customer = SameRetailerKey(Customer, related_name="tags")
    tag = SameRetailerKey(Tag, related_name="carriers")
    since = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "customer", "tag"], name="customer_tag_once")]
        indexes = [models.Index(fields=["retailer", "tag", "customer"], name="customer_by_tag")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.tag_id}"
