"""The list of customers: who is on it, in which order, and what an export of it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from astro.customers.forms import ListFilter
from astro.customers.fragments import MOST_CANDIDATES
from astro.customers.look_up import ask
from astro.customers.models import Customer, SeenAt
from astro.customers.queries import customer_by_code, ids_matching, living
from astro.kit.paging import ROWS, page_of
from astro.kit.phones import national
from astro.kit.tables import Row as TableRow
from astro.tenancy.models import Location

TOO_SHORT: Final = 3  # characters of a text that may be the beginning of a question


@dataclass(frozen=True)
class Row:
    """One line: the customer, and two days as this location counts them."""

    customer: Customer
    added_on: date
    last_visit_on: date


@dataclass(frozen=True)
class Listing:
    """What one page of the list shows. `total` is None where only the best matches are shown."""

    rows: list[Row]
    next: str | None
    previous: str | None
    total: int | None
    has_more: bool
    is_too_short: bool


def listing(asked: ListFilter, *, at: Location, cursor: str | None) -> Listing:
    """One page of what is asked for. The best matches are one page; every other order has as many as it takes."""
    found, place = _found(asked, at=at)
    everybody = _with_last_visit(living(), at=place)
    if found is not None and not asked.sorted_by:
        by_id = everybody.order_by().in_bulk(found[:ROWS])
        best = [by_id[found_id] for found_id in found[:ROWS] if found_id in by_id]
        return Listing(_rows(best, at), None, None, None, has_more=len(found) > ROWS, is_too_short=False)
    rows = everybody if found is None else everybody.filter(pk__in=found)
    page = page_of(rows, order_by=asked.order, cursor=cursor)
    return Listing(
        rows=_rows(page.rows, at),
        next=page.next,
        previous=page.previous,
        total=_everybody(place).count() if found is None else len(found),
        has_more=found is not None and len(found) == MOST_CANDIDATES,
        is_too_short=found is None and bool(asked.text),
    )


def export_heading() -> list[str]:
    return [
        _("Astro ID"), _("First name"), _("Last name"), _("Mobile phone"), _("E-mail"), _("Added on"),
        _("Last visit"), _("For practice"),
    ]  # fmt: skip


def export_rows(asked: ListFilter, *, at: Location) -> Iterator[TableRow]:
    """The whole list that is asked for, in its order, one customer at a time."""
    found, place = _found(asked, at=at)
    rows = _with_last_visit(living(), at=place)
    if found is not None:
        rows = rows.filter(pk__in=found)
    for row in rows.order_by(*asked.order, "id").iterator():
        yield [
            str(row.pk), row.first_name, row.last_name, national(row.phone), row.email, at.day(row.created_at),
            at.day(_moment(row)), row.is_practice,
        ]  # fmt: skip


def _found(asked: ListFilter, *, at: Location) -> tuple[list[int] | None, Location | None]:
    """Who is meant by the typed text, the likeliest first (None: everybody), and at which location (None: at all).

    A scanned card is not mistaken for anybody else, so its customer is found wherever they were met.
    """
    place = at if asked.only_here else None
    if not asked.text:
        return None, place
    owner = customer_by_code(asked.text)
    if owner is not None:
        return [owner.pk], None
    question = ask(asked.text)
    if question is not None:
        return ids_matching(question, limit=MOST_CANDIDATES, at=at, only_at=place), place
    return (None if len(asked.text) < TOO_SHORT else []), place


def _everybody(at: Location | None) -> QuerySet[Customer]:
    if at is None:
        return living()
    return living().filter(Exists(SeenAt.objects.filter(customer=OuterRef("pk"), location=at)))


def _with_last_visit(customers: QuerySet[Customer], *, at: Location | None) -> QuerySet[Customer]:
    """With `last_visit`: at one location, and then only those it has met, or the last one anywhere."""
    if at is not None:
        return customers.filter(seen_at__location=at).annotate(last_visit=F("seen_at__last_seen_at"))
    visits = SeenAt.objects.filter(customer=OuterRef("pk")).order_by().values("customer")
    anywhere = Subquery(visits.annotate(last=Max("last_seen_at")).values("last"))
    return customers.annotate(last_visit=Coalesce(anywhere, "created_at"))


def _rows(customers: list[Customer], at: Location) -> list[Row]:
    return [Row(one, at.day(one.created_at), at.day(_moment(one))) for one in customers]


def _moment(customer: Customer) -> datetime:
    return customer.last_visit  # type: ignore[attr-defined]  # annotated above
