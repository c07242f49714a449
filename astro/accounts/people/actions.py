"""Adding, changing, removing and restoring people who work for a store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from astro.accounts import letters
from astro.accounts.actions import add_user, end_membership, give_membership
from astro.accounts.errors import WrongRole
from astro.accounts.forgotten.links import make_token
from astro.accounts.models import Membership, Pin, Role, StaffSession, User, as_login
from astro.accounts.own.sessions import end_sessions_of
from astro.accounts.passwords import set_password
from astro.accounts.people.errors import (
    AboveYou,
    BillingContactLeaves,
    HasEmail,
    HasNoEmail,
    NotOneself,
    RemovedMeanwhile,
    WasHere,
    WordTaken,
    WorksElsewhere,
)
from astro.accounts.people.locking import changing, hold_store
from astro.accounts.people.queries import Person, may_be_changed, person_of, works_only_within
from astro.accounts.people.rules import may_give
from astro.activity.actions import record
from astro.tenancy.current import within
from astro.tenancy.models import Location, Retailer


@dataclass(frozen=True, slots=True)
class Settled:
    """What an administrator settles of somebody. `places` are location ids; none for a master administrator."""

    role: str
    places: frozenset[int]
    support_contact: User | None = None
    networks: str = ""

    def __post_init__(self) -> None:
        if (self.role == Role.MASTER) == bool(self.places):
            raise ValueError("A master administrator has all locations, everybody else has some.")


def insist_on_giving(settled: Settled, *, own: Membership) -> None:
    """Raises `WrongRole` where this administrator has not what they would give."""
    if not may_give(own, settled.role, settled.places):
        raise WrongRole


@transaction.atomic
def add_by_word(
    *, name: str, word: str, password: str, chooses_own: bool, settled: Settled, own: Membership, now: datetime
) -> User:
    """A person without an e-mail. `chooses_own`: the password is good for choosing another one and nothing more.

    Raises `WordTaken`, `WasHere`, `WrongRole`, and ValidationError for a poor password or what can be no user name.
    """
    insist_on_giving(settled, own=own)
    hold_store(own)
    known = User.objects.filter(user_name=as_login(word)).first()
    if known is not None:
        was = person_of(known, own=own)
        raise WasHere(name=known.name) if was is not None and was.is_removed else WordTaken(word=word)
    user = add_user(name=name, user_name=word, password=password)
    user.has_given_password = chooses_own
    user.save(update_fields=["has_given_password"])
    give_all(user, settled, retailer_id=own.retailer_id, by=own.user, now=now)
    return user


@transaction.atomic
def give_all(
    user: User, settled: Settled, *, retailer_id: int, by: User | None, now: datetime, is_billing_contact: bool = False
) -> None:
    """One membership for each place, or a single one for all of them; the first one pays the bills, if asked."""
    retailer = Retailer.objects.get(pk=retailer_id)
    with within(retailer_id):
        places: Iterable[Location | None] = [None]
        if settled.role != Role.MASTER:
            places = list(Location.objects.filter(pk__in=settled.places))
        for number, place in enumerate(places):
            give_membership(
                user,
                role=settled.role,
                retailer=retailer,
                location=place,
                is_billing_contact=is_billing_contact and number == 0,
                support_contact=settled.support_contact,
                networks=settled.networks,
                by=by,
                now=now,
            )


def change_person(person: Person, settled: Settled, *, name: str, own: Membership, now: datetime) -> None:
    """Write what is settled now. Who stands in a place that ends signs in again; the rest goes on where they are.

    Raises what `locking.changing` does, `WrongRole`, `RemovedMeanwhile`, and `WorksElsewhere` for another name of
    somebody who works for others too.
    """
    with changing(person, own=own):
        insist_on_giving(settled, own=own)
        kept, over = _divided(_fresh(person, own=own), settled)
        if not kept and not over:
            raise RemovedMeanwhile(name=person.user.name)
        if name != person.user.name:
            _rename(person, name, own=own, now=now)
        for one in over:
            end_membership(one, by=own.user, now=now)
        theirs = StaffSession.objects.filter(retailer=own.retailer_id, membership__in=[one.pk for one in over])
        theirs.filter(really_by__isnull=True).delete()  # they were not removed, so the next click shall not say so
        for one in kept:
            _write(one, settled, by=own.user, now=now)
        pays = any(one.is_billing_contact for one in over)
        if kept and pays:
            Membership.objects.filter(pk=kept[0].pk).update(is_billing_contact=True)
        missing = settled.places - {one.location_id for one in kept}
        if missing or not kept:
            more = Settled(settled.role, frozenset(missing), settled.support_contact, settled.networks)
            is_theirs = pays and not kept
            give_all(person.user, more, retailer_id=own.retailer_id, by=own.user, now=now, is_billing_contact=is_theirs)


def remove_person(person: Person, *, own: Membership, knows_billing: bool = False, now: datetime) -> None:
    """End what they have within reach. Their next click tells them; what a till of theirs kept still comes in.

    Raises what `locking.changing` does, and `BillingContactLeaves` where that was not said.
    """
    with changing(person, own=own):
        living = [one for one in _fresh(person, own=own) if one.is_living]
        if any(one.is_billing_contact for one in living) and not knows_billing:
            raise BillingContactLeaves(name=person.user.name)
        for one in living:
            end_membership(one, by=own.user, now=now)
        left = Membership.objects.filter(retailer=own.retailer_id, user=person.user, ended_at__isnull=True)
        if not left.exists():
            Pin.objects.filter(user=person.user).delete()


def restore_person(person: Person, *, own: Membership, now: datetime) -> None:
    """Let them in again, where and as what they worked last. Somebody who is back already stays as they are."""
    with changing(person, own=own):
        again = _fresh(person, own=own)
        if any(one.is_living for one in again):
            return
        for role in sorted({one.role for one in again}):
            ones = [one for one in again if one.role == role]
            places = frozenset(one.location_id for one in ones if one.location_id is not None)
            settled = Settled(role, places, ones[0].support_contact, ones[0].networks)
            insist_on_giving(settled, own=own)
            give_all(person.user, settled, retailer_id=own.retailer_id, by=own.user, now=now)
        record("person restored", again[0], by=own.user, at=None, now=now)


@transaction.atomic
def give_password(person: Person, password: str, *, chooses_own: bool, own: Membership, now: datetime) -> None:
    """For somebody who cannot be sent a letter. Raises `HasEmail`, `NotOneself`, `AboveYou`, `WorksElsewhere`, and
    ValidationError for a poor password."""
    _insist_on_helping(person, own=own)
    if person.user.email:
        raise HasEmail(name=person.user.name)
    if not works_only_within(person, own=own):
        raise WorksElsewhere(name=person.user.name)
    set_password(person.user, password, by=own.user, now=now)
    if not chooses_own:
        person.user.has_given_password = False
        person.user.save(update_fields=["has_given_password"])


@transaction.atomic
def send_password_letter(person: Person, *, own: Membership, now: datetime) -> None:
    """The letter that they could have asked for themselves. Raises `NotOneself`, `AboveYou`, `HasNoEmail`."""
    _insist_on_helping(person, own=own)
    if not person.user.email:
        raise HasNoEmail(name=person.user.name)
    letters.new_password(person.user, token=make_token(person.user), now=now)
    record("password letter sent", person.memberships[0], by=own.user, at=None, now=now)


@transaction.atomic
def end_sessions(person: Person, *, own: Membership, now: datetime) -> int:
    """Sign them out wherever they are in this administrator's reach; how many there were. Raises `NotOneself`,
    `AboveYou`, `RemovedMeanwhile`."""
    _insist_on_helping(person, own=own)
    return end_sessions_of(person.user, by=own.user, now=now, retailer_id=own.retailer_id, location_id=own.location_id)


def _insist_on_helping(person: Person, *, own: Membership) -> None:
    hold_store(own)
    if person.user.pk == own.user_id:
        raise NotOneself
    if not may_be_changed(person, by=own):
        raise AboveYou(name=person.user.name)
    if not any(one.is_living for one in _fresh(person, own=own)):
        raise RemovedMeanwhile(name=person.user.name)


def _rename(person: Person, name: str, *, own: Membership, now: datetime) -> None:
    if not works_only_within(person, own=own):
        raise WorksElsewhere(name=person.user.name, can_themselves=bool(person.user.email))
    person.user.name = name
    person.user.save(update_fields=["name"])
    record("membership changed", person.memberships[0], by=own.user, at=None, now=now, fields=["name"])


def _fresh(person: Person, *, own: Membership) -> list[Membership]:
    """As they are now that nobody else can change them."""
    again = person_of(person.user, own=own)
    return list(again.memberships) if again is not None else []


def _divided(now: Iterable[Membership], settled: Settled) -> tuple[list[Membership], list[Membership]]:
    """Those that go on, perhaps with another role, and those that end."""
    kept: list[Membership] = []
    over: list[Membership] = []
    for one in now:
        if one.is_living:
            goes_on = one.is_master if settled.role == Role.MASTER else one.location_id in settled.places
            (kept if goes_on else over).append(one)
    return kept, over


def _write(one: Membership, settled: Settled, *, by: User, now: datetime) -> None:
    contact_id = settled.support_contact.pk if settled.support_contact else None
    new = {"role": settled.role, "support_contact_id": contact_id, "networks": settled.networks}
    changed = [column for column, value in new.items() if getattr(one, column) != value]
    if not changed:
        return
    for column in changed:
        setattr(one, column, new[column])
    one.save(update_fields=["role", "support_contact", "networks"])
    fields = [column.removesuffix("_id") for column in changed]
    record("membership changed", one, by=by, at=None, now=now, fields=fields, role=str(one.role))
