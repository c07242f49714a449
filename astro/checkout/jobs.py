"""What happens at the till by the clock."""

from datetime import datetime, time, timedelta
from typing import Any

from astro.checkout.exceptions.actions import GIVE, give
from astro.checkout.finishing import seal_left_open
from astro.checkout.models import ExceptionTicket
from astro.checkout.photos import forget_loose_photos
from astro.checkout.presence import forget_pages
from astro.checkout.waiting import tell_of_waiting
from astro.kit.outbox.handlers import daily, every, handles
from astro.tenancy.everywhere import put_everywhere

KEPT = timedelta(days=1)


@daily(at=time(9))
@handles("checkout.sweep_pages")
def sweep_pages(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's open pages swept: each inside its own wall, in a transaction of its own."""
    put_everywhere("checkout.forget_pages", once=now.date().isoformat(), now=now)


@handles("checkout.forget_pages")
def forget_closed_pages(payload: dict[str, Any], *, now: datetime) -> None:
    """Forgets pages that were closed without a word, and photos of paper cards that were never saved."""
    forget_pages(before=now - KEPT)
    forget_loose_photos(before=now - KEPT)


@every(hours=1)
@handles("checkout.seal")
def seal_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's visits looked through that nobody finished: it is midnight somewhere each hour."""
    put_everywhere("checkout.seal_left_open", once=now.isoformat(timespec="hours"), now=now)


@handles("checkout.seal_left_open")
def seal_here(payload: dict[str, Any], *, now: datetime) -> None:
    """Seals this retailer's visits of earlier days that nobody finished: nothing is redeemed, the rewards wait."""
    seal_left_open(now=now)


@every(hours=1)
@handles("checkout.tell_waiting")
def tell_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's tills looked through that hold purchases for too long."""
    put_everywhere("checkout.tell_of_waiting", once=now.isoformat(timespec="hours"), now=now)


@handles("checkout.tell_of_waiting")
def tell_here(payload: dict[str, Any], *, now: datetime) -> None:
    """Tells this retailer's head office of tills that have held purchases for a day."""
    tell_of_waiting(now=now)


@handles(GIVE)
def give_exception(payload: dict[str, Any], *, now: datetime) -> None:
    """The punches of an approved exception."""
    ticket = ExceptionTicket.objects.select_related("location", "asked_by", "program_card").get(pk=payload["ticket"])
    give(ticket, number=payload["number"], now=now)
