"""Setting a PIN, and taking a till over with it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from astro.accounts.actions import stand_at
from astro.accounts.models import Device, Membership, Pin, StaffSession
from astro.accounts.pins.digits import TRIES, weakness
from astro.accounts.pins.queries import worker_at
from astro.accounts.sessions import BY_PIN
from astro.activity.actions import record


@dataclass(frozen=True)
class Tried:
    """What came of some digits: who it was, or how many more tries there are (0: the PIN is off)."""

    membership: Membership | None
    left: int = 0


@transaction.atomic
def set_pin(membership: Membership, digits: str, *, now: datetime) -> None:
    """Its person's PIN in this store, from here on. Raises ValidationError. Whoever is in with the one before is out.

    Nobody is told that another has the same one: a tile says who it is before any digit is typed, so it is no matter.
    """
    weak = weakness(digits)
    if weak:
        raise ValidationError(weak, code="weak")
    pin = Pin.objects.select_for_update().filter(user=membership.user_id).first() or Pin(user_id=membership.user_id)
    is_new = pin.set_at is None
    pin.digits_hash = make_password(_keyed(digits, membership=membership))
    pin.digits_count, pin.tries, pin.set_at = len(digits), 0, now
    pin.save(force_insert=is_new)
    _end_sessions(membership)
    record("pin set", membership, by=membership.user, at=membership.location, now=now)


@transaction.atomic
def remove_pin(membership: Membership, *, now: datetime) -> None:
    """Without one, a till is taken over with the password. Twice changes nothing."""
    pin = Pin.objects.select_for_update().filter(user=membership.user_id).first()
    if pin is None:
        return
    pin.delete()
    _end_sessions(membership)
    record("pin removed", membership, by=membership.user, at=membership.location, now=now)


@transaction.atomic
def try_pin(device: Device, *, membership_id: int, digits: str, now: datetime) -> Tried:
    """Whether these digits are theirs. A wrong one is counted, and the caller commits also then.

    Somebody who is none of this till's, or has no PIN, costs the same hash and hears the same.
    """
    membership = worker_at(device, membership_id)
    pin = Pin.objects.select_for_update().filter(user=membership.user_id).first() if membership else None
    if membership is None or pin is None:
        make_password(digits)
        return Tried(None, left=TRIES - 1)
    if pin.tries >= TRIES:
        return Tried(None)
    if check_password(_keyed(digits, membership=membership), pin.digits_hash):
        if pin.tries:
            Pin.objects.filter(pk=pin.pk).update(tries=0)
        return Tried(membership, left=TRIES)
    Pin.objects.filter(pk=pin.pk).update(tries=F("tries") + 1)
    left = TRIES - pin.tries - 1
    record("pin wrong", membership, by=None, at=device.location, now=now, device_id=device.pk, left=left)
    return Tried(None, left=left)


@transaction.atomic
def take_over(session: SessionBase, *, membership: Membership, device: Device, now: datetime) -> None:
    """This session, which is new and its person's, stands at this till for what a cashier does there."""
    stand_at(session, membership=membership, location=device.location, device=device)
    session[BY_PIN] = True
    device.last_seen_on = device.location.day(now)
    device.save(update_fields=["last_seen_on"])
    record("person switched", membership, by=membership.user, at=device.location, now=now, device_id=device.pk)


def _end_sessions(membership: Membership) -> None:
    mine = StaffSession.objects.filter(retailer=membership.retailer_id, user=membership.user_id, is_by_pin=True)
    mine.delete()


def _keyed(digits: str, *, membership: Membership) -> str:
    """Ten thousand PINs are tried out in minutes by whoever has our tables; without the key they cannot even begin. The
    lasting one: a PIN must not be gone with a change of the secret key."""
    told = f"pin:{membership.retailer_id}:{membership.user_id}:{digits}".encode()
    return hmac.new(settings.LASTING_KEY.encode(), told, sha256).hexdigest()
