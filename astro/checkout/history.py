"""Everything on a customer's cards, round by round, with what explains it. A fixed number of queries a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from astro.cards.models import (
    Card,
    CardNote,
    Punch,
    PunchState,
    Redemption,
    RedemptionUndo,
    Reward,
    RewardState,
    State,
)
from astro.checkout import telling
from astro.checkout.arrival_marks import arrivals_of
from astro.checkout.fields.queries import answers_of, cells_of
from astro.checkout.late_words import LateMark, late_marks
from astro.checkout.models import Arrival, AskedFor, CheckoutField, Correction, FieldAnswer, Purchase, UnitVoid
from astro.checkout.telling import Part, Tally
from astro.credits.models import CreditLine, LineState
from astro.customers.models import Customer
from astro.kit.clock import add_months
from astro.kit.gtin import display_gtin
from astro.kit.tables import Row as TableRow
from astro.programs.models import Piles, ProgramCard

NEWEST: Final = ("-last_punched_at", "-number")
AT_ONCE: Final = 50
CAUSE: Final = "purchase"

Key = tuple[int, int]
"""Which unit: the purchase, and its number within that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUnit:
    """One punch, or what was one: the item, and what became of it."""

    punch: Punch
    purchase: Purchase | None
    void: UnitVoid | None = None
    correction: Correction | None = None
    given: Redemption | None = None
    last_day: date | None = None
    late: LateMark | None = None
    arrival: Arrival | None = None
    answers: Sequence[FieldAnswer] = ()

    @property
    def state(self) -> str:
        return self.punch.state

    @property
    def is_live(self) -> bool:
        return self.punch.state == PunchState.LIVE

    @property
    def expired_on(self) -> date | None:
        """The first day on which it did not count any more."""
        return self.last_day + timedelta(days=1) if self.last_day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGift:
    """A free item that was handed out; taken back where there is an `undo`. `is_batched`: a payer has its credit."""

    row: Redemption
    undo: RedemptionUndo | None = None
    is_batched: bool = False
    answers: Sequence[FieldAnswer] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRound:
    """One card with all that was ever on it and is not on another one now. `told` explains its number."""

    card: Card
    tally: Tally
    units: Sequence[ShownUnit]
    gifts: Sequence[ShownGift]
    ready: int
    note: CardNote | None
    told: Sequence[str]
    fresh: int

    @property
    def is_ready(self) -> bool:
        return self.ready > 0

    @property
    def is_given(self) -> bool:
        """Whether a reward of it was handed out, so that it stays as it is."""
        return any(gift.row.is_live for gift in self.gifts)

    @property
    def is_splittable(self) -> bool:
        return is_splittable(self.card)


def is_splittable(card: Card) -> bool:
    """Whether its punches may fill two cards: a prepaid one is used in its order, others keep items apart anyway."""
    return card.punches > 1 and card.rule.piles == Piles.ONE and not card.is_prepaid


def rounds_of(customer: Customer, *, program_card_id: int | None = None, state: str = "") -> QuerySet[Card]:
    """The customer's rounds, those left out that nothing ever was on (it is on another one now)."""
    rounds = Card.objects.filter(customer=customer)
    here = OuterRef("pk")
    traces = [model.objects.filter(card=here) for model in (Punch, Redemption, CardNote)]
    something = Exists(traces[0]) | Exists(traces[1]) | Exists(traces[2])
    rounds = rounds.filter(~Q(state=State.EMPTY) | something)
    if program_card_id is not None:
        rounds = rounds.filter(program_card=program_card_id)
    if state:
        rounds = rounds.filter(state=state)
    return rounds.select_related("program_card__program__brand", "rule")


def program_cards_of(customer: Customer) -> list[ProgramCard]:
    """The program cards of which the customer has, or had, a card."""
    held = Card.objects.filter(customer=customer).order_by().values("program_card")
    found = ProgramCard.objects.filter(pk__in=held).select_related("program__brand")
    return sorted(found, key=lambda card: (str(card.program.brand or ""), card.title))


def shown_rounds(cards: Iterable[Card], *, today: date) -> list[ShownRound]:
    """These rounds with everything that was ever on them."""
    cards = list(cards)
    ids = [card.pk for card in cards]
    units = _units_by_card(cards)
    gifts = _gifts_by_card(ids)
    ready = Counter(
        Reward.objects.filter(card__in=ids, state=RewardState.READY).order_by().values_list("card_id", flat=True)
    )
    notes = {note.card_id: note for note in CardNote.objects.filter(card__in=ids).select_related("changed_by")}
    return [
        _shown(card, units[card.pk], gifts[card.pk], ready=ready[card.pk], note=notes.get(card.pk), today=today)
        for card in cards
    ]


