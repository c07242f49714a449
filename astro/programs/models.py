from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.catalog.models import Brand, Category, Distributor, Product, Species
from astro.kit.append_only import AppendOnly, AppendOnlyRows
from astro.kit.clock import utc_now
from astro.kit.ids import IdField
from astro.tenancy.everyones import Everyones, EveryonesRows
from astro.tenancy.facts import RetailerFact
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey, SharedKey, SharedOrOwn


class Fulfilment(models.TextChoices):
    """Who pays a free good back: what stands in a column called "Who pays"."""

    DISTRIBUTOR = "distributor", _("Distributor")
    DIRECT = "direct", _("Brand")
    RETAILER = "retailer", _("You claim it")
    NONE = "none", _("Your own program")


class Choice(models.TextChoices):
    """First part of a reward rule: which items may be chosen."""

    ANY = "any", _("Any item of the reward list")
    SAME_SIZE = "same_size", _("Same size as bought")
    MOST_BOUGHT = "most_bought", _("Most frequently purchased item")


class ValueLimit(models.TextChoices):
    """Second part of a reward rule: what the item may be worth."""

    NONE = "none", _("No value limit")
    LESSER_OR_EQUAL = "lesser_or_equal", _("Lesser or equal value")


class Piles(models.TextChoices):
    """Which purchases fill a card together."""

    ONE = "one", _("All items together")
    ITEM = "item", _("Only the same item")
    VISIT = "visit", _("Only within one visit")


class Gives(models.TextChoices):
    """What a full card gives."""

    ITEM = "item", _("A free item")
    MONEY = "money", _("An amount off")
    PERCENT = "percent", _("A percentage off")
    WORDS = "words", _("Something of the store's own")
    BACK = "back", _("Cash back on what was paid")
    NOTHING = "nothing", _("Nothing more: it was paid for")


class Kind(models.TextChoices):
    """What sort of promise a program is: under which menu it stands, and what its cards may ask and give."""

    FREQUENT_BUYER = "frequent_buyer", _("Frequent buyer")
    OFFER = "offer", _("Offer")
    BUY_GET = "buy_get", _("Buy X, get Y")
    CASH_BACK = "cash_back", _("Cash back")
    PREPAID = "prepaid", _("Prepaid card")
    TRACKING = "tracking", _("Tracking program")


class Audience(models.TextChoices):
    """Whose purchases fill a program's cards."""

    EVERYONE = "everyone", _("Everyone")
    BREEDERS = "breeders", _("Breeders")
    NUMBERED = "numbered", _("Breeders with a number of the brand")
    EMPLOYEES = "employees", _("Employees of the store")


class Program(SharedOrOwn):
    """A promise to customers: a frequent-buyer program, an offer. Everyone's (a brand's), or one store's own."""

    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.FREQUENT_BUYER)

    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="programs")
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    fulfilment = models.CharField(_("who pays"), max_length=12, choices=Fulfilment, default=Fulfilment.DISTRIBUTOR)
    category = models.CharField(_("category"), max_length=16, choices=Category, blank=True)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(
        _("ends"), null=True, blank=True, help_text=_("The last day to join, to punch and to redeem, for every store.")
    )
    audience = models.CharField(_("for"), max_length=10, choices=Audience, default=Audience.EVERYONE)
    is_sponsored = models.BooleanField(
        _("the brand pays for the account"), default=False, help_text=_("Also open to restricted accounts.")
    )
    is_private = models.BooleanField(
        _("the brand approves each location"), default=False, help_text=_("Enrolling makes an application first.")
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("How often its name changed, so that tills ask for it anew.")
    )
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta(SharedOrOwn.Meta):
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="program_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(audience=Audience.NUMBERED) | Q(brand__isnull=False), name="program_numbers_are_a_brands"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def can_be_joined(self, day: date) -> bool:
        """Until its last day. Who joins before its first is enrolled from that day on."""
        return not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        return self.ends_on is not None and self.ends_on < day

    @property
    def is_flash(self) -> bool:
        """A flash sale: an offer of a week at most."""
        return self.kind == Kind.OFFER and self.ends_on is not None and (self.ends_on - self.starts_on).days < 7


class ProgramVersion(SharedOrOwn):
    """The rules of a program from a day on. Never edited: a change is the next version."""

    program = SharedKey(Program, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    terms = models.TextField(_("terms"), blank=True)
    requires_email = models.BooleanField(_("e-mail needed at redemption"), default=False)
    requires_address = models.BooleanField(_("home address needed at redemption"), default=False)

    class Meta(SharedOrOwn.Meta):
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="program_version_number_once")]

    def __str__(self) -> str:
        return f"{self.program} v{self.number}"


class VersionNoticeRows(AppendOnlyRows, EveryonesRows):  # type: ignore[override]
    """Read by all, added by the platform, never changed."""


