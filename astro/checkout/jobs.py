"""What happens at the till by the clock."""

from datetime import datetime, time, timedelta
from typing import Any

from astro.checkout.finishing import seal_left_open
from astro.checkout.presence import forget_pages
from astro.kit.outbox.handlers import daily, every, handles
from astro.kit.outbox.queue import Job, put_all
from astro.tenancy.models import Retailer

KEPT = timedelta(days=1)


@daily(at=time(9))
@handles("checkout.sweep_pages")
def sweep_pages(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's open pages swept: each inside its own wall, in a transaction of its own."""
    day = now.date().isoformat()
    put_all(
        [
            Job("checkout.forget_pages", {}, retailer_id, dedupe=f"checkout.forget_pages {day}")
            for retailer_id in Retailer.objects.order_by("pk").values_list("pk", flat=True)
        ],
        now=now,
    )


@handles("checkout.forget_pages")
def forget_closed_pages(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets pages that were closed without a word: a till that was switched off, a browser that was killed."""
    forget_pages(before=now - KEPT)


@every(hours=1)
@handles("checkout.seal")
def seal_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's visits looked through that nobody finished: it is midnight somewhere each hour."""
    moment = now.isoformat(timespec="hours")
    put_all(
        [
            Job("checkout.seal_left_open", {}, retailer_id, dedupe=f"checkout.seal_left_open {moment}")
            for retailer_id in Retailer.objects.order_by("pk").values_list("pk", flat=True)
        ],
        now=now,
    )


@handles("checkout.seal_left_open")
def seal_here(payload: dict[str, Any], *, now: datetime) -> None:
    """Seals this retailer's visits of earlier days that nobody finished: nothing is redeemed, the rewards wait."""
    seal_left_open(now=now)
