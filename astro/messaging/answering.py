"""What the reader of a letter answers by a link: yes, no, or yes again. It proves that they read that address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from astro.customers.consent.addresses import address_hash
from astro.customers.consent.asking import hear
from astro.customers.consent.ledger import Reach
from astro.customers.consent.queries import state_of_hash
from astro.customers.consent.wordings import mailing_list
from astro.customers.models import Act, Channel, Customer, Source
from astro.customers.queries import living
from astro.messaging.deliveries import queue_message
from astro.messaging.errors import NoLongerTheirs, OnlyPractice
from astro.messaging.links import Told
from astro.messaging.models import Delivery, MessageKind
from astro.tenancy.models import Retailer
from astro.tenancy.stores import Store, store_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Who opened a link, as far as the current retailer knows. `address` is empty where it is on file no more."""

    store: Store
    told: Told
    customer: Customer | None
    address: str
    state: Reach

    @property
    def is_theirs(self) -> bool:
        """Whether the address of the link is still this customer's."""
        return self.customer is not None and bool(self.address)


def reader_of(told: Told, *, retailer: Retailer) -> Reader:
    """Within the retailer of the link."""
    customer = _owner(told)
    address = customer.email if customer is not None and _is_of(customer, told) else ""
    return Reader(store_of(retailer), told, customer, address, state_of_hash(told.channel, told.address_hash))


@transaction.atomic
def join(reader: Reader, *, evidence: Mapping[str, Any], now: datetime) -> None:
    """The address is verified, and on the mailing list. Doing so twice changes nothing.

    Raises `NoLongerTheirs` where the customer has another address by now, or is none any more, and `OnlyPractice`: that
    customer's letters never leave the house, so whoever works here could say yes for any address typed there.
    """
    if not reader.is_theirs:
        raise NoLongerTheirs
    if reader.customer is not None and reader.customer.is_practice:
        raise OnlyPractice
    _lock(reader)
    if state_of_hash(reader.told.channel, reader.told.address_hash) != Reach.YES:
        _hear(reader, Act.YES, words=mailing_list(reader.store), evidence=evidence, now=now)


@transaction.atomic
def leave(reader: Reader, *, evidence: Mapping[str, Any], now: datetime) -> bool:
    """Nothing more goes to this address, whose ever it is by now; one mail confirms it. False where that was so."""
    _lock(reader)
    before = state_of_hash(reader.told.channel, reader.told.address_hash)
    if before == Reach.STOPPED:
        return False
    _hear(reader, Act.STOP, evidence=evidence, now=now)
    address = reader.address or _written_to(reader.told)
    if address and before != Reach.BOUNCES:
        queue_message(
            MessageKind.UNSUBSCRIBED, channel=Channel.EMAIL, address=address, customer=reader.customer, now=now
        )
    return True


def _owner(told: Told) -> Customer | None:
    """The customer of a link; where that account was merged into another one, whoever has its address now."""
    customer: Customer | None = Customer.objects.filter(pk=told.customer_id).first()
    if customer is not None and customer.retired_at is not None and customer.email_folded:
        heir: Customer | None = living().filter(email_folded=customer.email_folded).first()
        return heir if heir is not None and _is_of(heir, told) else customer
    return customer


def _is_of(customer: Customer, told: Told) -> bool:
    has_address = customer.retired_at is None and bool(customer.email)
    return has_address and address_hash(told.channel, customer.email) == told.address_hash


def _lock(reader: Reader) -> None:
    """Of two presses at once the second one comes after the first."""
    if reader.customer is not None:
        Customer.objects.select_for_update().filter(pk=reader.customer.pk).first()


def _hear(reader: Reader, act: Act, *, words: str = "", evidence: Mapping[str, Any], now: datetime) -> None:
    hear(
        reader.told.channel,
        reader.address or _written_to(reader.told),
        act,
        hashed=reader.told.address_hash,
        source=Source.LINK,
        customer=reader.customer,
        words=words,
        evidence=evidence,
        now=now,
    )


def _written_to(told: Told) -> str:
    """The address behind a hash, if a delivery still knows it: a customer who has another one by now may leave too."""
    rows = Delivery.objects.filter(channel=told.channel, customer_id=told.customer_id)
    last = rows.filter(address_hash=told.address_hash).exclude(address="").order_by("id").last()
    return last.address if last is not None else ""
