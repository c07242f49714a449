"""What tests of mail need: a store with an address, somebody who is asked, and a worker."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from astro.accounts.models import User
from astro.customers.consent.queries import state_of
from astro.customers.models import Channel, Customer
from astro.customers.requests import send_requests
from astro.kit.outbox.worker import Pace, work_off
from astro.messaging.models import Delivery, KeptMessage
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside

BETTYS = "betty.smith@example.com"
PUBLIC = "https://cards.example.com"
STREET = ("12 Main Street", "Bozeman, MT 59715")


def set_up(settings: Any, *, port: int | None, seconds: float = 5) -> None:
    """The settings of an installation that sends mail to a server on loopback, or of one that does not send."""
    settings.PUBLIC_URL = PUBLIC
    settings.MAIL_ROUTE = "smtp" if port else ""
    settings.MAIL_FROM = "stores@example.com"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port or 9
    settings.EMAIL_TIMEOUT, settings.MAIL_DEADLINE = seconds, seconds * 2


def tell_address(location: Location) -> None:
    """The store as its customers know it."""
    with inside(location.retailer):
        location.store_name = "Midtown Pet Supply"
        location.street, location.city, location.postcode = STREET[0], "Bozeman", "59715"
        location.email, location.phone = "hello@midtown.example", "+14065550100"
        location.save()


def ask_by_mail(customer: Customer, *, by: User, at: Location, now: datetime = NOW) -> None:
    with inside(at.retailer):
        requests = send_requests(customer, [Channel.EMAIL], by=by, at=at, now=now)
        assert requests.refused == ()


def send_all(now: datetime = NOW) -> None:
    """Everything that is due at that moment is done, as a worker does it."""
    work_off(pace=Pace(), clock=lambda: now)


def deliveries(retailer: Retailer) -> list[Delivery]:
    with inside(retailer):
        return list(Delivery.objects.order_by("id"))


def told(retailer: Retailer) -> list[tuple[str, str]]:
    """Each delivery in a word: its kind and its state."""
    return [(delivery.kind, delivery.state) for delivery in deliveries(retailer)]


def kept(retailer: Retailer) -> list[KeptMessage]:
    with inside(retailer):
        return list(KeptMessage.objects.order_by("id"))


def state(retailer: Retailer, address: str = BETTYS) -> str:
    with inside(retailer):
        return str(state_of(Channel.EMAIL, address))


def path_in(text: str, page: str) -> str:
    """The path of the link to that page, as it stands in a letter's plain part."""
    found = re.search(rf"\S+/{page}/\S+", text)
    assert found is not None, f"No link to {page} in {text}"
    return urlsplit(found[0]).path
