"""How exceptions stand: each is as its last step left it."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin
from astro.checkout.models import ExceptionState, ExceptionStep, ExceptionTicket
from astro.customers.models import Customer
from astro.tenancy.current import platform

SHORTEST_WORD = 4
MOST_LIKELY = 8


def exceptions_told() -> QuerySet[Any]:
    """Exceptions, each with its `state`. Also across retailers."""
    steps = ExceptionStep.objects.filter(ticket=OuterRef("pk"), retailer=OuterRef("retailer")).order_by("-number")
    last = Subquery(steps.values("state")[:1])
    return ExceptionTicket.objects.annotate(state=Coalesce(last, Value(str(ExceptionState.WAITING))))


def waiting_exceptions(customer: Customer) -> QuerySet[Any]:
    """Those of this customer that nobody has decided yet."""
    return exceptions_told().filter(customer=customer, state=ExceptionState.WAITING)


def last_steps(ticket_ids: Collection[int]) -> dict[int, ExceptionStep]:
    """The last step of each of these that has one, by ticket."""
    rows = ExceptionStep.objects.filter(ticket__in=list(ticket_ids)).select_related("by").order_by("number")
    return {row.ticket_id: row for row in rows}


def last_step(ticket: ExceptionTicket) -> ExceptionStep | None:
    return last_steps([ticket.pk]).get(ticket.pk)


def likely_items(ticket: ExceptionTicket) -> list[Product]:
    """What the item may be: what the store's catalogue knows it as, then everybody's of that code, and those of the
    program's brand that share a word with what the store calls it."""
    found = list(Product.objects.filter(pk=ticket.product_id, retired_at=None).select_related("brand"))
    with platform("support looks for the item of an exception"):
        if ticket.gtin:
            coded = product_by_gtin(ticket.gtin)
            found += [coded] if coded else []
        words = [word for word in ticket.description.split() if len(word) >= SHORTEST_WORD]
        if words:
            told = reduce(or_, [Q(name__icontains=word) | Q(size__icontains=word) for word in words])
            brand = ticket.program_card.program.brand_id
            rows = Product.objects.filter(told, brand=brand, retired_at=None).select_related("brand")
            found += rows.order_by("name", "size", "id")[:MOST_LIKELY]
    return list(dict.fromkeys(found))[:MOST_LIKELY]
