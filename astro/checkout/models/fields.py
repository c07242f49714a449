"""What a store has its till ask besides, and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from astro.checkout.models.visits import Visit
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey

LONGEST_LABEL = 60
LONGEST_ANSWER = 200


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    CHOICE = "choice", _("One of several answers")


class CheckoutField(RetailerModel):
    """A question of the store's own: the initials of who stands at the till, the number of the POS receipt.

    It is asked at Check Out (`for_visits`), on the redemption screen (`for_redemptions`), or at both; everywhere, or at
    its `places`. One that is not wanted any more is switched off: its answers stay.
    """

    label = models.CharField(max_length=LONGEST_LABEL)
    kind = models.CharField(max_length=8, choices=FieldKind, default=FieldKind.TEXT)
    for_visits = models.BooleanField(default=True)
    for_redemptions = models.BooleanField(default=False)
    is_required = models.BooleanField(default=False)
    is_everywhere = models.BooleanField(default=True)
    options = models.JSONField(default=list, help_text=_("What may be chosen, in its order."))
    longest = models.PositiveSmallIntegerField(default=LONGEST_ANSWER, help_text=_("Letters of a text."))
    lowest = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    highest = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    switched_off_at = models.DateTimeField(null=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(for_visits=True) | Q(for_redemptions=True), name="checkout_field_is_asked_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(longest__gte=1, longest__lte=LONGEST_ANSWER), name="checkout_field_length_fits"
            ),
        ]
        indexes = [models.Index(fields=["retailer", "position"], name="checkout_field_by_place")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_on(self) -> bool:
        return self.switched_off_at is None


class FieldPlace(RetailerModel):
    """One of the locations at which a field is asked that is not asked everywhere."""

    field = SameRetailerKey(CheckoutField, related_name="places")
    location = SameRetailerKey(Location, related_name="+")

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "field", "location"], name="field_place_once")]

    def __str__(self) -> str:
        return f"{self.field_id} at {self.location_id}"


class AskedFor(models.TextChoices):
    VISIT = "visit", _("Check Out")
    REDEMPTION = "redemption", _("Redemption")


class AnswerFlag(models.TextChoices):
    """Why somebody may want to look at an answer that came when nobody could be asked again."""

    MISSING = "missing", _("Not answered, though it is required")
    UNFIT = "unfit", _("Does not fit the question")


class FieldAnswer(RetailerFact):
    """What was answered at one visit. The question stands beside it as it was called that day.

    Without a `field` the till named a question that the store never had; its answer is kept all the same.
    """

    visit = SameRetailerKey(Visit, related_name="answers")
    field = SameRetailerKey(CheckoutField, null=True, related_name="answers")
    asked_for = models.CharField(max_length=10, choices=AskedFor)
    label = models.CharField(max_length=LONGEST_LABEL)
    kind = models.CharField(max_length=8, choices=FieldKind)
    value = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    flag = models.CharField(max_length=8, choices=AnswerFlag, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "visit", "field", "asked_for"], name="field_answered_once"),
        ]
        indexes = [models.Index(fields=["retailer", "field"], name="field_answer_by_field")]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"

    @property
    def corrected(self) -> str:
        """What it was put right to last; "" where it was not. `fields.queries.with_corrections` reads it."""
        return str(getattr(self, "last_correction", ""))


class AnswerCorrection(RetailerFact):
    """What a flagged answer ought to have been, as an administrator learned afterwards. The answer stays as it came;
    of several the last one holds."""

    answer = SameRetailerKey(FieldAnswer, related_name="corrections")
    number = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    corrected_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "answer", "number"], name="answer_corrected_in_order"),
        ]

    def __str__(self) -> str:
        return self.value
