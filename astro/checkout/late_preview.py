"""What a late entry would do, told before it is saved: which cards, by which day's rules, and what fills nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import count

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.cards.queries import Plan, hand_of, plan, ready_rewards
from astro.checkout.audience import for_this_customer
from astro.checkout.basket import Line
from astro.checkout.dealing import NOT_WRITTEN, Filling, cards_in, units_for_cards
from astro.checkout.errors import unknown_products
from astro.checkout.hot_path import Sold, shelf
from astro.customers.models import Customer
from astro.kit.money import format_cents
from astro.programs.engine.terms import Placement, Unit
from astro.programs.models import Enrollment, Program, ProgramItem
from astro.programs.queries import FillingCard
from astro.programs.rules import is_counting
from astro.programs.wording import Money, sentence
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class LateLine:
    """One line. `cards` are those that it fills; where there is none, `why_none` says why."""

    name: str
    size: str
    quantity: int
    cards: tuple[str, ...]
    why_none: str


@dataclass(frozen=True, slots=True)
class LateRound:
    """A round as it would stand: `added` of its punches are new."""

    number: int
    punches: int
    need: int
    added: int

    @property
    def is_full(self) -> bool:
        return self.punches >= self.need


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCard:
    """What one program card gets. `expired`: so many punches have expired by today. `rewards`: so many more wait."""

    title: str
    brand: str
    rule: str
    units: int
    rounds: Sequence[LateRound]
    expired: int
    expired_on: date | None
    rewards: int


@dataclass(frozen=True, slots=True)
class LatePreview:
    lines: Sequence[LateLine]
    cards: Sequence[LateCard]

    @property
    def crowded(self) -> list[LateCard]:
        """The cards that get more than one unit, of which the till asks why."""
        return [card for card in self.cards if card.units > 1]


def preview_late(
    customer: Customer, bought: Sequence[tuple[datetime, Sequence[Line]]], *, at: Location, now: datetime
) -> LatePreview:
    """What entering these visits would do: the moment and the lines of each. Without a lock, and nothing is written.

    Raises BadVisit for a product that is in no catalogue.
    """
    lines: list[LateLine] = []
    units: dict[int, list[Unit]] = defaultdict(list)
    titles: dict[int, FillingCard] = {}
    next_id = count(NOT_WRITTEN)
    for occurred_at, rows in bought:
        day = at.day(occurred_at)
        sold = shelf({line.product_id for line in rows}, at=at, day=day)
        missing = {line.product_id for line in rows} - sold.keys()
        if missing:
            raise unknown_products(len(missing))
        every = {product_id: one.cards for product_id, one in sold.items() if one.cards}
        filling, turned_away = for_this_customer(customer, every, day=day)
        whys = why_none(sold.keys() - every.keys(), at=at, day=day) | _for_others(every, turned_away)
        lines += [_line(line, sold[line.product_id], filling.get(line.product_id, []), whys) for line in rows]
        causes = zip(next_id, rows, strict=False)
        visit_id = next(next_id)
        found = units_for_cards(causes, filling, visit_id=visit_id, occurred_at=occurred_at, day=day)
        for pk, more in found.items():
            units[pk] += more
        titles |= cards_in(filling)
    plans = plan(customer, units, today=at.day(now), hand=hand_of(customer, units))
    waiting = Counter(ready_rewards(customer).filter(program_card__in=plans).values_list("program_card_id", flat=True))
    money = partial(format_cents, currency=at.retailer.currency)
    cards = [_card(titles[pk], planned, waiting=waiting[pk], money=money) for pk, planned in plans.items()]
    return LatePreview(lines, cards)


def why_none(product_ids: Collection[int], *, at: Location, day: date) -> dict[int, str]:
    """Why each of these products fills no card there on that day, a sentence each."""
    items = ProgramItem.objects.filter(product__in=list(product_ids), fills=True).select_related(
        "program_card__program"
    )
    by_product: dict[int, list[ProgramItem]] = defaultdict(list)
    for item in items.order_by("program_card__program__title", "id"):
        by_product[item.product_id].append(item)
    programs = {item.program_card.program_id for found in by_product.values() for item in found}
    spans: dict[int, list[Enrollment]] = defaultdict(list)
    for span in Enrollment.objects.filter(location=at, program__in=programs).order_by("from_on", "id"):
        spans[span.program_id].append(span)
    return {pk: _why(by_product[pk], spans, at=at, day=day) for pk in product_ids}


def _why(items: Sequence[ProgramItem], spans: Mapping[int, Sequence[Enrollment]], *, at: Location, day: date) -> str:
    """The reason nearest to counting: enrolled and not listed, before not enrolled, before no program at all."""
    names = {"place": at.name, "day": date_format(day)}
    for item in items:
        program = item.program_card.program
        if any(is_counting(span, day) for span in spans[program.pk]):
            if program.ends_on and program.ends_on < day:
                return _("%(program)s was over by %(day)s.") % {**names, "program": program.title}
            return _("It was not on the list of %(program)s on %(day)s.") % {**names, "program": program.title}
    for item in items:
        program = item.program_card.program
        if told := _not_enrolled(program, spans[program.pk], names, day=day):
            return told
    if items:
        names["program"] = items[0].program_card.program.title
        return _("%(place)s was not enrolled in %(program)s on %(day)s.") % names
    return _("It is in no program.")


def _not_enrolled(program: Program, spans: Iterable[Enrollment], names: Mapping[str, str], *, day: date) -> str | None:
    """In words that name the day on which the location joined, or left."""
    real = [span for span in spans if span.until_on is None or span.until_on >= span.from_on]
    later = next((span for span in real if span.from_on > day), None)
    told = {**names, "program": program.title}
    if later:
        return _("%(place)s is enrolled in %(program)s since %(from_on)s; this was before.") % {
            **told,
            "from_on": date_format(later.from_on),
        }
    if real:
        last_day = real[-1].until_on
        return _("%(place)s was enrolled in %(program)s until %(until_on)s; this was after.") % {
            **told,
            "until_on": date_format(last_day) if last_day else "",
        }
    return None


def _for_others(every: Filling, turned_away: Mapping[int, str]) -> dict[int, str]:
    """Of the products that fill a card which is for others, why."""
    found = {pk: [turned_away.get(card.program_card_id, "") for card in cards] for pk, cards in every.items()}
    return {pk: " ".join(filter(None, sentences)) for pk, sentences in found.items() if any(sentences)}


def _line(line: Line, sold: Sold, filled: Sequence[FillingCard], whys: Mapping[int, str]) -> LateLine:
    cards = tuple(card.title for card in filled)
    return LateLine(sold.name, sold.size, line.quantity, cards, whys.get(line.product_id, ""))


def _card(card: FillingCard, planned: Plan, *, waiting: int, money: Money) -> LateCard:
    gone = [place for place in planned.dealing.placements if place.unit.key in planned.fresh and not place.position]
    after = sum(planned.waiting(round_) for round_ in planned.dealing.rounds)
    return LateCard(
        title=card.title,
        brand=card.brand,
        rule=sentence(card.rule, money=money),
        units=len(planned.units),
        rounds=[LateRound(one.number, one.punches, one.need, added) for one, added in planned.touched()],
        expired=len(gone),
        expired_on=_last_day(gone),
        rewards=max(after - waiting, 0) if planned.history is not None else after,
    )


def _last_day(gone: Iterable[Placement]) -> date | None:
    """The last day on which these counted."""
    return max((place.unit.expires_on for place in gone if place.unit.expires_on), default=None)
