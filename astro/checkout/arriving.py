"""What a till kept comes in: recorded as of its real moment, or kept for a person, or both; once, whatever is repeated.

All of it is one transaction, and its last row is the gate: the `Arrival`, one for each key. Whoever sends the same at
the same moment and comes second undoes what they did, and answers as the first one did. The gate cannot stand first,
because the row is a fact and says what became of the visit.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from astro.accounts.models import Masquerade, Membership, User
from astro.activity.actions import record
from astro.checkout.arrivals import Goods, Moment, SentVisit, about, judge, words_of
from astro.checkout.basket import read_basket
from astro.checkout.errors import BadVisit
from astro.checkout.late import first_day
from astro.checkout.models import Arrival, KeptVisit, Outcome, Visit, Why
from astro.checkout.taking import Delivery, take
from astro.customers.models import Customer
from astro.customers.queries import customer_by_code, living, living_or_kept
from astro.kit import plain
from astro.kit.asking import asked, asking
from astro.kit.metrics import count_arrival
from astro.kit.phones import PhoneError, to_e164
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the till is told, and told again. `visit` is None where all of it waits for a person."""

    key: UUID
    outcome: Outcome
    whys: list[str]
    has_visit: bool


class _CameMeanwhile(Exception):
    """The same key came in by another way while this one was on its own."""


def arrive(
    sent: SentVisit,
    data: dict[str, Any],
    *,
    at: Location,
    device_id: int | None,
    till_clock: datetime | None,
    sender: Membership | None = None,
    now: datetime,
) -> Arrived:
    """Take a kept visit in, exactly once. `data` is the object that `sent` was read from; `sender` is who is signed in
    where no till brings it: what is older than they may enter late is shown to a person, and they stand in the record.

    Where somebody rang it up while acting as another, every record of it names both; who happens to act at the till
    that sends it has nothing to do with it.

    Nothing is refused: what cannot be recorded is kept. Raises ArrivedTwice where a line is being recorded in another
    visit at this very moment; then nothing is written, and it comes again.
    """
    really_by = _really_by(sent, at=at)
    if sender is not None:
        really_by = really_by or asking().really_by
    with asked(really_by=really_by, address=asking().address):
        return _arrive(sent, data, at=at, device_id=device_id, till_clock=till_clock, sender=sender, now=now)


def _arrive(
    sent: SentVisit,
    data: dict[str, Any],
    *,
    at: Location,
    device_id: int | None,
    till_clock: datetime | None,
    sender: Membership | None,
    now: datetime,
) -> Arrived:
    sums = Sums.of(sent, data, at=at)
    stood = _standing(sent, sums, at=at, device_id=device_id, now=now)
    if stood:
        return stood
    try:
        with transaction.atomic():
            return _take_in(sent, sums, at=at, device_id=device_id, till_clock=till_clock, sender=sender, now=now)
    except _CameMeanwhile:
        stood = _standing(sent, sums, at=at, device_id=device_id, now=now)
        assert stood is not None
        return stood


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the whole body, and of the visit in it: the till's own door would have given the visit the same."""

    body: str
    visit: str

    @classmethod
    def of(cls, sent: SentVisit, data: dict[str, Any], *, at: Location) -> Sums:
        """A phone number can be found by trying all of them, so the sum of a body has a key that the table has not."""
        told = f"{at.retailer_id}:arrival:{words_of(data)}".encode()
        body = hmac.new(settings.LASTING_KEY.encode(), told, sha256).hexdigest()
        return cls(body, _fingerprint(sent, data) or body)


def _fingerprint(sent: SentVisit, data: dict[str, Any]) -> str | None:
    """As `POST /checkout/<id>/visits/` makes it, where the customer was chosen: its answer may have been lost."""
    if sent.who.way != "id":
        return None
    try:
        return read_basket(data, customer_id=int(sent.who.words)).fingerprint
    except BadVisit:
        return None


def _standing(sent: SentVisit, sums: Sums, *, at: Location, device_id: int | None, now: datetime) -> Arrived | None:
    """The first answer once more; another body under a key that is known is kept. None where the key is new."""
    arrival = Arrival.objects.filter(key=sent.key).first()
    if arrival is None:
        return None
    if arrival.body_hash == sums.body:
        return _answer(arrival, sums)
    visit = Visit.objects.filter(key=sent.key).select_related("customer").first()
    delivery = _delivery(sent, sums, judge(sent.told_at, till_clock=None, now=now), at=at, device_id=device_id)
    delivery.keep(Why.OTHER_BASKET, sent.goods, customer=visit.customer if visit else None, visit=visit, now=now)
    return Arrived(sent.key, Outcome.KEPT, [str(Why.OTHER_BASKET)], has_visit=False)


