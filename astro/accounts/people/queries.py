"""The people of a store, as an administrator sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from astro.accounts.models import Invitation, Membership, Role, StaffSession, User
from astro.accounts.people.rules import is_above, widest
from astro.activity.models import Event

CAME = ("signed in", "person switched")


@dataclass(frozen=True, slots=True)
class Person:
    """A user with their memberships within reach: the living ones; of somebody who was removed, those that ended
    last."""

    user: User
    memberships: tuple[Membership, ...]

    @property
    def is_removed(self) -> bool:
        return not self.memberships[0].is_living

    @property
    def pk(self) -> int:
        """The id of the membership that stands for them in addresses."""
        return self.memberships[0].pk

    @property
    def role(self) -> Role:
        return widest(self.memberships)

    @property
    def places(self) -> frozenset[int]:
        """Location ids; none for a master administrator, who has all."""
        return frozenset(one.location_id for one in self.memberships if one.location_id is not None)

    @property
    def networks(self) -> str:
        return self.memberships[0].networks

    @property
    def support_contact(self) -> User | None:
        return self.memberships[0].support_contact

    @property
    def is_billing_contact(self) -> bool:
        return any(one.is_billing_contact for one in self.memberships)


def memberships_seen_by(own: Membership) -> QuerySet[Membership]:
    """Living and ended ones within reach."""
    rows = Membership.objects.filter(retailer=own.retailer_id).select_related("user", "support_contact")
    return rows if own.location_id is None else rows.filter(location=own.location_id)


def people_seen_by(own: Membership) -> list[Person]:
    """Everybody who works or worked within reach, by name."""
    return _people(memberships_seen_by(own).order_by("user__name", "user_id", "began_at", "id"))


def person_seen_by(own: Membership, *, membership_id: int) -> Person | None:
    """The person to whom this membership belongs, or None where it is out of reach."""
    seen = memberships_seen_by(own)
    one = seen.filter(pk=membership_id).first()
    return person_of(one.user, own=own) if one is not None else None


def person_of(user: User, *, own: Membership) -> Person | None:
    """This user as one of the people within reach, or None."""
    found = _people(memberships_seen_by(own).filter(user=user).order_by("began_at", "id"))
    return found[0] if found else None


def may_be_changed(person: Person, *, by: Membership) -> bool:
    """Not oneself, and nobody who may do more here; somewhere else in the store counts as well."""
    living = Membership.objects.filter(retailer=by.retailer_id, user=person.user, ended_at__isnull=True)
    return person.user.pk != by.user_id and not is_above([*living, *person.memberships], than=by)


def works_only_within(person: Person, *, own: Membership) -> bool:
    """Whether everything this user works at, in any store, is within this administrator's reach. What holds for the
    user everywhere (name, password) is settled by nobody who reaches only a part."""
    elsewhere = Membership.objects.filter(user=person.user, ended_at__isnull=True)
    if own.location_id is not None:
        return not elsewhere.exclude(retailer=own.retailer_id, location=own.location_id).exists()
    return not elsewhere.exclude(retailer=own.retailer_id).exists()


def support_contacts_for(own: Membership, *, but: User | None = None) -> list[User]:
    """Whose e-mail may get the answers to another's tickets: who works within reach, and the masters. By name."""
    reach = Q(memberships__role=Role.MASTER) | Q(memberships__location=own.location_id)
    if own.location_id is None:
        reach = Q()
    living = Q(memberships__retailer=own.retailer_id, memberships__ended_at__isnull=True) & reach
    people = User.objects.filter(living, is_active=True, email__isnull=False).order_by("name", "id").distinct()
    return [user for user in people if but is None or user.pk != but.pk]


def answered_for(user: User, *, own: Membership) -> list[User]:
    """Who has this person as support contact: whoever removes them is told."""
    rows = Membership.objects.filter(retailer=own.retailer_id, support_contact=user, ended_at__isnull=True)
    return list(User.objects.filter(pk__in=rows.values("user")).order_by("name", "id"))


def invitations_seen_by(own: Membership) -> QuerySet[Invitation]:
    """Those that wait, also past their end, to places within reach."""
    rows: QuerySet[Invitation] = Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)
    rows = rows.select_related("sent_by").order_by("name", "id")
    if own.location_id is None:
        return rows
    mine = [one.pk for one in rows if one.role != Role.MASTER and set(one.places) <= {own.location_id}]
    return rows.filter(pk__in=mine)


def last_seen(people: Sequence[Person], *, retailer_id: int) -> dict[int, datetime]:
    """When each was last here, by user id: by the sessions they have, and else by when they came."""
    owner = {one.pk: person.user.pk for person in people for one in person.memberships}
    seen: dict[int, datetime] = {}
    events = Event.objects.filter(about_kind="accounts.membership", name__in=CAME, about_id__in=list(owner))
    came = events.order_by().values_list("about_id").annotate(Max("at"))
    sessions = StaffSession.objects.filter(retailer=retailer_id, membership__in=list(owner), really_by__isnull=True)
    used = sessions.order_by().values_list("membership_id").annotate(Max("last_used_at"))
    for membership_id, at in (*came, *used):
        user_id = owner[membership_id]
        if at is not None and (user_id not in seen or seen[user_id] < at):
            seen[user_id] = at
    return seen


def _people(rows: Iterable[Membership]) -> list[Person]:
    """`rows` stand together by user."""
    by_user: dict[int, list[Membership]] = {}
    for one in rows:
        by_user.setdefault(one.user_id, []).append(one)
    return [Person(ones[0].user, _telling(ones)) for ones in by_user.values()]


def _telling(ones: list[Membership]) -> tuple[Membership, ...]:
    living = tuple(one for one in ones if one.is_living)
    if living:
        return living
    last = max(one.ended_at for one in ones if one.ended_at is not None)
    return tuple(one for one in ones if one.ended_at == last)
