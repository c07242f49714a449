from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.customers.models import Customer
from astro.programs.models import CardRule, ProgramCard
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey, SharedKey


class State(models.TextChoices):
    OPEN = "open", _("In progress")
    FULL = "full", _("Full")
    REDEEMED = "redeemed", _("Redeemed")
    EXPIRED = "expired", _("Expired")


class Card(RetailerModel):
    """One round of a program card for one customer, under the rule that held when it was opened."""

    customer = SameRetailerKey(Customer, related_name="cards")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="rounds", db_index=False)
    rule = SharedKey(CardRule, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text=_("1 for the first round."))
    need = models.PositiveSmallIntegerField(help_text=_("Punches that fill it: the rule's X."))
    punches = models.PositiveSmallIntegerField(default=0, help_text=_("Live punches; stored, kept by the one writer."))
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    last_punched_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True, blank=True)
    filled_on = models.DateField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "customer", "program_card", "number"], name="card_round_number_once"
            ),
            models.UniqueConstraint(
                fields=["retailer", "customer", "program_card"],
                condition=Q(state="open"),
                name="one_open_round",
            ),
            models.CheckConstraint(condition=Q(punches__lte=F("need")), name="card_never_overfull"),
            models.CheckConstraint(
                condition=Q(state="open", punches__lt=F("need")) | ~Q(state="open"), name="full_card_is_not_open"
            ),
        ]
        indexes = [models.Index(fields=["retailer", "program_card", "state"], name="card_by_program_card")]

    def __str__(self) -> str:
        return f"{self.program_card_id} #{self.number}: {self.punches}/{self.need}"


class Punch(RetailerModel):
    """One unit bought. Which card and position it has is dealt; the rest is fact.

    `cause_kind` and `cause_id` name what brought it (a purchase), `unit` which unit of it.
    """

    card = SameRetailerKey(Card, related_name="punch_rows")
    customer = SameRetailerKey(Customer, related_name="+")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    location = SameRetailerKey(Location, related_name="+")
    position = models.PositiveSmallIntegerField(help_text=_("1 for the first punch of the round."))
    cause_kind = models.CharField(max_length=12)
    cause_id = models.BigIntegerField()
    unit = models.PositiveSmallIntegerField()
    product_id = models.BigIntegerField(help_text=_("Copied, so that a report needs no join."))
    day = models.DateField()
    occurred_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "program_card", "cause_kind", "cause_id", "unit"], name="unit_punches_a_card_once"
            ),
            models.UniqueConstraint(fields=["retailer", "card", "position"], name="punch_position_once"),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "day"], name="punch_by_day"),
            models.Index(fields=["retailer", "customer", "day"], name="punch_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} / {self.position}"


class Reward(RetailerFact):
    """A free unit that a full card earned."""

    card = SameRetailerKey(Card, related_name="rewards")
    customer = SameRetailerKey(Customer, related_name="rewards")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    location = SameRetailerKey(Location, related_name="+")
    unit = models.PositiveSmallIntegerField(help_text=_("1 to the rule's Y."))
    earned_at = models.DateTimeField()
    day = models.DateField()

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "card", "unit"], name="reward_unit_once")]
        indexes = [
            models.Index(fields=["retailer", "customer"], name="reward_by_customer"),
            models.Index(fields=["retailer", "location", "day"], name="reward_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} / {self.unit}"
