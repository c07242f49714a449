"""Paper cards: the punches that a customer brings with them, each on a day of its own.

A paper card says how many, and from when to when. Its punches are spread evenly over those days; what falls on one day
is one visit, which counts, expires and is taken back like any other. All of them follow from the card's key, so that a
form that is sent twice counts once, and taking the card back takes back each of its visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Product
from astro.catalog.queries import prices_on, valid_on
from astro.checkout.audience import for_this_customer
from astro.checkout.basket import Line
from astro.checkout.errors import EnteredBefore, NotYet
from astro.checkout.hot_path import shelf
from astro.checkout.late import enter_late, lines_of, moment_of
from astro.checkout.late_preview import why_none
from astro.checkout.models import (
    MOST_DAYS,
    CardPhoto,
    LateEntry,
    LateWhy,
    PaperCard,
    Purchase,
    Reason,
    Visit,
)
from astro.checkout.undoing import undo_visit
from astro.checkout.units import living_units
from astro.customers.models import Customer
from astro.kit.errors import DomainError
from astro.programs.models import Enrollment, ProgramCard, ProgramItem
from astro.tenancy.models import Location

MOST_PUNCHES: Final = 60


class BadPaperCard(DomainError):
    """A paper card that cannot be taken over as it is told; `field` says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper card as it was told. Without a `product`, the cheapest of the card stands for what was bought."""

    key: UUID
    program_card: ProgramCard
    product: Product
    punches: int
    first_on: date
    last_on: date
    number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaperVisit:
    """What falls on one day of it."""

    key: UUID
    day: date
    occurred_at: datetime
    line: Line


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A paper card that stands. `is_again`: it stood already."""

    paper: PaperCard
    is_again: bool = False


def paper_program_cards(*, at: Location, today: date) -> list[ProgramCard]:
    """The program cards in which this location was enrolled on any day that a paper card may hold."""
    since = today - timedelta(days=MOST_DAYS)
    spans = Enrollment.objects.filter(Q(until_on=None) | Q(until_on__gte=since), location=at, from_on__lte=today)
    programs = {span.program_id for span in spans if span.until_on is None or span.until_on >= span.from_on}
    cards = ProgramCard.objects.filter(program__in=programs).select_related("program__brand")
    return sorted(cards, key=lambda card: (str(card.program.brand or at.retailer.name), card.title))


def items_of(card: ProgramCard, *, day: date) -> list[Product]:
    """What fills that card on that day, by name and size."""
    rows = ProgramItem.objects.filter(valid_on(day), program_card=card, fills=True, product__retired_at=None)
    found = {row.product_id: row.product for row in rows.select_related("product")}
    return sorted(found.values(), key=lambda product: (product.name, product.size, product.pk))


def cheapest_of(card: ProgramCard, *, at: Location, day: date) -> Product | None:
    """A paper card seldom says what was bought. The cheapest item promises nothing that was not."""
    products = {product.pk: product for product in items_of(card, day=day)}
    prices = prices_on(products, currency=at.retailer.currency, day=day)
    pk = min(products, key=lambda product_id: (prices.get(product_id, 1 << 31), product_id), default=None)
    return None if pk is None else products[pk]


