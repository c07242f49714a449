"""What this module keeps of a customer (`customers/parts.py`): credit lines, each with its own copy of the name, and
what they brought back.

The copy is what the payer was told on that day, so a merge leaves it; whose line it is follows the redemption, or the
return. Whose return it is follows the customer, which is the one thing about it that is ever written again.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Prefetch

from astro.cards.models import Redemption
from astro.credits.actions import RETURN
from astro.credits.models import ConsumerReturn, CreditLine, ReturnStep
from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section, pseudonym
from astro.kit.gtin import display_gtin
from astro.tenancy.walls import ScopedQuerySet


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    lines = CreditLine.objects.filter(customer=gone)
    moved = sorted(lines.values_list("id", flat=True))
    lines.update(customer=kept)
    returns = ConsumerReturn.objects.filter(customer=gone)
    brought = sorted(returns.values_list("id", flat=True))
    ScopedQuerySet.update(returns, customer=kept)
    return {"lines": moved, "returns": brought}


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    """Each line goes where its redemption went: `cards` comes before this module."""
    of_gone = Redemption.objects.filter(customer=gone).values("pk")
    CreditLine.objects.filter(customer=kept, redemption_id__in=of_gone).update(customer=gone)
    brought = moved.get("returns", [])
    ScopedQuerySet.update(ConsumerReturn.objects.filter(customer=kept, pk__in=brought), customer=gone)
    lines = CreditLine.objects.filter(customer=kept, cause_kind=RETURN, cause_id__in=brought)
    lines.update(customer=gone)


def outline(customer: Customer) -> Outline:
    return []


def tell(customer: Customer) -> dict[str, Section]:
    lines = CreditLine.objects.filter(customer=customer).order_by("created_at", "id")
    returns = ConsumerReturn.objects.filter(customer=customer).select_related("location").order_by("submitted_at", "id")
    returns = returns.prefetch_related(Prefetch("steps", ReturnStep.objects.order_by("number")))
    return {
        "credits to the store": [
            {
                "name": line.customer_name,
                "program": line.program_title,
                "item": f"{line.product_name} {line.size}".strip(),
                "day": line.day.isoformat(),
                "location": line.location_name,
                "state": str(line.get_state_display()),
            }
            for line in lines
        ],
        "goods brought back": [
            {
                "day": row.day.isoformat(),
                "location": row.location.name,
                "item": f"{row.product_name} {row.size}".strip(),
                "code": display_gtin(row.gtin) if row.gtin else "",
                "quantity": row.quantity,
                "reason": str(row.get_reason_display()),
                "words": row.reason_text,
                "lot code": row.lot_code,
                "best by": row.best_by_on.isoformat(),
                "note": row.note,
                "bought": row.bought_on.isoformat() if row.bought_on else "",
                "became": [
                    {"state": str(step.get_state_display()), "moment": step.at.isoformat(), "note": step.note}
                    for step in row.steps.all()
                ],
            }
            for row in returns
        ],
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """The copied name becomes the pseudonym, settled or not: payers know a line by its item, day and account. What was
    brought back stays; words that somebody typed beside it go."""
    CreditLine.objects.filter(customer=customer).update(customer_name=" ".join(pseudonym(customer)))
    returns = ConsumerReturn.objects.filter(customer=customer)
    ScopedQuerySet.update(returns, note="", reason_text="")
    ScopedQuerySet.update(ReturnStep.objects.filter(consumer_return__in=returns.values("id")), note="")
