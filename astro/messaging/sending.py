"""One delivery on its way: marked as being sent and committed, then handed over, then what became of it.

What leaves the house cannot be taken back, so it never leaves within a transaction that might be: the mark `sending`
is committed first. A worker that is killed between the two leaves the mark, and `settle` says later that nobody knows.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from astro.customers.consent.asking import hear
from astro.customers.models import Act, Source
from astro.kit.outbox import queue
from astro.messaging.channels import Composed, NotAllowed, Refused, Sender, Sent, TryLater, Unclear
from astro.messaging.deliveries import have_delivered, move, waiting
from astro.messaging.mailbox import keep
from astro.messaging.models import Delivery, DeliveryState
from astro.messaging.resting import LOOKS_AGAIN, must_wait, why_never
from astro.messaging.senders import sender_of
from astro.tenancy.current import within

SETTLE = "messaging.settle"
"""The outbox row that looks after a delivery which was being sent; its payload: `delivery`, `attempt`."""

SETTLED_AFTER = timedelta(minutes=15)
PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8), timedelta(minutes=32), timedelta(hours=2)]
"""How long to wait after the first, second, … time that the other side was busy. After the last one it has failed."""

LONGEST_PAUSE = timedelta(days=1)

NUMBERS = re.compile(r"\b[45]\d\d( [45]\.\d{1,3}\.\d{1,3})?\b")
"""As SMTP says no: 550 5.1.1."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is sent after the commit, and which try it is."""

    delivery: Delivery
    attempt: int
    sender: Sender
    message: Composed


def deliver(delivery_id: int, *, now: datetime) -> None:
    """Send a waiting delivery once the current transaction is committed; keep it where there is nobody to give it to.

    Does nothing where it waits no longer: it was sent, or another worker was faster.
    """
    if (delivery := waiting(delivery_id)) is None:
        return
    if reason := why_never(delivery, now=now):
        move(delivery, DeliveryState.CANCELLED, reason=reason, now=now)
        return
    if must_wait(delivery, now=now):
        have_delivered(delivery, due=now + LOOKS_AGAIN, now=now)
        return
    sender = sender_of(delivery.channel)
    try:
        message = sender.compose(delivery, now=now)
    except NotAllowed as refusal:
        move(delivery, DeliveryState.CANCELLED, reason=str(refusal), now=now)
        return
    if not sender.is_set_up() or (delivery.customer is not None and delivery.customer.is_practice):
        if move(delivery, DeliveryState.KEPT, now=now):
            keep(delivery, message, now=now)
        return
    attempt = delivery.attempts + 1
    if not move(
        delivery, DeliveryState.SENDING, attempt=attempt - 1, now=now, also={"attempts": attempt, "sending_at": now}
    ):
        return
    payload = {"delivery": delivery.pk, "attempt": attempt}
    queue.put(SETTLE, payload, retailer_id=delivery.retailer_id, due=now + SETTLED_AFTER, now=now)
    transaction.on_commit(partial(transmit, Errand(delivery, attempt, sender, message), now=now), robust=True)


def transmit(errand: Errand, *, now: datetime) -> None:
    """Hand it over, outside of any transaction, and write down what became of it in one of its own."""
    try:
        outcome: Sent | Refused | TryLater | Unclear = errand.sender.send(errand.message)
    except (Refused, TryLater, Unclear) as told:
        outcome = told
    except Exception as error:
        log.exception("Sending ended in a way that nobody foresaw.")
        outcome = Unclear(type(error).__name__)
    with within(errand.delivery.retailer_id), transaction.atomic():
        write_down(errand, outcome, now=now)


def write_down(errand: Errand, outcome: Sent | Refused | TryLater | Unclear, *, now: datetime) -> None:
    """What became of a try. Does nothing to a delivery that was settled, or of which a hook told, in the meantime."""
    delivery = errand.delivery
    if isinstance(outcome, Sent):
        told = {"provider_id": outcome.provider_id[:100], "segments": outcome.segments, "sent_at": now}
        if not move(delivery, DeliveryState.SENT, attempt=errand.attempt, now=now, also=told):
            Delivery.objects.filter(pk=delivery.pk).update(**told)
    elif isinstance(outcome, TryLater):
        _again(errand, outcome, now=now)
    elif isinstance(outcome, Unclear):
        reason = _("The connection broke before we heard whether it was taken. It is not sent again: %(why)s")
        move(delivery, DeliveryState.UNKNOWN, attempt=errand.attempt, reason=reason % {"why": outcome}, now=now)
    else:
        _refused(errand, outcome, now=now)


def settle(delivery_id: int, attempt: int, *, now: datetime) -> None:
    """What is being sent for so long was cut off in the middle: it may have gone, so it is not sent again."""
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is not None:
        reason = _("Sending was cut off in the middle. It may have arrived, so it is not sent again.")
        move(delivery, DeliveryState.UNKNOWN, attempt=attempt, reason=reason, now=now)


def _again(errand: Errand, outcome: TryLater, *, now: datetime) -> None:
    if errand.attempt > len(PAUSES):
        reason = _("It could not be handed over, %(count)s times in a row: %(why)s")
        told = reason % {"count": errand.attempt, "why": outcome}
        move(errand.delivery, DeliveryState.FAILED, attempt=errand.attempt, reason=told, now=now)
        return
    pause = min(max(PAUSES[errand.attempt - 1], outcome.after or timedelta()), LONGEST_PAUSE)
    if move(errand.delivery, DeliveryState.QUEUED, attempt=errand.attempt, reason=str(outcome), now=now):
        have_delivered(errand.delivery, due=now + pause, now=now)


def _refused(errand: Errand, outcome: Refused, *, now: datetime) -> None:
    """An address that cannot be reached, or whose owner stopped, is noted in the consent ledger as well."""
    delivery = errand.delivery
    state = DeliveryState.BOUNCED if outcome.is_dead else DeliveryState.FAILED
    if not move(delivery, state, attempt=errand.attempt, reason=str(outcome), now=now):
        return
    if outcome.is_dead or outcome.has_stopped:
        hear(
            delivery.channel,
            delivery.address,
            Act.STOP if outcome.has_stopped else Act.BOUNCED,
            hashed=delivery.address_hash,
            source=Source.HOOK,
            customer=delivery.customer,
            evidence={"delivery": delivery.token, "told": _in_short(outcome)},
            now=now,
        )


def _in_short(outcome: Refused) -> str:
    """What stays in the ledger for ever: the server's numbers, for its words often repeat the address."""
    numbers = NUMBERS.search(str(outcome))
    return numbers[0] if numbers else str(outcome)[:300]