def spread(punches: int, first_on: date, last_on: date) -> dict[date, int]:
    """How many punches fall on which day, in order: evenly, and the first and last day have one if there are two."""
    days = (last_on - first_on).days + 1
    if punches == 1:
        offsets = [days - 1]
    elif punches < days:
        offsets = [(2 * number * (days - 1) + punches - 1) // (2 * (punches - 1)) for number in range(punches)]
    else:
        offsets = [number * days // punches for number in range(punches)]
    return {first_on + timedelta(days=offset): count for offset, count in sorted(Counter(offsets).items())}


def visits_of(paper: Paper, *, at: Location, now: datetime) -> list[PaperVisit]:
    """The visits that a paper card comes to, each with the keys that follow from the card's."""
    found = []
    for day, count in spread(paper.punches, paper.first_on, paper.last_on).items():
        key = uuid5(paper.key, day.isoformat())
        moment = min(moment_of(day, None, at=at).at, now)
        found.append(PaperVisit(key, day, moment, lines_of(key, [(paper.product.pk, count)])[0]))
    return found


def check_paper(paper: Paper, *, at: Location, now: datetime) -> None:
    """Raises BadPaperCard and NotYet, with the field to mend."""
    today = at.day(now)
    if not 1 <= paper.punches <= MOST_PUNCHES:
        sentence = _("A paper card holds 1 to %(most)s punches. Enter the rest as another card.")
        raise BadPaperCard(sentence % {"most": MOST_PUNCHES}, field="punches")
    if paper.last_on > today:
        raise NotYet(field="last_on")
    if paper.first_on > paper.last_on:
        raise BadPaperCard(_("The first day lies after the last one. Look at both again."), field="first_on")
    if paper.first_on < today - timedelta(days=MOST_DAYS):
        sentence = _("Purchases may be up to %(days)s days old: since %(first)s.")
        first = date_format(today - timedelta(days=MOST_DAYS))
        raise BadPaperCard(sentence % {"days": MOST_DAYS, "first": first}, field="first_on")
    for visit in visits_of(paper, at=at, now=now):
        _check_day(paper, visit.day, at=at)


def check_holder(customer: Customer, paper: Paper, *, at: Location, now: datetime) -> None:
    """That the card is for what the customer was on every day of it. Raises BadPaperCard: nothing would be punched."""
    for visit in visits_of(paper, at=at, now=now):
        sold = shelf({paper.product.pk}, at=at, day=visit.day).get(paper.product.pk)
        cards = [card for card in sold.cards if card.program_card_id == paper.program_card.pk] if sold else []
        _filling, turned_away = for_this_customer(customer, {paper.product.pk: cards}, day=visit.day)
        for why in turned_away.values():
            sentence = _("On %(day)s it would not have counted.") % {"day": date_format(visit.day)}
            raise BadPaperCard(f"{sentence} {why}", field="first_on")


@transaction.atomic
def take_over(
    customer: Customer,
    paper: Paper,
    *,
    photo: CardPhoto | None = None,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    now: datetime,
) -> TakenOver:
    """Enter the punches of a paper card, exactly once for its key. The caller has checked it (`check_paper`,
    `check_holder`).

    Raises EnteredBefore where the key stands with another card, and Customer.DoesNotExist.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk, retired_at=None)
    stood = PaperCard.objects.filter(key=paper.key).first()
    told = {
        "program_card_id": paper.program_card.pk,
        "product_id": paper.product.pk,
        "punches": paper.punches,
        "first_on": paper.first_on,
        "last_on": paper.last_on,
        "number": paper.number,
        "note": paper.note,
    }
    if stood:
        if any(getattr(stood, name) != value for name, value in told.items()):
            raise EnteredBefore
        return TakenOver(stood, is_again=True)
    row = PaperCard(
        key=paper.key, customer=customer, location=at, photo=photo, by=by, device_id=device_id, entered_at=now, **told
    )
    row.save(force_insert=True)
    visits = visits_of(paper, at=at, now=now)
    for visit in visits:
        enter_late(
            customer,
            [visit.line],
            key=visit.key,
            occurred_at=visit.occurred_at,
            why=LateWhy.PAPER_CARD,
            reason=Reason.PAPER_CARD,
            paper_card=row,
            at=at,
            by=by,
            device_id=device_id,
            now=now,
        )
    record(
        "paper card taken over",
        row,
        by=by,
        at=at,
        now=now,
        device_id=device_id,
        program_card_id=row.program_card_id,
        punches=row.punches,
        visits=len(visits),
    )
    return TakenOver(row)


@transaction.atomic
def take_back(
    paper: PaperCard,
    *,
    at: Location,
    by: User | None,
    device_id: int | None = None,
    is_administrator: bool,
    now: datetime,
) -> bool:
    """Take back every visit of a paper card: on the day on which it was entered anybody may, later an administrator.

    False where nothing of it was left. Raises as `undoing.undo_visit` does; then nothing is taken back.
    """
    Customer.objects.select_for_update().get(pk=paper.customer_id)
    if is_taken_back(paper):
        return False
    for visit in visits_from(paper):
        undo_visit(visit, at=at, by=by, device_id=device_id, is_administrator=is_administrator, now=now)
    record(
        "paper card taken back",
        paper,
        by=by,
        at=at,
        now=now,
        device_id=device_id,
        program_card_id=paper.program_card_id,
    )
    return True


def taken_over_before(paper: Paper) -> PaperCard | None:
    """A paper card of the same kind with the same number, that was taken over before and stands. No number is none."""
    if not paper.number:
        return None
    rows = PaperCard.objects.filter(number__iexact=paper.number, program_card_id=paper.program_card.pk)
    alike = rows.exclude(key=paper.key).select_related("customer", "location").order_by("-entered_at")
    return next((row for row in alike if not is_taken_back(row)), None)


def visits_from(paper: PaperCard) -> list[Visit]:
    """The visits that it came to, the newest first, so that taking them back deals the fewest cards."""
    entries = LateEntry.objects.filter(paper_card=paper).values("visit")
    rows = Visit.objects.filter(pk__in=entries).select_related("location", "by", "customer")
    return list(rows.order_by("-occurred_at", "-id"))


def is_taken_back(paper: PaperCard) -> bool:
    """Whether nothing of it counts any more."""
    entries = LateEntry.objects.filter(paper_card=paper).values("visit")
    return not living_units(Purchase.objects.filter(visit__in=entries))


def _check_day(paper: Paper, day: date, *, at: Location) -> None:
    """That the item fills the chosen card there on that day."""
    sold = shelf({paper.product.pk}, at=at, day=day).get(paper.product.pk)
    if sold and any(card.program_card_id == paper.program_card.pk for card in sold.cards):
        return
    names: Mapping[str, str] = {"item": str(paper.product), "card": paper.program_card.title, "day": date_format(day)}
    why = why_none([paper.product.pk], at=at, day=day).get(paper.product.pk, "") if not (sold and sold.cards) else ""
    sentence = _("On %(day)s %(item)s did not fill %(card)s.") % names
    raise BadPaperCard(f"{sentence} {why}".strip(), field="first_on")
