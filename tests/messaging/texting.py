"""What tests of texts need: a store with a number, who is asked, and hooks called as the service calls them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.customers.consent.asking import ask
from astro.customers.consent.queries import state_of
from astro.customers.models import Channel, Customer
from astro.customers.requests import words_of_request
from astro.kit.outbox.worker import Pace, work_off
from astro.messaging.models import Delivery
from astro.messaging.texts.numbers import take_number
from astro.messaging.texts.signatures import signature_of
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside
from tests.messaging.gateway import TOKEN, Service

OURS, BETTYS = "+14065550100", "+14065550142"
FORM = "application/x-www-form-urlencoded"
PUBLIC = "https://cards.example.com"


def set_up(settings: Any, service: Service | None) -> None:
    """The settings of an installation that texts, or of one that does not."""
    settings.PUBLIC_URL = PUBLIC
    settings.TEXT_GATEWAY = service.settings if service else None


def give_number(retailer: Retailer, number: str = OURS) -> None:
    with inside(retailer):
        take_number(number, now=NOW)


def ask_by_text(customer: Customer, *, by: User, at: Location, now: datetime = NOW) -> None:
    with inside(at.retailer):
        ask(customer, Channel.TEXT, words=words_of_request(Channel.TEXT, at.retailer), by=by, at=at, now=now)


def send_all(now: datetime = NOW) -> None:
    """Everything that is due at that moment is done, as a worker does it."""
    work_off(pace=Pace(), clock=lambda: now)


def deliveries(retailer: Retailer) -> list[Delivery]:
    with inside(retailer):
        return list(Delivery.objects.order_by("id"))


def state(retailer: Retailer, number: str = BETTYS) -> str:
    with inside(retailer):
        return str(state_of(Channel.TEXT, number))


def text_in(retailer: Retailer | int, body: str, *, sid: str = "SM1", sender: str = BETTYS, **told: str) -> Any:
    """A text comes in: the hook is called."""
    form = {"MessageSid": sid, "From": sender, "To": OURS, "Body": body, "NumMedia": "0", **told}
    return call("messaging:text_in", _id(retailer), form=form)


def status_of(delivery: Delivery, status: str, *, sid: str = "SM0", code: str = "", at: int | None = None) -> Any:
    form = {"MessageSid": sid, "MessageStatus": status, **({"ErrorCode": code} if code else {})}
    return call("messaging:text_status", at or delivery.retailer_id, delivery.token, form=form)


def call(route: str, *ids: Any, form: dict[str, str], token: str = TOKEN, signature: str | None = None) -> Any:
    """Calls one of our hooks, signed for its address."""
    path = reverse(route, args=ids)
    right = signature_of(settings.PUBLIC_URL + path, {name: [value] for name, value in form.items()}, token=token)
    headers = {"X-Twilio-Signature": right if signature is None else signature}
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return strict.post(path, urlencode(form), FORM, headers=headers)


def _id(retailer: Retailer | int) -> int:
    return retailer if isinstance(retailer, int) else retailer.pk