def tally_of(card: Card, units: Iterable[ShownUnit]) -> Tally:
    """What the rows of a round add up to. The card's own count is not looked at."""
    units = list(units)
    removed = [unit for unit in units if unit.state == PunchState.VOIDED]
    given = [unit for unit in units if unit.state == PunchState.FREE]
    expired = [unit for unit in units if unit.state == PunchState.EXPIRED]
    return Tally(
        need=card.need,
        bought=_part(unit.punch.day for unit in units),
        removed=_part(unit.void.day if unit.void else None for unit in removed),
        given=_part(unit.given.day if unit.given else None for unit in given),
        expired=_part(unit.expired_on for unit in expired),
    )


def export_heading(columns: Iterable[CheckoutField] = ()) -> list[str]:
    """`columns` are fields of the store's own; each is a column at the end."""
    return [
        _("Program card"), _("Card"), _("State"), _("What"), _("Item"), _("Size"), _("UPC"), _("Day"), _("Time"),
        _("Location"), _("Entered by"), _("Source"), _("What became of it"), _("Since"), _("By"),
        _("Entered late on"), _("Why late"), *(column.label for column in columns),
    ]  # fmt: skip


def export_rows(cards: QuerySet[Card], *, today: date, columns: Sequence[CheckoutField] = ()) -> Iterator[TableRow]:
    """Every unit and every free item of these rounds, a line each: with what was answered at its Check Out, or when it
    was redeemed."""
    rounds = list(cards.order_by(*NEWEST, "id"))
    for start in range(0, len(rounds), AT_ONCE):
        for shown in shown_rounds(rounds[start : start + AT_ONCE], today=today):
            for unit in shown.units:
                yield [*_unit_row(shown.card, unit), *cells_of(unit.answers, columns, AskedFor.VISIT)]
            for gift in shown.gifts:
                yield [*_gift_row(shown.card, gift), *cells_of(gift.answers, columns, AskedFor.REDEMPTION)]


def _shown(
    card: Card,
    units: Sequence[ShownUnit],
    gifts: Sequence[ShownGift],
    *,
    ready: int,
    note: CardNote | None,
    today: date,
) -> ShownRound:
    tally = tally_of(card, units)
    return ShownRound(
        card=card,
        tally=tally,
        units=units,
        gifts=gifts,
        ready=ready,
        note=note,
        told=_told(card, tally, gifts, ready=ready, today=today),
        fresh=sum(unit.is_live and unit.punch.day == today for unit in units),
    )


def _told(card: Card, tally: Tally, gifts: Iterable[ShownGift], *, ready: int, today: date) -> list[str]:
    """The number, then what the card came to, in the order in which it happened."""
    told = [telling.number_told(tally, today=today)]
    if card.pile and card.rule.piles == Piles.ONE:
        told.append(telling.split_told())
    if card.filled_on:
        told.append(telling.full_told(card.filled_on, ready, today=today))
    for gift in gifts:
        row, by = gift.row, gift.row.by.name if gift.row.by else ""
        if gift.undo:
            undone_on = gift.undo.location.day(gift.undo.undone_at)
            back_by = gift.undo.by.name if gift.undo.by else ""
            told.append(telling.taken_back_told(str(row), day=row.day, undone_on=undone_on, by=back_by, today=today))
        else:
            told.append(telling.given_told(str(row), day=row.day, by=by, at=row.location.name, today=today))
    if any(gift.row.is_live for gift in gifts) and tally.live < tally.need:
        told.append(telling.owes_told(tally.need - tally.live))
    if card.state == State.EXPIRED:
        told.append(telling.closed_told())
    elif card.state == State.EMPTY and tally.bought.count:
        told.append(telling.emptied_told())
    elif card.next_expiry_on:
        told.append(telling.expiring_told(card.next_expiry_on, today=today))
    return told


