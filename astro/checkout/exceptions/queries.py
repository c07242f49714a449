"""How exceptions stand: each is as its last step left it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from astro.checkout.models import ExceptionState, ExceptionStep, ExceptionTicket
from astro.customers.models import Customer


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