def _answer(arrival: Arrival, sums: Sums) -> Arrived:
    rows = KeptVisit.objects.filter(
        key=arrival.key, body_hash__in={sums.body, sums.visit}, kept_at__lte=arrival.received_at
    )
    whys = sorted(rows.values_list("why", flat=True))
    return Arrived(arrival.key, Outcome(arrival.outcome), whys, has_visit=arrival.visit_id is not None)


def _take_in(
    sent: SentVisit,
    sums: Sums,
    *,
    at: Location,
    device_id: int | None,
    till_clock: datetime | None,
    sender: Membership | None,
    now: datetime,
) -> Arrived:
    moment = judge(sent.told_at, till_clock=till_clock, now=now)
    if sender is not None:
        earliest = first_day(at=at, is_administrator=sender.is_administrator, now=now)
        moment = replace(moment, is_sure=moment.is_sure and at.day(moment.occurred_at) >= earliest)
    delivery = _delivery(sent, sums, moment, at=at, device_id=device_id)
    customer, why = _customer(sent, at=at)
    visit, whys = None, []
    if why is None and customer is not None:
        try:
            visit, whys = take(delivery, sent.goods, customer, fingerprint=sums.visit, now=now)
        except Customer.DoesNotExist:
            why = Why.REMOVED_CUSTOMER  # at this very moment
    if why is not None and sent.goods:
        whys = [why]
        delivery.keep(why, sent.goods, customer=customer, visit=None, now=now)
    if not sent.is_whole:
        whys.append(Why.UNREADABLE)
        delivery.keep(Why.UNREADABLE, Goods(), customer=customer, visit=visit, now=now, raw=sent.raw)
    arrival = Arrival(
        key=sent.key,
        body_hash=sums.body,
        location_id=at.pk,
        device_id=device_id,
        by_id=delivery.by.pk if delivery.by else None,
        rung_up_by=sent.rung_up_by,
        occurred_at=moment.occurred_at,
        clock_off_seconds=int(moment.clock_off.total_seconds()),
        received_at=now,
        outcome=Outcome.RECORDED if visit else Outcome.KEPT,
        visit_id=visit.pk if visit else None,
    )
    if not plain.insert([arrival], unless_there=True):
        raise _CameMeanwhile
    count_arrival(outcome=str(arrival.outcome))
    record(
        "visit arrived",
        arrival,
        by=delivery.by,
        at=at,
        now=now,
        device_id=device_id,
        outcome=str(arrival.outcome),
        why=sorted(map(str, whys)),
        waited_seconds=int((now - moment.occurred_at).total_seconds()),
        **({"sent_by_id": sender.user_id} if sender else {}),
    )
    return Arrived(sent.key, Outcome(arrival.outcome), sorted(map(str, whys)), has_visit=visit is not None)


def _delivery(sent: SentVisit, sums: Sums, moment: Moment, *, at: Location, device_id: int | None) -> Delivery:
    return Delivery(
        key=sent.key,
        body_hash=sums.body,
        body=about(sent, moment) | ({"really_by": really_by} if (really_by := asking().really_by) else {}),
        occurred_at=moment.occurred_at,
        is_sure=moment.is_sure,
        at=at,
        by=_person(sent.by_id, at=at),
        device_id=device_id,
    )


def _person(user_id: int | None, *, at: Location) -> User | None:
    """Who rang it up, if they work or worked for this retailer; a queue outlives a membership."""
    if user_id is None:
        return None
    membership = Membership.objects.filter(retailer=at.retailer_id, user=user_id).select_related("user").first()
    return membership.user if membership else None


def _really_by(sent: SentVisit, *, at: Location) -> int | None:
    """Who sat at the till while acting as the one it names. The till names only which time that was."""
    if sent.acting_id is None or sent.by_id is None:
        return None
    rows = Masquerade.objects.filter(pk=sent.acting_id, membership__user=sent.by_id, retailer=at.retailer_id)
    return rows.values_list("really_by", flat=True).first()


def _customer(sent: SentVisit, *, at: Location) -> tuple[Customer | None, Why | None]:
    """Whose it is; or why nobody can tell, with the removed customer where it was one."""
    way, words = sent.who.way, sent.who.words
    if way == "id":
        customer = living_or_kept(int(words))
        if customer:
            return customer, None
        removed = Customer.objects.filter(pk=int(words)).first()
        return (removed, Why.REMOVED_CUSTOMER) if removed else (None, Why.UNKNOWN_CUSTOMER)
    if way == "code":
        customer = customer_by_code(words)
        return (customer, None) if customer else (None, Why.UNKNOWN_CUSTOMER)
    if way == "phone":
        customer = _by_phone(words, at=at)
        return (customer, None) if customer else (None, Why.UNKNOWN_CUSTOMER)
    return None, Why.UNNAMED


def _by_phone(words: str, *, at: Location) -> Customer | None:
    """Who has this number, whole and exactly; no two living customers of a store have the same."""
    try:
        phone = to_e164(words, at.country)
    except PhoneError:
        return None
    return living().filter(phone=phone).order_by().first()
