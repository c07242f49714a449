"""What the till's page shows of a customer beside the basket: rewards that wait, what was recorded today, the cards.

Read in a fixed number of queries, for the page and again after every change of the basket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Value

from astro.cards.models import CardNote, Punch, Redemption, State
from astro.cards.queries import Plan, ShownCard, plan, shown_cards
from astro.catalog.models import Product
from astro.catalog.queries import valid_on
from astro.checkout.audience import for_this_customer
from astro.checkout.basket import Line
from astro.checkout.dealing import NOT_WRITTEN, Filling, cards_in, units_for_cards, wanted_cards
from astro.checkout.exceptions.queries import waiting_exceptions
from astro.checkout.models import Purchase
from astro.checkout.queries import purchases_of_day
from astro.checkout.units import voided_units
from astro.checkout.why_not import missing_yet, why_not
from astro.customers.models import Customer
from astro.kit.money import format_cents
from astro.programs.engine.terms import Key, Round
from astro.programs.models import Gives, ProgramItem
from astro.programs.queries import FillingCard, cards_filled_by, standing_on
from astro.programs.versions.reading import under_which
from astro.programs.wording import sentence
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class CardOnPage:
    """A card with what the page adds: its last item (to add another), its note, and whether its program is over or
    the location has left it."""

    shown: ShownCard
    last: Product | None
    note: str
    ended_on: date | None
    is_frozen: bool = False
    is_for_others: bool = False
    """It began when the customer was a breeder or an employee, and takes no punch of what they are now."""
    worth: str = ""
    """What it has gathered, as money."""
    waiting: Sequence[str] = ()
    """Items that were asked onto it and wait for approval."""
    version: str = ""
    """Under which version it runs, where that is not simply the newest."""
    picture_id: int | None = None

    @property
    def left(self) -> int:
        return self.shown.need - self.shown.punches

    @property
    def is_ready(self) -> bool:
        return self.shown.is_full and self.ended_on is None


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A purchase that stands, unit by unit: those that count, and how many were taken back or given free."""

    purchase: Purchase
    live: tuple[int, ...]
    removed: int
    free: int
    elsewhere: str
    """Where it was bought, if not here."""


@dataclass(frozen=True, slots=True)
class WaitingReward:
    """Free items of one program card that can be chosen now."""

    title: str
    count: int


@dataclass(frozen=True, slots=True)
class OfferAlert:
    """An offer that gives no item, which this basket has to do with: the customer takes part, or declines it."""

    program_card_id: int
    title: str
    rule: str
    is_declined: bool


@dataclass(frozen=True, slots=True)
class TillPage:
    """`earned`: free items that this basket would bring. `given`: today's free items that were not bought as well.

    `said`: what the cashier tells of items that do nothing, or not yet.
    """

    waiting: Sequence[WaitingReward]
    earned: int
    recorded: Sequence[RecordedLine]
    given: Sequence[Redemption]
    cards: Sequence[CardOnPage]
    alerts: Sequence[OfferAlert] = ()
    said: Sequence[str] = ()

    @property
    def ready(self) -> int:
        return sum(reward.count for reward in self.waiting)

    @property
    def are_items(self) -> bool:
        """Whether every reward that waits or would be earned is a free item."""
        return all(card.shown.gives == Gives.ITEM for card in self.cards if card.is_ready and card.shown.rewards)