def _units_by_card(cards: Sequence[Card]) -> dict[int, list[ShownUnit]]:
    rules = {card.pk: card.rule for card in cards}
    punches = list(
        Punch.objects.filter(card__in=list(rules))
        .select_related("location", "by", "rule")
        .order_by("occurred_at", "cause_id", "unit")
    )
    causes = {punch.cause_id for punch in punches if punch.cause_kind == CAUSE}
    purchases = Purchase.objects.select_related("visit__location").in_bulk(causes)
    visits = [purchase.visit for purchase in purchases.values()]
    late, arrivals = late_marks(visits), arrivals_of(visits)
    answers = answers_of({visit.pk for visit in visits}, AskedFor.VISIT)
    voids = {
        (void.purchase_id, void.unit): void
        for void in UnitVoid.objects.filter(purchase__in=list(causes), is_live=True).select_related("by", "location")
    }
    corrections = Correction.objects.in_bulk({void.correction_id for void in voids.values() if void.correction_id})
    given = {
        (row.taken_purchase_id, row.taken_unit): row
        for row in Redemption.objects.filter(taken_purchase_id__in=list(causes), is_live=True)
    }
    found: dict[int, list[ShownUnit]] = defaultdict(list)
    for punch in punches:
        is_bought = punch.cause_kind == CAUSE
        purchase = purchases.get(punch.cause_id) if is_bought else None
        months = (punch.rule or rules[punch.card_id]).expiry_months
        key = (punch.cause_id, punch.unit)
        found[punch.card_id].append(
            ShownUnit(
                punch=punch,
                purchase=purchase,
                void=voids.get(key) if is_bought else None,
                correction=corrections.get(voids[key].correction_id) if is_bought and key in voids else None,
                given=given.get(key) if is_bought else None,
                last_day=add_months(punch.day, months) if months else None,
                late=late.get(purchase.visit_id) if purchase else None,
                arrival=arrivals.get(purchase.visit_id) if purchase else None,
                answers=answers.get(purchase.visit_id, ()) if purchase else (),
            )
        )
    return found


def _gifts_by_card(ids: Sequence[int]) -> dict[int, list[ShownGift]]:
    rows = Redemption.objects.filter(card__in=ids).select_related("location", "by").order_by("redeemed_at", "id")
    found: dict[int, list[ShownGift]] = defaultdict(list)
    for gift in shown_gifts(rows):
        found[gift.row.card_id].append(gift)
    return found


def shown_gifts(rows: Iterable[Redemption]) -> list[ShownGift]:
    """These redemptions, with who took them back, and whether a payer has them."""
    rows = list(rows)
    ids = [row.pk for row in rows]
    undos = {
        undo.redemption_id: undo
        for undo in RedemptionUndo.objects.filter(redemption__in=ids).select_related("by", "location")
    }
    lines = CreditLine.objects.filter(redemption_id__in=ids, state=LineState.BATCHED)
    batched = set(lines.values_list("redemption_id", flat=True))
    answers = answers_of({row.visit_id for row in rows if row.visit_id}, AskedFor.REDEMPTION)
    return [
        ShownGift(
            row=row,
            undo=undos.get(row.pk),
            is_batched=row.pk in batched,
            answers=answers.get(row.visit_id or 0, ()),
        )
        for row in rows
    ]


def _part(days: Iterable[date | None]) -> Part:
    days = list(days)
    return Part(len(days), tuple(day for day in days if day))


def _unit_row(card: Card, unit: ShownUnit) -> TableRow:
    punch, item = unit.punch, unit.purchase
    became, since, by = _became(unit)
    return [
        *_card_cells(card), _("Bought"), item.name if item else "", item.size if item else "",
        display_gtin(item.gtin) if item else "", punch.day, _time(punch.occurred_at, punch), punch.location.name,
        punch.by.name if punch.by else "", item.visit.get_source_display() if item else "",
        became, since, by, unit.late.entered_on if unit.late else None, unit.late.why if unit.late else "",
    ]  # fmt: skip


def _gift_row(card: Card, gift: ShownGift) -> TableRow:
    row, undo = gift.row, gift.undo
    return [
        *_card_cells(card), _("Free item"), row.name, row.size, display_gtin(row.gtin), row.day,
        _time(row.redeemed_at, row), row.location.name, row.by.name if row.by else "", "",
        _("Taken back") if undo else _("Given"), undo.location.day(undo.undone_at) if undo else row.day,
        undo.by.name if undo and undo.by else "", None, "",
    ]  # fmt: skip


def _card_cells(card: Card) -> list[str | int]:
    return [str(card.program_card), card.number, card.get_state_display()]


def _became(unit: ShownUnit) -> tuple[str, date | None, str]:
    """What a unit is now, since which day, and by whom."""
    words = unit.punch.get_state_display()
    if unit.state == PunchState.VOIDED and unit.void:
        return words, unit.void.day, unit.void.by.name if unit.void.by else ""
    if unit.state == PunchState.FREE and unit.given:
        return words, unit.given.day, ""
    if unit.state == PunchState.EXPIRED:
        return words, unit.expired_on, ""
    return words, unit.punch.day, ""


def _time(moment: datetime, row: Punch | Redemption) -> str:
    """The time of day as the clock of that location showed it."""
    return moment.astimezone(row.location.time_zone).strftime("%H:%M")
