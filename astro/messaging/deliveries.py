"""The life of a delivery: which state may follow which, and the one way in which it moves.

Every move is a guarded update: it changes the row only where that still is in a state from which it may go there. So of
two workers one sends; a report that comes before our own note of having sent, or after somebody gave up, is kept as
far as it tells something new.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from astro.accounts.errors import NotWhileActing
from astro.accounts.models import User
from astro.customers.consent.addresses import address_hash
from astro.customers.models import Channel, Customer
from astro.kit.asking import asking
from astro.kit.outbox import queue
from astro.messaging.models import Delivery, DeliveryState, MessageKind
from astro.tenancy.current import current_retailer_id
from astro.tenancy.models import Location

DELIVER = "messaging.deliver"
"""The outbox row that has a delivery sent; its payload: `delivery`."""

REASON_LENGTH = 200

MAY_FOLLOW: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING}),
    DeliveryState.SENDING: frozenset({DeliveryState.QUEUED}),
    DeliveryState.KEPT: frozenset({DeliveryState.QUEUED}),
    DeliveryState.CANCELLED: frozenset({DeliveryState.QUEUED}),
    DeliveryState.SENT: frozenset({DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.QUEUED}),
    DeliveryState.UNKNOWN: frozenset({DeliveryState.SENDING}),
    DeliveryState.DELIVERED: frozenset(
        {DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.QUEUED}
    ),
    DeliveryState.FAILED: frozenset({DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN}),
    DeliveryState.BOUNCED: frozenset(
        {DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.DELIVERED}
    ),
}
"""By the state to come: those that it may come from. Back to waiting only from sending, where nothing has left; where a
hook tells that it had left after all, it waits no longer."""


def queue_message(
    kind: MessageKind,
    *,
    channel: Channel | str,
    address: str,
    customer: Customer | None,
    by: User | None = None,
    at: Location | None = None,
    now: datetime,
) -> Delivery:
    """One message to one address, to be sent once the current transaction is committed. Whether it may go is asked
    when it goes."""
    delivery = new_delivery(
        kind,
        channel=channel,
        address=address,
        hashed=address_hash(channel, address),
        customer=customer,
        by=by,
        at=at,
        now=now,
    )
    delivery.save(force_insert=True)
    have_delivered(delivery, now=now)
    return delivery


def new_delivery(
    kind: MessageKind,
    *,
    channel: Channel | str,
    address: str,
    hashed: str,
    customer: Customer | None,
    by: User | None = None,
    at: Location | None = None,
    now: datetime,
) -> Delivery:
    """The row, not yet saved, with a name that nobody can guess. Raises NotWhileActing."""
    _refuse_in_anothers_name()
    return Delivery(
        kind=kind,
        channel=channel,
        address=address,
        address_hash=hashed,
        customer=customer,
        by=by,
        location=at,
        token=secrets.token_urlsafe(24),
        created_at=now,
        changed_at=now,
    )


def have_delivered(delivery: Delivery, *, now: datetime, due: datetime | None = None) -> None:
    """Put the outbox row that sends it, at `due` or at once. Raises NotWhileActing."""
    _refuse_in_anothers_name()
    queue.put(DELIVER, {"delivery": delivery.pk}, retailer_id=delivery.retailer_id, due=due, now=now)


def _refuse_in_anothers_name() -> None:
    """Every message comes by here, new or again: nobody writes to people in another's name."""
    if asking().really_by is not None:
        raise NotWhileActing


def waiting(delivery_id: int) -> Delivery | None:
    """A delivery that still is to be sent."""
    rows: QuerySet[Delivery] = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.QUEUED)
    return rows.select_related("retailer", "customer", "location", "by").first()


def move(
    delivery: Delivery,
    state: DeliveryState,
    *,
    attempt: int | None = None,
    reason: str = "",
    now: datetime,
    also: Mapping[str, Any] | None = None,
) -> bool:
    """Bring it into another state. False where this may not follow, or where it was tried again since `attempt`."""
    columns = {"state": state, "reason": reason[:REASON_LENGTH], "changed_at": now, **(also or {})}
    rows = Delivery.objects.filter(pk=delivery.pk, state__in=MAY_FOLLOW[state])
    if attempt is not None:
        rows = rows.filter(attempts=attempt)
    if rows.update(**columns) != 1:
        return False
    for name, value in columns.items():
        setattr(delivery, name, value)
    return True


def retailer_id_here() -> int:
    """The current retailer's id. Messages are some store's, always."""
    retailer_id = current_retailer_id()
    assert retailer_id is not None
    return retailer_id