def till_page(
    customer: Customer, lines: Iterable[Line], *, declined: Collection[int] = (), at: Location, now: datetime
) -> TillPage:
    """The page as it would be with this basket checked out, without the `declined` offers; nothing is written."""
    lines, day = list(lines), at.day(now)
    every = cards_filled_by({line.product_id for line in lines}, location=at, day=day)
    filling, turned_away = for_this_customer(customer, wanted_cards(every, declined), day=day)
    units = units_for_cards(enumerate(lines), filling, visit_id=NOT_WRITTEN, occurred_at=now, day=day)
    plans, named = plan(customer, units, today=day, unfinished=NOT_WRITTEN), cards_in(filling)
    shown = _with_basket(customer, plans, named, day=day)
    cards = _cards(shown, _in_basket(lines, filling), customer, at=at, day=day)
    purchases = purchases_of_day(customer, day=day)
    given = _given(customer, purchases, day=day)
    return TillPage(
        waiting=_waiting(cards),
        earned=sum(card.shown.rewards for card in cards if card.is_ready and card.shown.pending),
        recorded=_recorded(purchases, given, at=at),
        given=[row for row in given if row.taken_purchase_id is None],
        cards=cards,
        alerts=_alerts(_for_them(cards_in(every), named), plans, declined, currency=at.retailer.currency),
        said=[*turned_away.values(), *missing_yet(plans, named, visit_id=NOT_WRITTEN), *why_not(plans, named)],
    )


def _for_them(every: Mapping[int, FillingCard], filled: Collection[int]) -> dict[int, FillingCard]:
    """Without those that are for breeders or employees, and not for this customer."""
    return {pk: card for pk, card in every.items() if pk in filled or card.audience == "everyone"}


def _alerts(
    cards: Mapping[int, FillingCard], plans: Mapping[int, Plan], declined: Collection[int], *, currency: str
) -> list[OfferAlert]:
    """Not of an offer that this customer has had as often as it may be had: there is nothing to decline."""
    money = partial(format_cents, currency=currency)
    return [
        OfferAlert(pk, card.title, sentence(card.rule, money=money), pk in declined)
        for pk, card in cards.items()
        if card.rule.is_brief and card.rule.gives != Gives.ITEM and (pk not in plans or plans[pk].touched())
    ]


def _with_basket(
    customer: Customer, plans: Mapping[int, Plan], cards: Mapping[int, FillingCard], *, day: date
) -> list[ShownCard]:
    """The customer's cards with the basket's units dealt onto them. Each keeps its place; a new one comes last."""
    shown = shown_cards(customer, day=day)
    for pk, planned in plans.items():
        shown = _dealt(shown, planned, cards[pk])
    return shown


def _dealt(shown: list[ShownCard], planned: Plan, card: FillingCard) -> list[ShownCard]:
    """The cards shown, with the rounds of one program card as this plan would leave them."""
    rounds = {(row.program_card_id, row.number): row for row in shown}
    paid = [(round_, 0) for round_ in planned.effects.opened if not round_.punches]
    for after, added in [*planned.touched(), *paid]:
        place = card.program_card_id, after.number
        rounds[place] = replace(
            rounds.get(place) or _new_round(card, after),
            punches=after.punches,
            pending=added,
            cents=after.cents,
            state=State.FULL if after.is_full else State.OPEN,
            rewards=planned.waiting(after),
        )
    return list(rounds.values())


def _new_round(card: FillingCard, after: Round) -> ShownCard:
    return ShownCard(
        program_card_id=card.program_card_id,
        title=card.title,
        brand=card.brand,
        need=after.need,
        punches=0,
        today=0,
        number=after.number,
        state=State.OPEN,
        is_prepaid=after.rule.is_prepaid,
        gives=card.rule.gives,
    )


def _waiting(cards: Iterable[CardOnPage]) -> list[WaitingReward]:
    counts: dict[int, int] = defaultdict(int)
    titles: dict[int, str] = {}
    for card in cards:
        if card.is_ready and card.shown.rewards and not card.shown.pending:
            counts[card.shown.program_card_id] += card.shown.rewards
            titles[card.shown.program_card_id] = card.shown.title
    return [WaitingReward(titles[pk], count) for pk, count in counts.items()]


def _given(customer: Customer, purchases: Iterable[Purchase], *, day: date) -> list[Redemption]:
    """Free items handed out that day, and those of these purchases whenever they were."""
    is_theirs = Q(day=day) | Q(taken_purchase_id__in=[row.pk for row in purchases])
    rows = Redemption.objects.filter(is_theirs, customer=customer, is_live=True)
    return list(rows.order_by("-redeemed_at", "-id"))


