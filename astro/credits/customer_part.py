"""What this module keeps of a customer (`customers/parts.py`): credit lines, each with its own copy of the name.

The copy is what the payer was told on that day, so a merge leaves it; whose line it is follows the redemption.
"""

from __future__ import annotations

from datetime import date, datetime

from astro.cards.models import Redemption
from astro.credits.models import CreditLine
from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section, pseudonym


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    lines = CreditLine.objects.filter(customer=gone)
    moved = sorted(lines.values_list("id", flat=True))
    lines.update(customer=kept)
    return {"lines": moved}


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    """Each line goes where its redemption went: `cards` comes before this module."""
    of_gone = Redemption.objects.filter(customer=gone).values("pk")
    CreditLine.objects.filter(customer=kept, redemption_id__in=of_gone).update(customer=gone)


def outline(customer: Customer) -> Outline:
    return []


def tell(customer: Customer) -> dict[str, Section]:
    lines = CreditLine.objects.filter(customer=customer).order_by("created_at", "id")
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
        ]
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """The copied name becomes the pseudonym, settled or not: payers know a line by its item, day and account."""
    CreditLine.objects.filter(customer=customer).update(customer_name=" ".join(pseudonym(customer)))
