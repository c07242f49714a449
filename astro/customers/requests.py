"""Asking a customer for their yes: the Welcome Email and the SMS Opt In Text, in the store's own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from astro.accounts.models import User
from astro.customers.consent.asking import ask
from astro.customers.consent.wordings import mailing_list, opt_in_text
from astro.customers.errors import CannotAsk
from astro.customers.models import Channel, Customer
from astro.tenancy.models import Location, Retailer
from astro.tenancy.stores import store_of


@dataclass(frozen=True, slots=True)
class Requests:
    """What became of the requests that somebody wanted sent: those that go, and for the others why they must not."""

    going: tuple[Channel, ...]
    refused: tuple[CannotAsk, ...]


def send_requests(
    customer: Customer, channels: Iterable[Channel], *, by: User, at: Location, now: datetime
) -> Requests:
    """Ask over each of the channels. One that must not be asked holds up neither the other one nor the caller.

    Raises `Gone` for a retired customer.
    """
    going, refused = [], []
    for channel in channels:
        try:
            ask(customer, channel, words=words_of_request(channel, at.retailer), by=by, at=at, now=now)
        except CannotAsk as why:
            refused.append(why)
        else:
            going.append(channel)
    return Requests(tuple(going), tuple(refused))


def words_of_request(channel: Channel, retailer: Retailer) -> str:
    """What the customer is asked, word for word: the whole text, or the sentence beside the e-mail's button."""
    store = store_of(retailer)
    if channel == Channel.EMAIL:
        return mailing_list(store)
    terms_url = settings.PUBLIC_URL + reverse("messaging:terms", args=[retailer.pk])
    return opt_in_text(store, terms_url=terms_url)