class VersionNotice(AppendOnly, Everyones):
    """The brand's word on a version of its program, given by support: that it comes from a day on, or that it is
    withdrawn before that day. What was withdrawn has no version any more, so the rules stand here as well.

    `rules`: the columns of each card's rule, by the card's id. `reason`: stores read it on the program's page.
    """

    id = IdField()
    program = SharedKey(Program, models.PROTECT, related_name="version_notices")
    number = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    is_withdrawal = models.BooleanField(default=False)
    rules = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    objects = VersionNoticeRows.as_manager()  # type: ignore[assignment, misc]

    class Meta:
        base_manager_name = "objects"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.program} v{self.number}"


class ProgramCard(SharedOrOwn):
    """One card of a program, usually by species and size, with its own lists of products."""

    program = SharedKey(Program, models.PROTECT, related_name="cards")
    title = models.CharField(_("title"), max_length=160)
    species = models.CharField(_("pet"), max_length=10, choices=Species, blank=True)
    size = models.CharField(_("size"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(SharedOrOwn.Meta):
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title


class CardRule(SharedOrOwn):
    """What a program card asks and gives under one version: buy X, get Y, which Y, and how long a punch lasts."""

    version = SharedKey(ProgramVersion, models.PROTECT, related_name="rules")
    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="rules")
    buy = models.PositiveSmallIntegerField(_("buy"))
    get = models.PositiveSmallIntegerField(_("get"), default=1)
    choice = models.CharField(_("choice"), max_length=12, choices=Choice, default=Choice.ANY)
    value_limit = models.CharField(_("value"), max_length=16, choices=ValueLimit, default=ValueLimit.NONE)
    expiry_months = models.PositiveSmallIntegerField(
        _("punches last (months)"), null=True, blank=True, help_text=_("Empty: they do not expire.")
    )
    piles = models.CharField(_("what fills a card together"), max_length=8, choices=Piles, default=Piles.ONE)
    most = models.PositiveSmallIntegerField(
        _("rewards for one customer"), null=True, blank=True, help_text=_("At most so many. Empty: no limit.")
    )
    monthly = models.PositiveSmallIntegerField(
        _("punches in a month"), null=True, blank=True, help_text=_("At most so many for a customer. Empty: no limit.")
    )
    is_prepaid = models.BooleanField(_("paid for first"), default=False)
    takes_over = models.BooleanField(
        _("for cards in progress, too"), default=False, help_text=_("Else they go on under the rule they began with.")
    )
    gives = models.CharField(_("what a full card gives"), max_length=8, choices=Gives, default=Gives.ITEM)
    gift_cents = models.PositiveIntegerField(_("amount off"), null=True, blank=True)
    gift_percent = models.PositiveSmallIntegerField(_("percent off"), null=True, blank=True)
    gift_words = models.CharField(_("what it is"), max_length=80, blank=True)
    back_points = models.PositiveSmallIntegerField(
        _("cash back"), null=True, blank=True, help_text=_("In hundredths of a percent of what was paid.")
    )

    class Meta(SharedOrOwn.Meta):
        constraints = [
            models.UniqueConstraint(fields=["version", "program_card"], name="card_rule_once_a_version"),
            models.CheckConstraint(
                condition=Q(buy__gte=1) & (Q(get__gte=1, is_prepaid=False) | Q(get=0, is_prepaid=True)),
                name="card_rule_asks_and_gives",
            ),
            models.CheckConstraint(condition=Q(monthly__isnull=True) | Q(monthly__gte=1), name="card_rule_has_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.program_card}: {self.buy} + {self.get}"


class ProgramItem(SharedOrOwn):
    """A product on a program card: it fills the card, may be the reward, or both, for the days given."""

    program_card = SharedKey(ProgramCard, models.PROTECT, related_name="items")
    product = SharedKey(Product, models.PROTECT, related_name="program_items")
    fills = models.BooleanField(_("fills the card"), default=True)
    is_reward = models.BooleanField(_("may be the reward"), default=True)
    opens = models.BooleanField(_("pays for a prepaid card"), default=False)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta(SharedOrOwn.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["program_card", "product"], condition=Q(until_on__isnull=True), name="program_item_once"
            ),
            models.CheckConstraint(condition=Q(fills=True) | Q(is_reward=True), name="program_item_has_a_use"),
        ]

    def __str__(self) -> str:
        return str(self.product)


class Carrier(Everyones):
    """A distributor that agreed to pay a program's free goods back. Everyone's."""

    id = IdField()
    program = SharedKey(Program, models.PROTECT, related_name="carriers")
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="carried")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "distributor"], name="carrier_once")]

    def __str__(self) -> str:
        return str(self.distributor)


