"""Goods that a few customers brought back in the last days, each in another state."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from astro.accounts.models import User
from astro.catalog.models import Brand, Distributor, Product
from astro.checkout.models import Purchase
from astro.credits.models import DeclineReason, ReturnReason, ReturnState
from astro.credits.returns.actions import Bought, Brought, move_on, submit_return, write_terms
from astro.desk.demo.script import Script
from astro.kit.ids import new_uuid7
from astro.tenancy.models import Location

BRAND, PAYER, PLACE = "Northpaw", "Paws Distributing", "Midtown"
WITHIN_DAYS: Final = 60

STORIES: Final = (
    (ReturnReason.SMELL, "", ()),
    (ReturnReason.SEAL, "", (ReturnState.IN_REVIEW,)),
    (ReturnReason.REFUSED, "", (ReturnState.DECLINED,)),
    (ReturnReason.OTHER, "Moths in the bag", (ReturnState.APPROVED,)),
    (ReturnReason.RECALL, "", (ReturnState.APPROVED, ReturnState.CREDITED)),
)
"""Why, in which words, and what became of it. The newest comes first."""


def take_part(script: Script, brand: Brand) -> None:
    """The brand takes goods back that were recorded as bought lately."""
    write_terms(brand, from_on=script.begin, bought_within_days=WITHIN_DAYS, now=script.now)


def bring_back(script: Script, place: Location, *, number: str, by: User, answered_by: User) -> None:
    """The customers who bought the brand last bring one of it back, in the last hour that is told."""
    payer, today = Distributor.objects.get(name=PAYER), place.day(script.now)
    products = {row.pk: row for row in Product.objects.filter(brand__name=BRAND).select_related("brand")}
    bought: dict[int, Purchase] = {}
    rows = Purchase.objects.filter(location=place, product_id__in=list(products), voids=None, customer__retired_at=None)
    rows = rows.filter(customer__is_practice=False, day__gte=today - timedelta(days=WITHIN_DAYS))
    for row in rows.select_related("customer").order_by("-occurred_at", "id")[:50]:
        bought.setdefault(row.customer_id, row)
    for at, ((reason, words, states), row) in enumerate(zip(STORIES, bought.values(), strict=False), start=1):
        moment = script.now - timedelta(minutes=10 * at)
        brought = Brought(
            key=new_uuid7(moment),
            product=products[row.product_id],
            reason=reason,
            reason_text=words,
            lot_code=f"NP{row.day:%y%j}{at}",
            best_by_on=row.day + timedelta(days=400),
            bought=Bought(purchase_id=row.pk, on=row.day, units=row.quantity),
            distributor=payer,
            account_number=number,
        )
        made = submit_return(row.customer, brought, at=place, by=by, now=moment)
        for minutes, state in enumerate(states, start=1):
            move_on(
                made,
                state,
                decline_reason=DeclineReason.ACCOUNT_NUMBER if state == ReturnState.DECLINED else "",
                by=answered_by,
                now=moment + timedelta(minutes=minutes),
            )
