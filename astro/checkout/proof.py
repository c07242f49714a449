"""What shows a payer that a reward was earned: the punches that the card held when it was handed out."""

from __future__ import annotations

from typing import Any

from astro.cards.models import Punch, PunchState
from astro.checkout.models import Purchase


def proof_of(card_id: int) -> list[dict[str, Any]]:
    """The punches on a card, as plain words: day, location, item, code, price. Nothing about the customer."""
    punches = Punch.objects.filter(card=card_id, state=PunchState.LIVE).select_related("location")
    rows = list(punches.order_by("position"))
    purchases = Purchase.objects.in_bulk({punch.cause_id for punch in rows})
    return [_line(punch, purchases.get(punch.cause_id)) for punch in rows]


def _line(punch: Punch, purchase: Purchase | None) -> dict[str, Any]:
    return {
        "day": punch.day.isoformat(),
        "location": punch.location.name,
        "product_id": str(punch.product_id),
        "gtin": purchase.gtin if purchase else "",
        "name": purchase.name if purchase else "",
        "size": purchase.size if purchase else "",
        "msrp_cents": purchase.msrp_cents if purchase else None,
    }
