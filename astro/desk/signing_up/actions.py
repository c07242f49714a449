"""From the form to the store: at once, or by way of a letter."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from astro.accounts.actions import add_user
from astro.accounts.models import User
from astro.desk.errors import KnownAddress, LinkOver, OpenAlready, WrongPassword
from astro.desk.models import SignUp
from astro.desk.signing_up import letters
from astro.desk.signing_up.opening import open_store
from astro.kit.outbox import queue

LETTER = "desk.sign_up_letter"
"""The outbox row of somebody who signed up by mail; its payload: `sign_up`."""

LIVES = timedelta(hours=24)
KEPT = timedelta(days=1)
LETTERS_A_DAY = 3
"""To one address, whoever asks. Who has got so many gets the same answer on the page, and no further letter."""


@transaction.atomic
def ask_to_sign_up(key: UUID, *, email: str, password: str, told: Mapping[str, Any], now: datetime) -> None:
    """Keep it until the link in the letter is used. Looks nobody up, so the work is the same for every address."""
    sign_up, is_new = _keep(key, email=email, password_hash=make_password(password), told=told, now=now)
    if is_new:
        queue.put(LETTER, {"sign_up": sign_up.pk}, retailer_id=queue.PLATFORM, now=now)


def write_letter(sign_up_id: int, *, now: datetime) -> None:
    """The link, or, to an address that signs in already, that it does. Says nothing where nobody waits any more."""
    sign_up = SignUp.objects.select_for_update().filter(pk=sign_up_id, used_at__isnull=True, until_at__gt=now).first()
    if sign_up is None:
        return
    lately = SignUp.objects.filter(email=sign_up.email, letter_at__gt=now - timedelta(days=1))
    if lately.count() >= LETTERS_A_DAY:
        return
    sign_up.letter_at = now
    if User.objects.filter(email=sign_up.email).exists():
        sign_up.until_at, sign_up.told, sign_up.password_hash = now, {}, ""
        sign_up.save(update_fields=["letter_at", "until_at", "told", "password_hash"])
        letters.known_already(sign_up.email, now=now)
        return
    token = secrets.token_urlsafe(32)
    sign_up.token_hash = _hash_of(token)
    sign_up.save(update_fields=["letter_at", "token_hash"])
    letters.open_your_store(sign_up.email, store=sign_up.told["store_name"], token=token, now=now)


def sign_up_of(token: str, *, now: datetime, to_change: bool = False) -> SignUp:
    """Whose link this is. Raises `LinkOver`, and `OpenAlready` where the store was opened with it. `to_change` holds
    the row until the transaction ends: of two who use a link at once, one is too late."""
    rows = SignUp.objects.select_for_update() if to_change else SignUp.objects.all()
    sign_up = rows.filter(token_hash=_hash_of(token)).first()
    if sign_up is None:
        raise LinkOver
    if sign_up.used_at is not None:
        raise OpenAlready(sign_up)
    if sign_up.until_at <= now:
        raise LinkOver
    return sign_up


@transaction.atomic
def confirm(token: str, *, password: str, now: datetime) -> User:
    """Open the store of this link. Raises what `sign_up_of` does, `WrongPassword`, and `KnownAddress` where somebody
    began to sign in with this address since."""
    sign_up = sign_up_of(token, now=now, to_change=True)
    if not check_password(password, sign_up.password_hash):
        raise WrongPassword
    return _open(sign_up, password=password, now=now)


@transaction.atomic
def sign_up_at_once(key: UUID, *, email: str, password: str, told: Mapping[str, Any], now: datetime) -> User:
    """Where no mail goes out. The same form again gets the same person. Raises `KnownAddress`."""
    sign_up, is_new = _keep(key, email=email, password_hash="", told={}, now=now)
    if not is_new:
        same = sign_up.user if sign_up.email == email else None
        if same is None or not same.check_password(password):
            raise KnownAddress
        return same
    sign_up.told = dict(told)
    return _open(sign_up, password=password, now=now)


@transaction.atomic
def open_another(key: UUID, *, user: User, told: Mapping[str, Any], now: datetime) -> int | None:
    """One more store of somebody who works here already: their membership, or None for the same form again."""
    sign_up, is_new = _keep(key, email=user.email or "", password_hash="", told={}, now=now)
    if not is_new:
        return None
    membership = open_store({**told, "name": user.name}, user=user, now=now)
    _used(sign_up, user, now)
    return membership.pk


def forget_old(*, now: datetime) -> int:
    """What was never confirmed, and what was, a while ago."""
    return SignUp.objects.filter(until_at__lt=now - KEPT).delete()[0]


def _open(sign_up: SignUp, *, password: str, now: datetime) -> User:
    if User.objects.filter(email=sign_up.email).exists():
        raise KnownAddress
    try:
        with transaction.atomic():
            user = add_user(name=sign_up.told["name"], email=sign_up.email, password=password)
    except IntegrityError:  # somebody else did so at the same moment
        raise KnownAddress from None
    except ValidationError as problem:
        if "email" in getattr(problem, "error_dict", {}):
            raise KnownAddress from None
        raise
    open_store(sign_up.told, user=user, now=now)
    _used(sign_up, user, now)
    return user


def _used(sign_up: SignUp, user: User, now: datetime) -> None:
    sign_up.used_at, sign_up.user = now, user
    sign_up.told, sign_up.password_hash = {}, ""
    sign_up.save(update_fields=["used_at", "user", "told", "password_hash"])


def _keep(key: UUID, *, email: str, password_hash: str, told: Mapping[str, Any], now: datetime) -> tuple[SignUp, bool]:
    """The row of this form, and whether it was made now. Of two that come at once, one waits for the other."""
    sign_up = SignUp(
        key=key, email=email, password_hash=password_hash, told=dict(told), asked_at=now, until_at=now + LIVES
    )
    try:
        with transaction.atomic():
            sign_up.save(force_insert=True)
    except IntegrityError:
        return SignUp.objects.select_related("user").get(key=key), False
    return sign_up, True


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
