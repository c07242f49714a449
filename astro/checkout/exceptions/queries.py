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
from astro.kit.folding import fold
from astro.tenancy.current import platform

SHORTEST_WORD = 2
MOST_LIKELY = 5


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
    """What the item may be, the likeliest first: what the store's catalogue knows it as, then everybody's of that code,
    then those of the program's brand that share words with what the store calls it, the brand's own name aside."""
    found = list(Product.objects.filter(pk=ticket.product_id, retired_at=None).select_related("brand"))
    brand = ticket.program_card.program.brand
    with platform("support looks for the item of an exception"):
        coded = item_of_code(ticket.gtin)
        found += [coded] if coded else []
        wanted = _words(ticket.description) - _words(brand.name if brand else "")
        if wanted and brand:
            told = reduce(or_, [Q(name__icontains=word) | Q(size__icontains=word) for word in sorted(wanted)])
            rows = Product.objects.filter(told, brand=brand, retired_at=None).select_related("brand")
            shared = {
                row: len(wanted & _words(f"{row.name} {row.size}")) for row in rows.order_by("name", "size", "id")
            }
            found += sorted((row for row in shared if shared[row]), key=lambda row: -shared[row])
    return list(dict.fromkeys(found))[:MOST_LIKELY]


def item_of_code(gtin14: str) -> Product | None:
    """Everybody's item of this code; none for no code."""
    with platform("support looks for the item of a code"):
        return product_by_gtin(gtin14) if gtin14 else None


def _words(text: str) -> set[str]:
    return {word for word in fold(text).split() if len(word) >= SHORTEST_WORD}