class OfferTotal(Everyones):
    """What an offer gives at most to all customers together, in rewards or in cents, and how much of it is used.

    `programs/totals.py` moves it. Practice uses nothing.
    """

    id = IdField()
    program = SharedKey(Program, models.PROTECT, related_name="totals")
    most = models.PositiveIntegerField(null=True, help_text=_("Rewards. Empty: no limit."))
    most_cents = models.PositiveBigIntegerField(null=True, help_text=_("Money off. Empty: no limit."))
    used = models.PositiveIntegerField(default=0)
    used_cents = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program"], name="offer_total_once"),
            models.CheckConstraint(condition=Q(most__isnull=True) | Q(used__lte=F("most")), name="offer_total_kept"),
            models.CheckConstraint(
                condition=Q(most_cents__isnull=True) | Q(used_cents__lte=F("most_cents")), name="offer_money_kept"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_id}: {self.used}"


class AutoEnrollment(RetailerFact):
    """A store's standing choice for a brand, from its moment on: new offers of the brand are joined by themselves at
    these `places`, or, without `is_on`, no longer. The last row of a brand holds.

    Making one accepts the terms of what will be joined. `covers_all`: every location, also those added later, and
    `distributor` pays at each; else the places say who pays. Without distributor: Temporary Holding.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    is_on = models.BooleanField()
    covers_all = models.BooleanField(default=False)
    distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        indexes = [models.Index(fields=["retailer", "brand", "decided_at"], name="auto_enrollment_by_brand")]

    def __str__(self) -> str:
        return f"{self.brand}: {'on' if self.is_on else 'off'}"


class AutoEnrollmentPlace(RetailerFact):
    """A location that a standing choice names, and who pays there."""

    choice = SameRetailerKey(AutoEnrollment, related_name="places")
    location = SameRetailerKey(Location, related_name="+")
    distributor = models.ForeignKey(Distributor, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "choice", "location"], name="auto_enrollment_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.choice}, {self.location}"


class ProgramPicture(RetailerModel):
    """What a program of the store's own looks like: a square that we drew anew (JPEG), at two sizes. One a program.

    Without a program it was sent for one that is still being made; `own/pictures.py` forgets it after a day.
    """

    program = SharedKey(Program, models.PROTECT, null=True, related_name="pictures", db_index=False)
    image = models.BinaryField()
    small = models.BinaryField()
    drawn_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "program"], name="one_picture_a_program")]

    def __str__(self) -> str:
        return f"{len(self.image)} bytes"


class Enrollment(RetailerModel):
    """A location takes part in a program from a day, perhaps until one. Without distributor: Temporary Holding."""

    location = SameRetailerKey(Location, related_name="enrollments")
    program = SharedKey(Program, models.PROTECT, related_name="enrollments", db_index=False)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    account_number = models.CharField(_("account number"), max_length=40, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True, help_text=_("The last day on which purchases count."))
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    enrolled_at = models.DateTimeField(default=utc_now, editable=False)
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    left_at = models.DateTimeField(
        null=True, editable=False, help_text=_("Empty also where a change of distributor ended it.")
    )
    came_by = SameRetailerKey(
        AutoEnrollment,
        null=True,
        related_name="enrollments",
        help_text=_("The standing choice that joined it; empty where somebody did by hand."),
    )

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "location", "program"],
                condition=Q(until_on__isnull=True),
                name="enrolled_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["retailer", "location", "from_on"], name="enrollment_by_location"),
            models.Index(
                fields=["retailer", "came_by"], condition=Q(came_by__isnull=False), name="enrollment_by_choice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.location}: {self.program}"


class DistributorAccount(RetailerModel):
    """The account number that a distributor gave a location; remembered for the next enrollment."""

    location = SameRetailerKey(Location, related_name="distributor_accounts")
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("account number"), max_length=40)

    class Meta(RetailerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "location", "distributor"], name="distributor_account_once"),
        ]

    def __str__(self) -> str:
        return self.number


class Application(RetailerFact):
    """A location asks to take part in a private program. What the brand says are decisions; the next one, `attempt` 2,
    comes only after it was withdrawn."""

    location = SameRetailerKey(Location, related_name="applications")
    program = SharedKey(Program, models.PROTECT, related_name="applications", db_index=False)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    account_number = models.CharField(_("account number"), max_length=40, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["retailer", "location", "program", "attempt"], name="application_once_an_attempt"
            ),
        ]
        indexes = [models.Index(fields=["retailer", "asked_at"], name="application_by_moment")]

    def __str__(self) -> str:
        return f"{self.location}: {self.program}"

    @property
    def last_decision(self) -> ApplicationDecision | None:
        """What was said last; reads the decisions that were fetched with it, or asks once."""
        return max(self.decisions.all(), key=lambda row: (row.decided_at, row.pk), default=None)


class ApplicationDecision(RetailerFact):
    """The brand's word on an application, given by support: one denial at most, and one approval, the last word."""

    application = SameRetailerKey(Application, related_name="decisions")
    is_approved = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "application", "is_approved"], name="application_decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.reason}"


class ApplicationWithdrawal(RetailerFact):
    """The location does not ask any more; before the brand said anything."""

    application = SameRetailerKey(Application, related_name="withdrawals")
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField()

    class Meta(RetailerFact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["retailer", "application"], name="application_withdrawn_once"),
        ]

    def __str__(self) -> str:
        return str(self.application)
