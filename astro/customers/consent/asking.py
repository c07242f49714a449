"""Everything that writes into the consent ledger.

Staff can ask and can stop. Only the customer says yes: by a reply, by a link, in the app.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from astro.accounts.errors import NotWhileActing
from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.ledger import Reach, may_be_asked
from astro.customers.consent.queries import address_of, may_ask_again_at, state_of
from astro.customers.details import fold_email
from astro.customers.errors import CannotAsk, Gone
from astro.customers.models import Act, Basis, Channel, Consent, Customer, Source, Wording
from astro.customers.queries import living, living_or_kept
from astro.kit.asking import asking
from astro.kit.outbox import queue
from astro.tenancy.current import current_retailer_id
from astro.tenancy.models import Location

STATE_COLUMN = {Channel.EMAIL: "email_state", Channel.TEXT: "text_state"}
SEND_REQUEST = "messaging.request"
"""The outbox row that has the request sent; its payload: `customer`, `channel`, `address_hash`, `by`, `at`."""


@transaction.atomic
def hear(
    channel: str,
    address: str,
    act: Act,
    *,
    hashed: str = "",
    source: Source,
    basis: Basis | str = "",
    customer: Customer | None,
    location: Location | None = None,
    by: User | None = None,
    words: str = "",
    evidence: Mapping[str, Any] | None = None,
    now: datetime,
) -> Consent:
    """Write down what was said about an address, with the words it answers to; its owner's state follows.

    `hashed` where the hash was written down earlier, as with an old link to unsubscribe: then that counts, and the
    address may be on file no longer (empty), or lead to whoever has it by now.
    """
    hashed = hashed or address_hash(channel, address)
    said = Consent(
        channel=channel,
        address_hash=hashed,
        act=act,
        basis=basis or (Basis.EXPRESS if act == Act.YES else ""),
        source=source,
        customer=customer,
        location=location,
        by=by,
        wording=_wording(words, now=now) if words else None,
        evidence=dict(evidence or {}),
        at=now,
    )
    said.save(force_insert=True)
    _refresh_others(channel, hashed, address=address, but=customer)
    if customer is not None:
        refresh(customer)
        record("consent changed", customer, by=by, at=location, now=now, channel=str(channel), act=str(act))
    return said


@transaction.atomic
def ask(customer: Customer, channel: str, *, words: str, by: User, at: Location, now: datetime) -> None:
    """Have the Welcome Email or the SMS Opt In Text sent, in the store's name. `words` are those of the request.

    Raises `CannotAsk` where there is no address, where the customer answered already or cannot be reached, and where
    they were asked just now; `Gone` for a retired customer; `NotWhileActing` for who acts as another.
    """
    if asking().really_by is not None:
        raise NotWhileActing
    living = Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).first()
    if living is None:
        raise Gone
    address = address_of(living, channel)
    state = state_of(channel, address)
    if not may_be_asked(state):
        raise CannotAsk(channel, state)
    again = may_ask_again_at(channel, address, now=now)
    if again > now:
        raise CannotAsk(channel, Reach.ASKED, until=at.time_zone and again.astimezone(at.time_zone))
    said = hear(
        channel, address, Act.ASKED, source=Source.TILL, customer=living, location=at, by=by, words=words, now=now
    )
    payload = {
        "customer": living.pk,
        "channel": str(channel),
        "address_hash": said.address_hash,
        "by": by.pk,
        "at": at.pk,
    }
    queue.put(SEND_REQUEST, payload, retailer_id=_retailer_id(), dedupe=f"{SEND_REQUEST} {said.pk}", now=now)
    customer.text_state, customer.email_state = living.text_state, living.email_state


def stop(customer: Customer, channel: str, *, by: User, at: Location, now: datetime) -> None:
    """The customer told somebody who works here to stop. Raises `CannotAsk` where there is no address."""
    address = address_of(customer, channel)
    if not address:
        raise CannotAsk(channel, Reach.NONE)
    hear(channel, address, Act.STOP, source=Source.TILL, customer=customer, location=at, by=by, now=now)


def refresh(customer: Customer) -> None:
    """Bring the two states of a customer's row up to what the ledger says; their one writer.

    The row is locked and read again: the one at hand may be as old as the sending of a letter, in which the address was
    corrected, and of two who hear something at once the second one adds up both.
    """
    row = _rows(customer).select_for_update(no_key=True).first()
    if row is None:
        return
    states = {column: state_of(channel, address_of(row, channel)) for channel, column in STATE_COLUMN.items()}
    if any(getattr(row, column) != state for column, state in states.items()):
        _rows(customer).update(**states)
    for column, state in states.items():
        setattr(customer, column, state)


def _refresh_others(channel: str, hashed: str, *, address: str, but: Customer | None) -> None:
    """Whoever else was ever heard about this address, or has it by now, also by a merge: an old link may outlive a
    change of hands."""
    owners = Consent.objects.filter(channel=channel, address_hash=hashed, customer__isnull=False)
    heard = {*owners.values_list("customer_id", flat=True), *([but.pk] if but else [])}
    others = {owner.pk: owner for owner in map(living_or_kept, heard) if owner and owner != but}
    if address:
        of_now = {"email_folded": fold_email(address)} if channel == Channel.EMAIL else {"phone": address}
        others |= {owner.pk: owner for owner in living().filter(**of_now) if owner != but}
    for _pk, owner in sorted(others.items()):
        refresh(owner)


def _rows(customer: Customer) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(pk=customer.pk)
    return rows


def _wording(words: str, *, now: datetime) -> Wording:
    """The row that keeps these words, word for word."""
    digest = sha256(words.encode()).hexdigest()
    known: Wording | None = Wording.objects.filter(digest=digest).first()
    if known is None:
        Wording.objects.bulk_create([Wording(digest=digest, text=words, first_used_at=now)], ignore_conflicts=True)
        known = Wording.objects.get(digest=digest)
    return known


def _retailer_id() -> int:
    retailer_id = current_retailer_id()
    assert retailer_id is not None
    return retailer_id
