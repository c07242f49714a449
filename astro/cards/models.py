from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.customers.models import Customer
from astro.programs.models import CardRule, Gives, ProgramCard
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey, SharedKey


class State(models.TextChoices):
    OPEN = "open", _("In progress")
    FULL = "full", _("Full")
    REDEEMED = "redeemed", _("Redeemed")
    EXPIRED = "expired", _("Expired")
    EMPTY = "empty", _("Empty")


class PunchState(models.TextChoices):
    LIVE = "live", _("Counts")
    VOIDED = "voided", _("Removed")
    FREE = "free", _("Given as the free item")
    EXPIRED = "expired", _("Expired")
    OVER = "over", _("Over the limit")
    OPENS = "opens", _("Pays for the card")


class RewardState(models.TextChoices):
    READY = "ready", _("Ready")
    REDEEMED = "redeemed", _("Redeemed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Card(RetailerModel):
    """One round of a program card for one customer, under the rule that held when it was opened."""

    customer = SameRetailerKey(Customer, related_name="cards")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="rounds", db_index=False)
    rule = SharedKey(CardRule, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text=_("1 for the first round."))
    is_prepaid = models.BooleanField(default=False, help_text=_("Copied from its rule: several may be in progress."))
    pile = models.BigIntegerField(
        default=0, help_text=_("Which units fill it: all (0), or those of this pile (`engine/terms.py`).")
    )
    need = models.PositiveSmallIntegerField(help_text=_("Punches that fill it: the rule's X."))
    punches = models.PositiveSmallIntegerField(default=0, help_text=_("Live punches; stored, kept by the one writer."))
    cents = models.PositiveIntegerField(default=0, help_text=_("Cash back that its punches brought; stored likewise."))
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    last_punched_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True, blank=True)
    filled_on = models.DateField(null=True, blank=True)
    next_expiry_on = models.DateField(
        null=True, blank=True, help_text=_("Open round: the first last day among its punches. Empty: none expires.")
    )
    owed_from = models.DateTimeField(
        null=True, blank=True, help_text=_("What it owes is paid by what is bought from then on. Empty: by anything.")
    )

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "customer", "program_card", "number"], name="card_round_number_once"
            ),
            models.UniqueConstraint(
                fields=["retailer", "customer", "program_card", "pile"],
                condition=Q(state="open", is_prepaid=False),
                name="one_open_round_a_pile",
            ),
            models.CheckConstraint(condition=Q(punches__lte=F("need")), name="card_never_overfull"),
            models.CheckConstraint(
                condition=Q(state="open", punches__lt=F("need")) | ~Q(state="open"), name="full_card_is_not_open"
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "program_card", "state"], name="card_by_program_card"),
            models.Index(fields=["retailer", "next_expiry_on"], name="card_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.program_card_id} #{self.number}: {self.punches}/{self.need}"

    @property
    def owes(self) -> int:
        """Punches that are missing under a reward that was handed out (or was there to be)."""
        return self.need - self.punches if self.state in (State.FULL, State.REDEEMED) else 0


class Punch(RetailerModel):
    """One unit bought. Its card, position and state are dealt (`programs/engine/`); the rest is fact.

    One that does not count keeps the card it was on last, so that its history can be told. `cause_kind` and `cause_id`
    name what brought it (a purchase), `unit` which unit of it.
    """

    card = SameRetailerKey(Card, related_name="punch_rows")
    customer = SameRetailerKey(Customer, related_name="+")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    rule = SharedKey(
        CardRule,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("In force on its day, as it was recorded. Empty on rows from before this column: their card's."),
    )
    location = SameRetailerKey(Location, related_name="+")
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("1 for the first punch of the round. Empty: it does not count now.")
    )
    state = models.CharField(max_length=8, choices=PunchState, default=PunchState.LIVE)
    cause_kind = models.CharField(max_length=12)
    cause_id = models.BigIntegerField()
    unit = models.PositiveSmallIntegerField()
    product_id = models.BigIntegerField(help_text=_("Copied, so that a report needs no join."))
    pile = models.BigIntegerField(default=0)
    cents = models.PositiveIntegerField(default=0, help_text=_("What it adds to a cash-back card."))
    opens = models.BooleanField(default=False, help_text=_("It pays for a prepaid card."))
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
            models.CheckConstraint(
                condition=Q(state="live", position__isnull=False) | (~Q(state="live") & Q(position__isnull=True)),
                name="only_live_punches_count",
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "day"], name="punch_by_day"),
            models.Index(fields=["retailer", "customer", "day"], name="punch_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} / {self.position}"


class Reward(RetailerModel):
    """A free unit that a full card earned. Withdrawn when the card is full no longer, ready again when it is."""

    card = SameRetailerKey(Card, related_name="rewards")
    customer = SameRetailerKey(Customer, related_name="rewards")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    location = SameRetailerKey(Location, related_name="+")
    unit = models.PositiveSmallIntegerField(help_text=_("1 to the rule's Y."))
    state = models.CharField(max_length=10, choices=RewardState, default=RewardState.READY)
    earned_at = models.DateTimeField()
    day = models.DateField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "card", "unit"], name="reward_unit_once")]
        indexes = [
            models.Index(fields=["retailer", "customer"], name="reward_by_customer"),
            models.Index(fields=["retailer", "location", "day"], name="reward_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} / {self.unit}"

    @property
    def is_given(self) -> bool:
        return self.state == RewardState.REDEEMED


class Redemption(RetailerModel):
    """A reward handed out: which item, where, by whom. Item, code and price are copies of their day.

    `taken_purchase_id` and `taken_unit` name the unit of a purchase that was the free item itself. It counts once, as
    the redemption, as long as that is live. Undoing leaves the row, clears `is_live`, and adds a RedemptionUndo.
    """

    reward = SameRetailerKey(Reward, related_name="redemptions")
    card = SameRetailerKey(Card, related_name="redemptions")
    customer = SameRetailerKey(Customer, related_name="redemptions")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="+", db_index=False)
    location = SameRetailerKey(Location, related_name="+")
    product_id = models.BigIntegerField(null=True, help_text=_("Empty: no item, but what `gives` says."))
    gives = models.CharField(max_length=8, choices=Gives, default=Gives.ITEM)
    gift_cents = models.PositiveIntegerField(null=True, help_text=_("What was taken off, or paid back."))
    gtin = models.CharField(max_length=14, blank=True)
    name = models.CharField(max_length=200)
    size = models.CharField(max_length=40, blank=True)
    msrp_cents = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    redeemed_at = models.DateTimeField()
    visit_id = models.BigIntegerField()
    taken_purchase_id = models.BigIntegerField(null=True)
    taken_unit = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    is_practice = models.BooleanField(default=False)
    is_live = models.BooleanField(default=True)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "reward"], condition=Q(is_live=True), name="reward_redeemed_once"
            ),
            models.UniqueConstraint(
                fields=["retailer", "taken_purchase_id", "taken_unit"],
                condition=Q(is_live=True),
                name="unit_given_free_once",
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "customer", "redeemed_at"], name="redemption_by_customer"),
            models.Index(fields=["retailer", "location", "day"], name="redemption_by_day"),
            models.Index(fields=["retailer", "visit_id"], name="redemption_by_visit"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.size}".strip()


class NextStep(models.TextChoices):
    RESELECT = "reselect", _("Remove and reselect")
    REMOVE = "remove", _("Remove only")


class RedemptionUndo(RetailerFact):
    """A redemption taken back: the reward is ready again."""

    redemption = SameRetailerKey(Redemption, related_name="undos")
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField()
    next_step = models.CharField(max_length=8, choices=NextStep, default=NextStep.REMOVE)

    class Meta(RetailerFact.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "redemption"], name="redemption_undone_once")]

    def __str__(self) -> str:
        return f"{self.redemption_id} undone"


class CardNote(RetailerModel):
    """What the store wrote on a card: the dates of a paper card's purchases, for instance."""

    card = SameRetailerKey(Card, related_name="notes")
    text = models.CharField(_("note"), max_length=500, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "card"], name="note_once_a_card")]

    def __str__(self) -> str:
        return self.text
