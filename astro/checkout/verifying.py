"""Whether what was bought punches its cards, what was taken back does not, and visits say what they hold.

Which program cards a purchase fills is worked out anew from enrollments, lists and versions, as far as they stood when
the visit was recorded: who enrolled later, for days gone by, gave those days no punches. Nothing is written here. Rows
are read without a lock, so whoever asks looks again, holding the customer's, before believing a finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q

from astro.cards.models import Punch, PunchState, Redemption
from astro.checkout.models import (
    Arrival,
    Correction,
    CorrectionKind,
    ExceptionVisit,
    LateEntry,
    PaperCard,
    Purchase,
    Sealing,
    Source,
    UnitVoid,
    Visit,
    VoidUndo,
)
from astro.customers.models import BreederNumber, KindSpan, Merge
from astro.kit.findings import Checked, Finding, Row
from astro.programs.audience import why_turned_away
from astro.programs.models import Audience, CardRule, Enrollment, Piles, ProgramItem
from astro.programs.rules import is_counting, version_in_force

VISIT, PURCHASE, VOID = Visit._meta.db_table, Purchase._meta.db_table, UnitVoid._meta.db_table
LATE, PAPER = LateEntry._meta.db_table, PaperCard._meta.db_table
ARRIVAL, EXCEPTED = Arrival._meta.db_table, ExceptionVisit._meta.db_table
SEALING, PUNCH, REDEMPTION = Sealing._meta.db_table, Punch._meta.db_table, Redemption._meta.db_table

PURCHASE_KIND = "purchase"
COPIED_BY_PUNCHES = ("product_id", "location_id", "day", "occurred_at")
COPIED_BY_PURCHASES = ("customer_id", "location_id", "day", "occurred_at")

VISIT_COLUMNS = (
    *("id", "customer_id", "location_id", "key", "day", "occurred_at", "recorded_at", "has_offer", "is_practice"),
    *("answer", "customer__is_practice", "source", "declined"),
)
PURCHASE_COLUMNS = (
    *("id", "visit_id", "customer_id", "location_id", "product_id", "name", "quantity", "day", "occurred_at"),
)
PUNCH_COLUMNS = (
    *("id", "customer_id", "program_card_id", "cause_id", "unit", "state", "product_id", "location_id", "day"),
    *("occurred_at", "rule__expiry_months", "card__rule__expiry_months"),
    *("rule__piles", "rule__most", "rule__monthly", "rule__is_prepaid"),
)
REDEMPTION_COLUMNS = ("id", "customer_id", "visit_id", "product_id", "is_live", "taken_purchase_id", "taken_unit")
PAPER_COLUMNS = ("id", "customer_id", "location_id", "product_id", "punches", "first_on", "last_on")

Punched = Mapping[int, Mapping[int, Mapping[int, Any]]]
"""Punch rows by purchase, program card and unit."""


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    from_on: date
    program_card_id: int


@dataclass(frozen=True, slots=True)
class _Filling:
    """Program cards that a purchase fills: `surely`, and those that it `may`, by what was known when."""

    surely: frozenset[int]
    may: frozenset[int]


def findings(first: int, last: int, *, checked: Checked) -> Iterator[Finding]:
    """What is wrong with the visits of the customers from id `first` to `last`. A fixed number of queries."""
    read = _Read(first, last)
    checked["visits"] += len(read.visits)
    checked["purchases"] += len(read.purchases)
    checked["units taken back"] += len(read.voids)
    checked["sealings"] += len(read.sealings)
    checked["late entries"] += len(read.late)
    checked["paper cards"] += len(read.papers)
    checked["arrivals"] += len(read.arrivals)
    checked["exceptions given"] += len(read.excepted)
    visits, purchases = read.with_others()
    filling = _fillings(read.purchases.values(), visits, read.forced, read.parted)
    punched = _punched(read, filling)
    for punch in read.punches:
        yield from _punch(punch, purchases.get(punch.cause_id), read)
    for purchase in read.purchases.values():
        yield from _copies(purchase, visits.get(purchase.visit_id))
        yield from _filled(purchase, filling[purchase.id], punched.get(purchase.id, {}))
    for void in read.voids:
        purchase = read.purchases.get(void.purchase_id)  # None: both came after the purchases were read
        if purchase and not 1 <= void.unit <= purchase.quantity:
            yield Row(VOID, void.id, purchase.customer_id).finding("unit", void.unit, f"1 to {purchase.quantity}")
        if purchase and void.is_live == (void.id in read.put_back):
            should = "false: it was put back" if void.is_live else "true: nobody put it back"
            yield Row(VOID, void.id, purchase.customer_id).finding("is_live", str(void.is_live).lower(), should)
    yield from _answers(read, punched)
    yield from _sealings(read)
    yield from _late(read)
    yield from _arrivals(read)
    yield from _excepted(read)
    for redemption in read.redemptions:
        yield from _redemption(redemption, visits, purchases, read)


class _Read:
    """Everything of these customers, and what others have to do with it.

    A merge moves everything to the customer who is kept, and a split moves it back, but for what rewards were handed
    out for in between: those cards stay with the kept one, with punches of the other one's purchases on them. So the
    two of a merge may have rows of each other; and of those, one of whom gave the other a card.
    """

    def __init__(self, first: int, last: int) -> None:
        self.visits = {row.id: row for row in _rows(Visit, first, last, VISIT_COLUMNS)}
        self.purchases = {row.id: row for row in _rows(Purchase, first, last, PURCHASE_COLUMNS)}
        self.punches = _rows(Punch, first, last, PUNCH_COLUMNS, cause_kind=PURCHASE_KIND)
        self.redemptions = _rows(Redemption, first, last, REDEMPTION_COLUMNS)
        voids = UnitVoid.objects.filter(purchase__customer__gte=first, purchase__customer__lte=last).order_by()
        self.voids = list(voids.values_list("id", "purchase_id", "unit", "is_live", named=True))
        self.voided = {(row.purchase_id, row.unit) for row in self.voids if row.is_live}
        put_back = VoidUndo.objects.filter(void__in=[row.id for row in self.voids])
        self.put_back = set(put_back.values_list("void_id", flat=True))
        sealings = Sealing.objects.filter(visit__customer__gte=first, visit__customer__lte=last).order_by(
            "sealed_at", "id"
        )
        self.sealings = list(sealings.values_list("id", "visit_id", "key", "answer", named=True))
        late = LateEntry.objects.filter(visit__customer__gte=first, visit__customer__lte=last).order_by()
        self.late = list(late.values_list("id", "visit_id", "location_id", "paper_card_id", named=True))
        arrivals = Arrival.objects.filter(visit__customer__gte=first, visit__customer__lte=last).order_by()
        self.arrivals = list(arrivals.values_list("id", "visit_id", "location_id", "key", named=True))
        forced = ExceptionVisit.objects.filter(visit__customer__gte=first, visit__customer__lte=last).order_by()
        columns = ("id", "visit_id", "program_card_id", "step__product_id", "step__ticket__quantity")
        self.excepted = list(forced.values_list(*columns, named=True))
        self.forced = {row.visit_id: row.program_card_id for row in self.excepted}
        self.papers = _rows(PaperCard, first, last, PAPER_COLUMNS)
        self.told = {row.visit_id: _told(row.answer) for row in self.sealings}
        merges = Merge.objects.filter(Q(kept__gte=first, kept__lte=last) | Q(gone__gte=first, gone__lte=last))
        handed = Correction.objects.filter(kind=CorrectionKind.TRANSFERRED).filter(
            Q(customer__gte=first, customer__lte=last) | Q(other__gte=first, other__lte=last)
        )
        pairs = [*merges.values_list("kept_id", "gone_id"), *handed.values_list("customer_id", "other_id")]
        self.merged = {frozenset(pair) for pair in pairs}
        self.parted = {one for pair in self.merged for one in pair}

    def is_same(self, one: int, other: int) -> bool:
        """Whether rows of these two may have to do with each other."""
        return one == other or frozenset((one, other)) in self.merged

    def with_others(self) -> tuple[dict[int, Any], dict[int, Any]]:
        """All visits and purchases that the rows at hand name, those of other customers read besides."""
        named = {row.cause_id for row in self.punches} | {row.taken_purchase_id for row in self.redemptions}
        others = _by_id(Purchase, named - self.purchases.keys() - {None}, PURCHASE_COLUMNS)
        purchases = {**self.purchases, **others}
        wanted = {row.visit_id for row in (*self.redemptions, *purchases.values())}
        visited = _by_id(Visit, wanted - self.visits.keys(), VISIT_COLUMNS)
        if others:
            living = UnitVoid.objects.filter(purchase__in=list(others), is_live=True)
            self.voided |= set(living.values_list("purchase_id", "unit"))
        if visited:
            sealings = Sealing.objects.filter(visit__in=list(visited)).values_list("visit_id", "answer")
            self.told |= {visit_id: _told(answer) for visit_id, answer in sealings}
        return {**self.visits, **visited}, purchases


def _rows(model: type[Any], first: int, last: int, columns: Sequence[str], **more: Any) -> list[Any]:
    rows = model.objects.filter(customer__gte=first, customer__lte=last, **more).order_by()
    return list(rows.values_list(*columns, named=True))


def _by_id(model: type[Any], ids: Collection[int], columns: Sequence[str]) -> dict[int, Any]:
    if not ids:
        return {}
    rows = model.objects.filter(pk__in=list(ids)).order_by()
    return {row.id: row for row in rows.values_list(*columns, named=True)}


def _told(answer: Mapping[str, Any]) -> set[int]:
    """The redemptions that a sealing speaks of."""
    return {int(one["redemption_id"]) for one in answer.get("redemptions", [])}


def _punched(read: _Read, filling: Mapping[int, _Filling]) -> Punched:
    moved = [row.id for row in read.purchases.values() if row.customer_id in read.parted and filling[row.id].may]
    rows = list(read.punches)
    if moved:
        cards = {card for purchase_id in moved for card in filling[purchase_id].may}
        named = Punch.objects.filter(program_card__in=cards, cause_kind=PURCHASE_KIND, cause_id__in=moved).order_by()
        rows += named.values_list(*PUNCH_COLUMNS, named=True)
    punched: dict[int, dict[int, dict[int, Any]]] = {}
    for row in rows:
        punched.setdefault(row.cause_id, {}).setdefault(row.program_card_id, {})[row.unit] = row
    return punched


def _punch(punch: Any, purchase: Any | None, read: _Read) -> Iterator[Finding]:
    named = Row(PUNCH, punch.id, punch.customer_id)
    if purchase is None:
        yield named.finding("cause_id", punch.cause_id, "a purchase")
        return
    yield from named.differences(punch, {name: getattr(purchase, name) for name in COPIED_BY_PUNCHES})
    if not read.is_same(punch.customer_id, purchase.customer_id):
        yield named.finding("customer_id", punch.customer_id, purchase.customer_id)
    is_voided = (punch.cause_id, punch.unit) in read.voided
    if is_voided != (punch.state == PunchState.VOIDED):
        yield named.finding("state", punch.state, "voided" if is_voided else "another: its unit was not taken back")


def _copies(purchase: Any, visit: Any | None) -> Iterator[Finding]:
    named = Row(PURCHASE, purchase.id, purchase.customer_id)
    if visit is None:
        yield named.finding("visit_id", purchase.visit_id, "a visit")
    else:
        yield from named.differences(purchase, {name: getattr(visit, name) for name in COPIED_BY_PURCHASES})


def _filled(purchase: Any, filling: _Filling, punched: Mapping[int, Mapping[int, Any]]) -> Iterator[Finding]:
    """Every unit punches every program card that the purchase fills, once; and no other."""
    named = Row(PURCHASE, purchase.id, purchase.customer_id)
    units = list(range(1, purchase.quantity + 1))
    for program_card_id in sorted(filling.surely | punched.keys()):
        there = sorted(punched.get(program_card_id, {}))
        if there != units:
            yield named.finding(f"punched units on program card {program_card_id}", _listed(there), _listed(units))
        if program_card_id not in filling.may:
            yield named.finding(f"filling program card {program_card_id}", "true", "false: it did not count there then")


def _answers(read: _Read, punched: Punched) -> Iterator[Finding]:
    """What the till was told of a visit is what the visit holds."""
    mine: dict[int, list[Any]] = defaultdict(list)
    for purchase in read.purchases.values():
        mine[purchase.visit_id].append(purchase)
    for visit in read.visits.values():
        named = Row(VISIT, visit.id, visit.customer_id)
        yield from named.differences(visit, {"is_practice": visit.customer__is_practice})
        answer = visit.answer
        lines = sorted((line["name"], line["quantity"]) for line in answer.get("lines", []))
        bought = sorted((row.name, row.quantity) for row in mine[visit.id])
        if lines != bought:
            yield named.finding("answer's lines", lines, bought)
        for name, part in (("punches", "added"), ("rewards", "rewards")):
            total = sum(card[part] for card in answer.get("cards", []))
            if answer.get(name) != total:
                yield named.finding(f"answer's {name}", answer.get(name), total)
        rows = [row for one in mine[visit.id] for units in punched.get(one.id, {}).values() for row in units.values()]
        surely = sum(_surely_counts(row) for row in rows)
        if not surely <= answer.get("punches", 0) <= len(rows):  # what had expired by then, or lapsed, was not told
            yield named.finding("answer's punches", answer.get("punches"), f"the {len(rows)} that there are")


def _sealings(read: _Read) -> Iterator[Finding]:
    given: dict[int, set[int]] = defaultdict(set)
    for row in read.redemptions:
        given[row.visit_id].add(row.id)
    unknown = {pk for row in read.sealings for pk in read.told[row.visit_id] - given[row.visit_id]}
    if unknown:  # of a customer who was merged into another one
        others = Redemption.objects.filter(pk__in=unknown).exclude(customer__in=set(_owners(read)))
        for visit_id, pk in others.values_list("visit_id", "id"):
            given[visit_id].add(pk)
    keys: dict[Any, int] = {}
    sealed: set[int] = set()
    for row in read.sealings:
        visit = read.visits.get(row.visit_id)
        if visit is None:  # both came after the visits were read: next time
            continue
        named = Row(SEALING, row.id, visit.customer_id)
        if not visit.has_offer:
            yield named.finding("visit", "one without rewards to choose", "one that was waiting for a choice")
        if row.visit_id in sealed:
            yield named.finding("visit_id", f"{row.visit_id}, sealed before", "a visit of its own")
        sealed.add(row.visit_id)
        if keys.setdefault(row.key, row.id) != row.id:
            yield named.finding("key", f"that of {keys[row.key]} too", "its own")
        for pk in sorted(_told(row.answer) - given[row.visit_id]):
            yield named.finding("answer", f"telling of redemption {pk}", "telling of redemptions of its visit")


def _late(read: _Read) -> Iterator[Finding]:
    """What came late says so and offers nothing; and a paper card holds as many units as stood on it."""
    told = {row.visit_id for row in read.late}
    for visit in read.visits.values():
        named = Row(VISIT, visit.id, visit.customer_id)
        if visit.source == Source.LATE and visit.id not in told:
            yield named.finding("source", visit.source, "another: no late entry says why")
        if visit.source == Source.LATE and visit.has_offer:
            yield named.finding("has_offer", "true", "false: what comes late offers nothing")
    papered: dict[int, set[int]] = defaultdict(set)
    for row in read.late:
        visit = read.visits.get(row.visit_id)
        if visit is None:  # it came after the visits were read: next time
            continue
        named = Row(LATE, row.id, visit.customer_id)
        if visit.source != Source.LATE:
            yield named.finding("visit_id", f"{row.visit_id}, of source {visit.source}", "a visit that came late")
        yield from named.differences(row, {"location_id": visit.location_id})
        if row.paper_card_id:
            papered[row.paper_card_id].add(row.visit_id)
    for paper in read.papers:
        named = Row(PAPER, paper.id, paper.customer_id)
        rows = [row for row in read.purchases.values() if row.visit_id in papered[paper.id]]
        yield from named.differences(paper, {"punches": sum(row.quantity for row in rows)})
        beyond = [row.day for row in rows if not paper.first_on <= row.day <= paper.last_on]
        if beyond or any(row.product_id != paper.product_id for row in rows):
            yield named.finding("visits", "of other days or items", "of its item, from its first to its last day")


def _arrivals(read: _Read) -> Iterator[Finding]:
    """What a till had kept is the visit of that key, where it was rung up."""
    for row in read.arrivals:
        visit = read.visits.get(row.visit_id)
        if visit:  # else it came after the visits were read: next time
            named = Row(ARRIVAL, row.id, visit.customer_id)
            yield from named.differences(row, {"key": visit.key, "location_id": visit.location_id})


def _excepted(read: _Read) -> Iterator[Finding]:
    """What an exception brought is its item, so many times, entered late."""
    for row in read.excepted:
        visit = read.visits.get(row.visit_id)
        if visit is None:  # it came after the visits were read: next time
            continue
        named = Row(EXCEPTED, row.id, visit.customer_id)
        if visit.source != Source.LATE:
            yield named.finding("visit_id", f"{row.visit_id}, of source {visit.source}", "a visit that came late")
        bought = [(one.product_id, one.quantity) for one in read.purchases.values() if one.visit_id == row.visit_id]
        if bought != [(row.step__product_id, row.step__ticket__quantity)]:
            yield named.finding("visit", "of other items", "of the item that was approved, and no other")


def _owners(read: _Read) -> Iterator[int]:
    return (row.customer_id for row in read.redemptions)


def _surely_counts(punch: Any) -> bool:
    """Whether nothing of its rule could have kept it from counting."""
    expires = punch.rule__expiry_months or punch.card__rule__expiry_months
    return not (
        expires or punch.rule__piles == Piles.VISIT or punch.rule__most or punch.rule__monthly or punch.rule__is_prepaid
    )


def _redemption(row: Any, visits: Mapping[int, Any], purchases: Mapping[int, Any], read: _Read) -> Iterator[Finding]:
    """It happened in a visit of its customer, which was sealed with it; the unit it took was bought there."""
    named = Row(REDEMPTION, row.id, row.customer_id)
    visit = visits.get(row.visit_id)
    if visit is None:
        yield named.finding("visit_id", row.visit_id, "a visit")
        return
    if not read.is_same(visit.customer_id, row.customer_id):
        yield named.finding("visit_id", f"{row.visit_id} of customer {visit.customer_id}", "a visit of its customer")
    if row.id not in read.told.get(row.visit_id, set()):
        yield named.finding("sealing", "silent about it", "telling of it")
    if row.taken_purchase_id is None:
        return
    taken = purchases.get(row.taken_purchase_id)
    if taken is None or (taken.visit_id, taken.product_id) != (row.visit_id, row.product_id):
        yield named.finding("taken_purchase_id", row.taken_purchase_id, "a purchase of that item in its visit")
    elif not 1 <= (row.taken_unit or 0) <= taken.quantity:
        yield named.finding("taken_unit", row.taken_unit, f"1 to {taken.quantity}")
    elif row.is_live and (row.taken_purchase_id, row.taken_unit) in read.voided:
        yield named.finding("taken_unit", f"{row.taken_unit}, which was taken back", "a unit that counts")


def _fillings(
    purchases: Iterable[Any], visits: Mapping[int, Any], forced: Mapping[int, int], parted: Collection[int]
) -> dict[int, _Filling]:
    """Which program cards each purchase fills, by its id. What an exception brought fills its own card alone. Of the
    `parted`, whose kinds moved, no card for breeders or employees is sure."""
    purchases = list(purchases)
    items: dict[int, list[Any]] = defaultdict(list)
    rows = ProgramItem.objects.filter(product__in={row.product_id for row in purchases}, fills=True).order_by()
    columns = ("product_id", "program_card_id", "program_card__program_id", "program_card__program__ends_on")
    audience = ("program_card__program__audience", "program_card__program__brand_id")
    for item in rows.values_list(*columns, *audience, "from_on", "until_on", named=True):
        items[item.product_id].append(item)
    spans: dict[tuple[int, int], list[Any]] = defaultdict(list)
    enrolled = Enrollment.objects.order_by().values_list(
        "location_id", "program_id", "from_on", "until_on", "enrolled_at", named=True
    )
    for span in enrolled:
        spans[span.location_id, span.program_id].append(span)
    versions: dict[int, list[_Version]] = defaultdict(list)
    rules = CardRule.objects.order_by().values_list(
        "version__program_id", "version__number", "version__from_on", "program_card_id"
    )
    for program_id, number, from_on, program_card_id in rules:
        versions[program_id].append(_Version(number, from_on, program_card_id))

    special = {
        row.customer_id
        for row in purchases
        if row.customer_id not in parted and any(_is_for_some(item) for item in items[row.product_id])
    }
    kinds = _Kinds(special)

    @cache
    def in_force(program_id: int, day: date) -> frozenset[int]:
        holding = version_in_force(versions[program_id], day)
        number = holding.number if holding else None
        return frozenset(one.program_card_id for one in versions[program_id] if one.number == number)

    def of(purchase: Any) -> _Filling:
        if purchase.visit_id in forced:
            return _Filling(*[frozenset([forced[purchase.visit_id]])] * 2)
        day = purchase.day
        visit = visits.get(purchase.visit_id)
        surely, may = set(), set()
        for item in items[purchase.product_id]:
            program_id = item.program_card__program_id
            here = spans[purchase.location_id, program_id]
            if any(span.from_on <= day and (is_counting(span, day) or _is_taken_back(span)) for span in here):
                may.add(item.program_card_id)
            is_listed = (item.from_on or day) <= day <= (item.until_on or day)
            is_running = day <= (item.program_card__program__ends_on or day)
            known = any(is_counting(span, day) and visit and span.enrolled_at <= visit.recorded_at for span in here)
            is_wanted = visit is None or item.program_card_id not in visit.declined
            is_sure = not _is_for_some(item) or (visit is not None and kinds.surely_fill(item, purchase, visit))
            is_counted = is_listed and is_running and known and is_wanted and is_sure
            if is_counted and item.program_card_id in in_force(program_id, day):
                surely.add(item.program_card_id)
        return _Filling(frozenset(surely), frozenset(may))

    return {purchase.id: of(purchase) for purchase in purchases}


def _is_for_some(item: Any) -> bool:
    return bool(item.program_card__program__audience != Audience.EVERYONE)


class _Kinds:
    """What these customers were, as it was known when a visit was recorded: breeders, employees, with which numbers."""

    def __init__(self, customer_ids: Collection[int]) -> None:
        self.spans: dict[int, list[Any]] = defaultdict(list)
        self.numbers: dict[int, list[Any]] = defaultdict(list)
        days = ("customer_id", "from_on", "until_on", "at", "ended_at")
        if not customer_ids:
            return
        spans = KindSpan.objects.filter(customer__in=customer_ids).order_by("from_on", "id")
        for row in spans.values_list(*days, "kind", named=True):
            self.spans[row.customer_id].append(row)
        numbers = BreederNumber.objects.filter(customer__in=customer_ids).order_by()
        for row in numbers.values_list(*days, "brand_id", named=True):
            self.numbers[row.customer_id].append(row)

    def surely_fill(self, item: Any, purchase: Any, visit: Any) -> bool:
        """Whether the card of this item was for the customer on the day of the purchase."""

        def counted(row: Any) -> bool:
            until = row.until_on if row.ended_at and row.ended_at <= visit.recorded_at else None
            return row.at < visit.recorded_at and row.from_on <= purchase.day <= (until or purchase.day)

        kinds = [row.kind for row in self.spans[purchase.customer_id] if counted(row)]
        return bool(kinds) and not why_turned_away(
            item.program_card__program__audience,
            title="",
            brand="",
            brand_id=item.program_card__program__brand_id,
            name="",
            kind=kinds[-1],
            numbered_by={row.brand_id for row in self.numbers[purchase.customer_id] if counted(row)},
        )


def _is_taken_back(span: Any) -> bool:
    """Undone as if it had never been; what a till recorded in between stays."""
    return span.until_on is not None and span.until_on < span.from_on


def _listed(units: Sequence[int]) -> str:
    return ", ".join(map(str, units)) or "none"
