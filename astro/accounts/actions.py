"""Who works where, signing in, and making browsers tills."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction

from astro.accounts.addresses.actions import lift_restriction as lift_restriction
from astro.accounts.errors import TillNameTaken, WorksForPlatform
from astro.accounts.models import Device, Membership, Pin, StaffSession, User, as_login
from astro.accounts.passwords import check_new_password
from astro.accounts.people.inviting import rebuild_administrator as rebuild_administrator
from astro.accounts.places.writing import add_location as add_location
from astro.accounts.platform_people import add_support_user as add_support_user
from astro.accounts.platform_people import remove_support_user as remove_support_user
from astro.accounts.queries import device_of, locations_of
from astro.accounts.second_step.actions import remove_second_step as remove_second_step
from astro.accounts.second_step.actions import reset_support_second_step as reset_support_second_step
from astro.accounts.sessions import BY_PIN, DEVICE, LOCATION, MEMBERSHIP, RETAILER
from astro.accounts.tills import TillCookie, hash_of, new_secret
from astro.activity.actions import record
from astro.tenancy.current import within
from astro.tenancy.models import Location, Retailer


def add_user(*, name: str, password: str, email: str | None = None, user_name: str | None = None) -> User:
    """A person who can sign in, by e-mail, user name or both. Raises ValidationError for what cannot be one, and for a
    poor password."""
    check_new_password(password, user_facts=[name, email or "", user_name or ""])
    user = User(name=name, email=as_login(email or "") or None, user_name=as_login(user_name or "") or None)
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    return user


@transaction.atomic
def give_membership(
    user: User,
    *,
    role: str,
    retailer: Retailer,
    now: datetime,
    location: Location | None = None,
    is_billing_contact: bool = False,
    support_contact: User | None = None,
    networks: str = "",
    by: User | None = None,
) -> Membership:
    """Let a person work for a retailer. A master administrator has no location, everyone else one. Raises
    `WorksForPlatform`."""
    if user.is_support:
        raise WorksForPlatform
    with within(retailer.pk):
        membership = Membership(
            user=user,
            retailer=retailer,
            location=location,
            role=role,
            is_billing_contact=is_billing_contact,
            support_contact=support_contact,
            networks=networks,
            began_at=now,
        )
        membership.save(force_insert=True)
        record("membership given", membership, by=by, at=location, now=now, role=str(role))
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None, now: datetime) -> None:
    """This person does not work there any more. Where they are signed in, their next click tells them, and ends the
    session (`middleware`). Twice changes nothing."""
    if not Membership.objects.filter(pk=membership.pk, ended_at__isnull=True).update(ended_at=now):
        return
    membership.ended_at = now
    with within(membership.retailer_id):
        record("membership ended", membership, by=by, at=membership.location, now=now)


@transaction.atomic
def start_work(
    session: SessionBase, *, membership: Membership, cookie: TillCookie | None, now: datetime
) -> Device | None:
    """Make this session stand for a membership; returns the till it runs on, if it does.

    A master administrator begins at the till's location, or else at the first one by name.
    """
    session.pop(BY_PIN, None)
    with within(membership.retailer_id):
        Pin.objects.filter(user=membership.user_id, tries__gt=0).update(tries=0)  # what others typed wrong
        device = device_of(cookie)
        places = locations_of(membership)
        here = places.filter(pk=device.location_id).first() if device else None
        device = stand_at(session, membership=membership, location=here or places.first(), device=device)
        if device is not None:
            device.last_seen_on = device.location.day(now)
            device.save(update_fields=["last_seen_on"])
        record(
            "signed in",
            membership,
            by=membership.user,
            at=membership.location,
            now=now,
            device_id=device.pk if device else None,
        )
    return device


def stand_at(
    session: SessionBase, *, membership: Membership, location: Location | None, device: Device | None
) -> Device | None:
    """Write into the session where its person stands. A till of another location does not count as one here."""
    if device is not None and (location is None or device.location_id != location.pk):
        device = None
    session[MEMBERSHIP] = str(membership.pk)
    session[RETAILER] = str(membership.retailer_id)
    session[LOCATION] = str(location.pk) if location else ""
    session[DEVICE] = str(device.pk) if device else ""
    return device


@transaction.atomic
def enroll_device(*, name: str, at: Location, by: User, now: datetime) -> tuple[Device, TillCookie]:
    """Make a browser a till of a location; the cookie is for that browser alone. Raises `TillNameTaken`."""
    secret = new_secret()
    device = Device(location=at, name=name, secret_hash=hash_of(secret), enrolled_by=by, enrolled_at=now)
    device.last_seen_on = at.day(now)
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        raise TillNameTaken(name=name) from None
    record("till enrolled", device, by=by, at=at, now=now, device_id=device.pk)
    return device, TillCookie(retailer_id=device.retailer_id, device_id=device.pk, secret=secret)


@transaction.atomic
def retire_device(device: Device, *, by: User, now: datetime, keep: str | None = None) -> None:
    """The browser is a till no longer, and whoever is signed in on it is out, but for the session `keep`."""
    if not Device.objects.filter(pk=device.pk, retired_at__isnull=True).update(retired_at=now):
        return
    device.retired_at = now
    StaffSession.objects.filter(retailer=device.retailer_id, device=device.pk).exclude(session_key=keep).delete()
    record("till retired", device, by=by, at=device.location, now=now, device_id=device.pk)
