"""Who works where, and which till a browser is."""

from __future__ import annotations

import secrets

from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest

from astro.accounts.addresses.queries import allows
from astro.accounts.errors import AddressRestricted
from astro.accounts.models import Device, Membership, Role, User
from astro.accounts.platform_record import support_changes as support_changes
from astro.accounts.tills import TillCookie, hash_of, read_cookie
from astro.kit.addresses import client_address
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Location, Retailer


def support_people() -> list[User]:
    """Who can come in for the platform now, by name."""
    return list(User.objects.filter(is_support=True, is_active=True).order_by("name", "id"))


def living_memberships(user: User) -> list[Membership]:
    """Where this person works now: the widest first, then the oldest. The first is chosen where nobody chooses."""
    widest_first = Case(When(role=Role.MASTER, then=0), When(role=Role.ADMINISTRATOR, then=1), default=2)
    return list(
        user.memberships.filter(ended_at__isnull=True)
        .select_related("retailer")
        .order_by(widest_first, "began_at", "id")
    )


def last_membership(user: User) -> Membership | None:
    """Where somebody who works nowhere now worked last; None for who works somewhere, and whom nobody ever let in."""
    rows = user.memberships.select_related("retailer")
    if rows.filter(ended_at__isnull=True).exists():
        return None
    last: Membership | None = rows.order_by("-ended_at", "-id").first()
    return last


def work_places(user: User) -> list[Membership]:
    """The same, with the names of the locations, each read inside its own retailer's wall."""
    memberships = living_memberships(user)
    for membership in memberships:
        with within(membership.retailer_id):
            membership.location  # noqa: B018 - fetched and kept on the membership
    return memberships


def locations_of(membership: Membership) -> QuerySet[Location]:
    """The locations within reach. Inside the membership's retailer."""
    places: QuerySet[Location] = Location.objects.all()
    return places if membership.location_id is None else places.filter(pk=membership.location_id)


def administrators_over(membership: Membership) -> list[User]:
    """Whom this person can ask: who administers their location, or all of them, themselves left out. By name."""
    over = Q(memberships__role=Role.MASTER)
    if membership.location_id is not None:
        over |= Q(memberships__role=Role.ADMINISTRATOR, memberships__location=membership.location_id)
    return _living_of(membership, over)


def administrators_at(location: Location) -> list[User]:
    """Whom somebody at this place can ask: who administers it, or all of them. By name."""
    here = Q(memberships__role=Role.ADMINISTRATOR, memberships__location=location.pk)
    living = Q(memberships__retailer=location.retailer_id, memberships__ended_at__isnull=True)
    over = living & (Q(memberships__role=Role.MASTER) | here)
    return list(User.objects.filter(over, is_active=True).order_by("name", "id").distinct())


def administrators_of(retailer: Retailer) -> list[User]:
    """Who administers this store or a location of it, by name."""
    roles = [Role.ADMINISTRATOR, Role.MASTER]
    living = Q(memberships__retailer=retailer.pk, memberships__ended_at__isnull=True, memberships__role__in=roles)
    return list(User.objects.filter(living, is_active=True).order_by("name", "id").distinct())


def support_address_of(user: User, *, retailer_id: int | None) -> str:
    """Where this person gets answers of the support: their own e-mail, or that of their support contact in this store,
    while that one works there; else empty."""
    if user.email or retailer_id is None:
        return user.email or ""
    rows = user.memberships.filter(retailer=retailer_id, ended_at__isnull=True, support_contact__is_active=True)
    for one in rows.select_related("support_contact").order_by("began_at", "id"):
        contact = one.support_contact
        if contact is None or not contact.email:
            continue
        if contact.memberships.filter(retailer=retailer_id, ended_at__isnull=True).exists():
            return contact.email
    return ""


def billing_contacts_of(membership: Membership) -> list[User]:
    """Who settles the bill of this person's store, themselves left out."""
    return _living_of(membership, Q(memberships__is_billing_contact=True))


def _living_of(membership: Membership, which: Q) -> list[User]:
    living = Q(memberships__retailer=membership.retailer_id, memberships__ended_at__isnull=True)
    people = User.objects.filter(living & which, is_active=True).order_by("name", "id").distinct()
    return [person for person in people if person.pk != membership.user_id]


def living_devices(membership: Membership) -> QuerySet[Device]:
    """The tills of the locations within reach, by location and name."""
    tills: QuerySet[Device] = Device.objects.filter(retired_at__isnull=True).select_related("location", "enrolled_by")
    if membership.location_id is not None:
        tills = tills.filter(location=membership.location_id)
    return tills.order_by("location__name", "name")


def device_of(cookie: TillCookie | None) -> Device | None:
    """The living till of the current retailer that this cookie proves to be, else None."""
    device = any_device_of(cookie)
    return device if device and device.is_living else None


def any_device_of(cookie: TillCookie | None) -> Device | None:
    """The same, also of a till that was retired: what it kept before may still come in."""
    if cookie is None:
        return None
    tills: QuerySet[Device] = Device.objects.filter(pk=cookie.device_id, retailer=cookie.retailer_id)
    device = tills.select_related("location").first()
    if device is None or not secrets.compare_digest(device.secret_hash, hash_of(cookie.secret)):
        return None
    return device


def is_restricted(request: HttpRequest) -> bool | None:
    """Whether a list keeps whoever asks out; of a till's browser, where nobody is signed in, its store's list. None
    for strangers, who learn nothing of any store."""
    if getattr(request, "membership", None) is not None:
        return isinstance(getattr(request, "barred", None), AddressRestricted)
    cookie = read_cookie(request)
    if cookie is None:
        return None
    with within(cookie.retailer_id), reading():
        till = device_of(cookie)
        if till is None:
            return None
        networks = Retailer.objects.values_list("networks", flat=True).get(pk=cookie.retailer_id)
    return not allows(networks, str(client_address(request) or ""))
