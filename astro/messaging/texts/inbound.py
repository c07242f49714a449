"""What customers text back: heard at once, answered once, and read by a person where it was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.asking import hear
from astro.customers.consent.ledger import Reach
from astro.customers.consent.queries import last_asked, state_of
from astro.customers.models import Act, Channel, Customer, Source
from astro.customers.queries import living
from astro.messaging.deliveries import queue_message
from astro.messaging.models import MessageKind, Reply
from astro.messaging.texts.keywords import Meaning, understand

MOST_ANSWERS_A_DAY = 10
"""To one number: two machines that answer each other must come to an end. What was said is heard all the same."""

LONGEST_BODY = 1600


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text as the service hands it over. `sender` and `to` in E.164; `provider_id` is the service's name for it.

    `meaning`: the service itself listens to keywords and has answered this one, so that we must not answer again.
    """

    provider_id: str
    sender: str
    to: str
    body: str
    meaning: Meaning | None = None


@transaction.atomic
def receive(text: Incoming, *, now: datetime) -> Reply | None:
    """Hear a text to the current retailer. None where it came before: nothing is done twice.

    A number that nobody has is heard as well: a stop counts from the moment in which its owner becomes a customer.
    """
    if Reply.objects.filter(provider_id=text.provider_id).exists():
        return None
    customer = living().select_for_update().filter(phone=text.sender).first()  # of two texts at once one comes second
    state = state_of(Channel.TEXT, text.sender)
    meaning = text.meaning or understand(text.body, was_asked=state in (Reach.ASKED, Reach.YES))
    reply = Reply(
        provider_id=text.provider_id,
        sender=text.sender,
        address_hash=address_hash(Channel.TEXT, text.sender),
        customer=customer,
        body=text.body[:LONGEST_BODY],
        meaning=meaning,
        received_at=now,
    )
    try:
        with transaction.atomic():
            reply.save(force_insert=True)
    except IntegrityError:
        if Reply.objects.filter(provider_id=text.provider_id).exists():
            return None  # the same call came twice at once
        raise
    record("reply received", reply, by=None, at=None, now=now, meaning=meaning.value)
    answer = _heard(reply, meaning, state, to=text.to, now=now)
    if answer and text.meaning is None and not _was_answered_enough(reply, now=now):
        queue_message(answer, channel=Channel.TEXT, address=reply.sender, customer=customer, now=now)
    return reply


@transaction.atomic
def take_as_stop(reply: Reply, *, by: User, now: datetime) -> bool:
    """Somebody who works here has read it: it means stop. False where it was settled before.

    No confirmation goes: one that comes so late would be one text too many.
    """
    if not settle(reply, by=by, now=now):
        return False
    hear(
        Channel.TEXT,
        reply.sender,
        Act.STOP,
        hashed=reply.address_hash,
        source=Source.REPLY,
        customer=_owner(reply),
        by=by,
        evidence={"provider_id": reply.provider_id},  # free words may name somebody: they stay with the reply alone
        now=now,
    )
    return True


def settle(reply: Reply, *, by: User, now: datetime) -> bool:
    """Somebody who works here has read it. False where that was done before."""
    waits = Reply.objects.filter(pk=reply.pk, meaning=Meaning.UNKNOWN, settled_at__isnull=True)
    if not waits.update(settled_at=now, settled_by=by):
        return False
    record("reply settled", reply, by=by, at=None, now=now)
    return True


def _heard(reply: Reply, meaning: Meaning, state: Reach, *, to: str, now: datetime) -> MessageKind | None:
    """Write down what was said, and say with what to answer. Who says the same again gets nothing more."""
    told: dict[str, Any] = {"source": Source.REPLY, "customer": reply.customer, "evidence": _evidence(reply, to=to)}
    if meaning is Meaning.STOP and state is not Reach.STOPPED:
        hear(Channel.TEXT, reply.sender, Act.STOP, **told, now=now)
        return MessageKind.STOPPED
    if meaning is Meaning.START and state is not Reach.YES:
        asked = last_asked(Channel.TEXT, reply.sender)
        words = asked.wording.text if asked and asked.wording else ""
        hear(Channel.TEXT, reply.sender, Act.YES, words=words, **told, now=now)
        return MessageKind.SUBSCRIBED
    return MessageKind.HELP if meaning is Meaning.HELP else None


def _was_answered_enough(reply: Reply, *, now: datetime) -> bool:
    lately = Reply.objects.filter(address_hash=reply.address_hash, received_at__gt=now - timedelta(days=1))
    return lately.exclude(meaning=Meaning.UNKNOWN).count() > MOST_ANSWERS_A_DAY


def _evidence(reply: Reply, **also: str) -> dict[str, str]:
    return {"reply": reply.body, "provider_id": reply.provider_id, **also}


def _owner(reply: Reply) -> Customer | None:
    """Who has the number now: they may have become a customer since, or it may have changed hands."""
    if not reply.sender:
        return None
    owner: Customer | None = living().select_for_update().filter(phone=reply.sender).first()
    return owner
