"""What happens to cards by the clock."""

from datetime import datetime
from typing import Any

from astro.cards.actions import expire_punches
from astro.kit.outbox.handlers import every, handles
from astro.tenancy.everywhere import put_everywhere
from astro.tenancy.models import Location


@every(hours=6)
@handles("cards.expire")
def expire_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's cards looked through: each inside its own wall, in transactions of its own."""
    put_everywhere("cards.expire_punches", once=now.isoformat(timespec="hours"), now=now)


@handles("cards.expire_punches")
def expire_here(payload: dict[str, Any], *, now: datetime) -> None:
    """Takes punches past their last day off this retailer's open cards, once it is past at all of its locations."""
    days = [location.day(now) for location in Location.objects.all()]
    if days:
        expire_punches(today=min(days))
