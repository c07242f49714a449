"""The list of customers: who is on it, in which order, and what each line says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from astro.customers.figures import Figures, counting
from astro.customers.fragments import MOST_CANDIDATES
from astro.customers.list_filter import ListFilter
from astro.customers.look_up import Question, ask
from astro.customers.models import Customer, Pet, SeenAt
from astro.customers.queries import customer_by_code, ids_matching
from astro.customers.signs import Signs, names_of, signs_of
from astro.kit.paging import ROWS, page_of
from astro.tenancy.models import Location

TOO_SHORT: Final = 3  # characters of a text that may be the beginning of a question


@dataclass(frozen=True)
class Row:
    """One line: the customer, two days as this location counts them, and what is known at a glance."""

    customer: Customer
    added_on: date
    last_visit_on: date
    signs: Signs
    pets: str
    figures: Figures


@dataclass(frozen=True)
class Listing:
    """What one page of the list shows. `total` is None where only the best matches are shown."""

    rows: list[Row]
    next: str | None
    previous: str | None
    total: int | None
    has_more: bool
    is_too_short: bool


@dataclass(frozen=True)
class _Found:
    """Who is asked for, of those whom `place` has met (None: wherever they were). `ids`: of a search, the likeliest
    first; None where nothing was typed."""

    customers: QuerySet[Customer]
    place: Location | None
    ids: list[int] | None = None
    is_cut: bool = False

    def with_last_visit(self) -> QuerySet[Customer]:
        """With `last_visit`: at the place, or the last one anywhere."""
        if self.place is not None:
            here = self.customers.filter(seen_at__location=self.place)
            return here.annotate(last_visit=F("seen_at__last_seen_at"))
        visits = SeenAt.objects.filter(customer=OuterRef("pk")).order_by().values("customer")
        anywhere = Subquery(visits.annotate(last=Max("last_seen_at")).values("last"))
        return self.customers.annotate(last_visit=Coalesce(anywhere, "created_at"))

    def count(self) -> int:
        if self.ids is not None:
            return len(self.ids)
        return _met(self.customers, self.place).count()


def listing(asked: ListFilter, *, at: Location, cursor: str | None, today: date) -> Listing:
    """One page of what is asked for. The best matches are one page; every other order has as many as it takes."""
    found = _found(asked, at=at)
    rows = found.with_last_visit()
    if found.ids is not None and not asked.sorted_by:
        by_id = rows.order_by().in_bulk(found.ids[:ROWS])
        best = [by_id[found_id] for found_id in found.ids[:ROWS] if found_id in by_id]
        has_more = len(found.ids) > ROWS
        return Listing(_rows(best, at, today), None, None, None, has_more=has_more, is_too_short=False)
    page = page_of(rows, order_by=asked.order, cursor=cursor)
    return Listing(
        rows=_rows(page.rows, at, today),
        next=page.next,
        previous=page.previous,
        total=found.count(),
        has_more=found.is_cut,
        is_too_short=found.ids is None and bool(asked.typed),
    )


def asked_for(asked: ListFilter, *, at: Location) -> QuerySet[Customer]:
    """Everybody on the list that is asked for, on all its pages, in its order, with `last_visit`."""
    return _found(asked, at=at).with_last_visit().order_by(*asked.order, "id")


def last_visit_of(customer: Customer) -> datetime:
    """Of a customer that the list found: when they were here last, or anywhere where all locations are shown."""
    return customer.last_visit  # type: ignore[attr-defined]  # annotated below


def in_parts(customers: QuerySet[Customer], *, of: int) -> Iterator[list[Customer]]:
    """A long list part by part, so that what belongs to each can be asked for together."""
    part: list[Customer] = []
    for one in customers.iterator(chunk_size=of):
        part.append(one)
        if len(part) == of:
            yield part
            part = []
    if part:
        yield part


def _found(asked: ListFilter, *, at: Location) -> _Found:
    """A scanned card is not mistaken for anybody else, so its customer is found wherever they were met."""
    customers, place = asked.customers(), at if asked.only_here else None
    if not asked.typed:
        return _Found(customers, place)
    owner = customer_by_code(asked.typed)
    if owner is not None:
        return _chosen(customers, [owner.pk], None, is_filtered=asked.is_narrowed)
    question = ask(asked.typed)
    if question is None:
        return _Found(customers, place) if len(asked.typed) < TOO_SHORT else _Found(customers.none(), place, [])
    if asked.asks_for_removed:
        return _among_removed(customers, question, place)
    ids = ids_matching(question, limit=MOST_CANDIDATES, at=at, only_at=place)
    return _chosen(customers, ids, place, is_filtered=asked.is_narrowed)


def _chosen(customers: QuerySet[Customer], ids: list[int], place: Location | None, *, is_filtered: bool) -> _Found:
    chosen, is_cut = customers.filter(pk__in=ids), len(ids) == MOST_CANDIDATES
    if is_filtered:
        passed = set(chosen.order_by().values_list("pk", flat=True))
        ids = [one for one in ids if one in passed]
    return _Found(chosen, place, ids, is_cut)


def _among_removed(customers: QuerySet[Customer], question: Question, place: Location | None) -> _Found:
    """Look-up does not know them any more; they are few."""
    holding = Q()
    for fragment in question.tiers[-1]:
        holding &= Q(search__contains=fragment)
    found = customers.filter(holding)
    ids = list(_met(found, place).order_by("sort_name", "id").values_list("pk", flat=True)[:MOST_CANDIDATES])
    return _Found(found.filter(pk__in=ids), place, ids, len(ids) == MOST_CANDIDATES)


def _met(customers: QuerySet[Customer], place: Location | None) -> QuerySet[Customer]:
    if place is None:
        return customers
    return customers.filter(Exists(SeenAt.objects.filter(customer=OuterRef("pk"), location=place)))


def _rows(customers: list[Customer], at: Location, today: date) -> list[Row]:
    ids = [one.pk for one in customers]
    signs, pets, figures = signs_of(customers, today=today), _pets_of(customers), counting().figures_of(ids)
    return [
        Row(
            customer=one,
            added_on=at.day(one.created_at),
            last_visit_on=at.day(last_visit_of(one)),
            signs=signs[one.pk],
            pets=names_of(pets.get(one.pk, ())),
            figures=figures.get(one.pk, Figures()),
        )
        for one in customers
    ]


def _pets_of(customers: Sequence[Customer]) -> dict[int, list[Pet]]:
    found: dict[int, list[Pet]] = {}
    for pet in Pet.objects.filter(customer__in=customers, retired_at__isnull=True).order_by("created_at", "id"):
        found.setdefault(pet.customer_id, []).append(pet)
    return found
