"""A store that asks an item onto a card, and a supporter who decides."""

from django.db import transaction

from astro.checkout.exceptions.actions import Asked, ask, give
from astro.checkout.exceptions.queries import exceptions_told, last_step
from astro.checkout.models import ExceptionReason
from astro.kit.ids import new_uuid7
from astro.programs.models import ProgramCard
from astro.tenancy.current import within
from tests.cast import NOW, inside, make_gtin


def card_of(program):
    return ProgramCard.objects.get(program=program).pk


def an_item(counter, **told):
    with inside(counter.at.retailer):
        settled = {
            "program_card_id": card_of(counter.program), "quantity": 1, "reason": ExceptionReason.NEW,
            "bought_at": NOW, "code": make_gtin(), "description": "Northpaw Gold Lamb 30 lb",
        }  # fmt: skip
    return Asked(**{**settled, **told})


def ask_for(counter, asked=None, *, key=None, customer=None, now=NOW, **told):
    asked = asked or an_item(counter, **told)
    with inside(counter.at.retailer):
        return ask(
            customer or counter.customer, asked, key=key or new_uuid7(now), at=counter.at, by=counter.by, now=now
        )


def state_of(ticket):
    with within(ticket.retailer_id), transaction.atomic():
        return exceptions_told().get(pk=ticket.pk).state


def given(ticket, *, now=NOW, number=None):
    """As the worker does."""
    with within(ticket.retailer_id), transaction.atomic():
        step = last_step(ticket)
        return give(ticket, number=number or step.number, now=now)