def _recorded(purchases: Sequence[Purchase], given: Iterable[Redemption], *, at: Location) -> list[RecordedLine]:
    voided = voided_units(purchases)
    free = {(row.taken_purchase_id, row.taken_unit) for row in given if row.taken_purchase_id and row.taken_unit}
    return [_recorded_line(row, voided, free, at=at) for row in purchases]


def _recorded_line(purchase: Purchase, voided: set[Key], free: set[Key], *, at: Location) -> RecordedLine:
    units = {(purchase.pk, unit) for unit in range(1, purchase.quantity + 1)}
    return RecordedLine(
        purchase=purchase,
        live=tuple(sorted(unit for _purchase, unit in units - voided - free)),
        removed=len(units & voided),
        free=len(units & free),
        elsewhere="" if purchase.location_id == at.pk else purchase.location.name,
    )


def _in_basket(lines: Iterable[Line], filling: Filling) -> dict[int, int]:
    """The product that the basket put onto each card last, by program card. The newest line comes first."""
    found: dict[int, int] = {}
    for line in lines:
        for card in filling.get(line.product_id, []):
            found.setdefault(card.program_card_id, line.product_id)
    return found


def _cards(
    shown: Sequence[ShownCard], in_basket: Mapping[int, int], customer: Customer, *, at: Location, day: date
) -> list[CardOnPage]:
    rows = [card.card_id for card in shown if card.card_id is not None]
    lasts = _last_products(rows, in_basket, day=day)
    notes, waiting = _written(rows, customer)
    standing = standing_on({card.program_card_id for card in shown}, location=at, day=day)
    versions = under_which(
        [(card.program_card_id, card.rule_id) for card in shown if not card.is_full],
        standing=standing,
        day=day,
        money=partial(format_cents, currency=at.retailer.currency),
    )
    return [
        CardOnPage(
            shown=card,
            last=None
            if card.is_full or how.ended_on or how.is_frozen or how.turns_away(customer.kind)
            else lasts.get(card.program_card_id),
            note=notes.get(card.card_id or 0, ""),
            ended_on=how.ended_on,
            is_frozen=how.is_frozen,
            is_for_others=how.turns_away(customer.kind),
            worth=format_cents(card.cents, at.retailer.currency) if card.cents else "",
            waiting=waiting.get(card.program_card_id, []),
            version=versions.get((card.program_card_id, card.rule_id), "") if not card.is_full else "",
            picture_id=how.picture_id,
        )
        for card in shown
        for how in [standing[card.program_card_id]]
    ]


def _written(rows: Collection[int], customer: Customer) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Notes by card, and by program card what waits for approval. One query for both: the page has few."""
    notes = CardNote.objects.filter(card__in=rows).exclude(text="")
    items = waiting_exceptions(customer).order_by()
    columns = (F("card_id"), Value(0, output_field=BigIntegerField()), F("text"))
    told = notes.values_list(*columns).union(
        items.values_list(Value(0, output_field=BigIntegerField()), F("program_card_id"), F("description")), all=True
    )
    on_cards: dict[int, str] = {}
    waiting: dict[int, list[str]] = defaultdict(list)
    for card_id, program_card_id, text in told:
        if card_id:
            on_cards[card_id] = text
        else:
            waiting[program_card_id].append(text)
    return on_cards, dict(waiting)


def _last_products(rows: Collection[int], in_basket: Mapping[int, int], *, day: date) -> dict[int, Product]:
    """The item of its list that went onto each card last, by program card; none where it was taken out of the
    catalogue. What an exception brought is on no list: another one of it would give nothing."""
    listed = ProgramItem.objects.filter(
        valid_on(day), program_card=OuterRef("program_card"), product=OuterRef("product_id"), fills=True
    )
    last = Punch.objects.filter(Exists(listed), card__in=rows, position__isnull=False)
    newest = last.order_by("card__number", "position").values_list("program_card_id", "product_id")
    ids = {**dict(newest), **in_basket}
    products = Product.objects.filter(pk__in=set(ids.values()), retired_at=None).in_bulk()
    return {pk: products[product_id] for pk, product_id in ids.items() if product_id in products}
