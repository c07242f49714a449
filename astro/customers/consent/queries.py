"""What the consent ledger says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from astro.customers.consent.addresses import address_hash
from astro.customers.consent.ledger import CLOSED, Reach, Said, add_up
from astro.customers.models import OFFERS, Act, Channel, Consent, Customer, Source

ASKED_AGAIN_AFTER = timedelta(minutes=10)
ASKED_MOST_A_DAY = 5


def address_of(customer: Customer, channel: str) -> str:
    """Where this customer is reached over a channel; empty where nothing is on file."""
    return customer.email if channel == Channel.EMAIL else customer.phone


def said_about(channel: str, hashed: str, *, purpose: str = OFFERS) -> QuerySet[Consent]:
    """Everything about one address, the first thing first."""
    rows: QuerySet[Consent] = Consent.objects.filter(channel=channel, address_hash=hashed, purpose=purpose)
    return rows.order_by("id")


def state_of(channel: str, address: str) -> Reach:
    """How things stand with an address now; `NONE` for no address."""
    return state_of_hash(channel, address_hash(channel, address)) if address else Reach.NONE


def state_of_hash(channel: str, hashed: str) -> Reach:
    """The same where only the hash is known."""
    rows = said_about(channel, hashed).values_list("act", "basis", "source")
    return add_up(Said(*row) for row in rows)


def states_of(channel: str, addresses: Iterable[str]) -> dict[str, Reach]:
    """The same for many addresses with one question; by address."""
    hashes = {address_hash(channel, address): address for address in addresses if address}
    said: dict[str, list[Said]] = {hashed: [] for hashed in hashes}
    rows = Consent.objects.filter(channel=channel, purpose=OFFERS, address_hash__in=list(hashes)).order_by("id")
    for hashed, *row in rows.values_list("address_hash", "act", "basis", "source"):
        said[hashed].append(Said(*row))
    return {hashes[hashed]: add_up(rows) for hashed, rows in said.items()}


def only_the_phone_reopens(address: str) -> bool:
    """Whether texts to this number were stopped, or do not arrive, and not because their owner switched them off in the
    app. Whoever signs in to the app has shown that they read an e-mail address, not that they hold the phone: then only
    a START from the phone itself counts.
    """
    if not address or state_of(Channel.TEXT, address) not in CLOSED:
        return False
    closing = [Act.STOP, Act.COMPLAINED, Act.BOUNCED]
    said = said_about(Channel.TEXT, address_hash(Channel.TEXT, address)).filter(act__in=closing)
    return any(source != Source.APP for source in said.order_by("-id").values_list("source", flat=True)[:1])


def last_asked(channel: str, address: str) -> Consent | None:
    """The last time that the store asked, with who asked and when."""
    hashed = address_hash(channel, address)
    return said_about(channel, hashed).filter(act=Act.ASKED).select_related("by").last()


def may_ask_again_at(channel: str, address: str, *, now: datetime) -> datetime:
    """From when on the store may ask again, so that nobody is nagged: `now`, or a moment to come."""
    hashed = address_hash(channel, address)
    since = now - timedelta(days=1)
    asked = list(said_about(channel, hashed).filter(act=Act.ASKED, at__gt=since).values_list("at", flat=True))
    moments = [now]
    if asked:
        moments.append(asked[-1] + ASKED_AGAIN_AFTER)
    if len(asked) >= ASKED_MOST_A_DAY:
        moments.append(asked[-ASKED_MOST_A_DAY] + timedelta(days=1))
    return max(moments)


def consent_history(customer: Customer) -> QuerySet[Consent]:
    """Everything said by or about this customer's addresses, the latest first."""
    rows: QuerySet[Consent] = Consent.objects.filter(customer=customer).select_related("by", "location", "wording")
    return rows.order_by("-id")
