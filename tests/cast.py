"""One factory function per model. Each says only what the test is about; the rest is settled here.

Rows of a retailer are made inside its wall: call these within `with retailer(huxley):`, or hand the retailer over
where a function takes it.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.test import Client

from astro.accounts import actions as accounts
from astro.accounts.models import Device, Membership, User
from astro.accounts.queries import living_memberships
from astro.accounts.tills import TillCookie
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer

PASSWORD = "practice makes paws"
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""A Friday, 10 in the morning in Montana."""

_numbers = count(1)


def make_retailer(*, name: str | None = None, **fields: Any) -> Retailer:
    return Retailer.objects.create(name=name or f"Retailer {next(_numbers)}", **fields)


def make_location(retailer: Retailer, *, name: str | None = None, region: str = "MT", **fields: Any) -> Location:
    with inside(retailer):
        return Location.objects.create(name=name or f"Location {next(_numbers)}", region=region, **fields)


def make_user(
    *, name: str = "Sam Staff", email: str | None = None, user_name: str | None = None, password: str = PASSWORD
) -> User:
    if email is None and user_name is None:
        user_name = f"staff{next(_numbers)}"
    return accounts.add_user(name=name, email=email, user_name=user_name, password=password)


def make_membership(
    user: User, *, retailer: Retailer, role: str = "cashier", location: Location | None = None, **fields: Any
) -> Membership:
    return accounts.give_membership(user, retailer=retailer, role=role, location=location, now=NOW, **fields)


def make_device(location: Location, *, by: User, name: str | None = None) -> tuple[Device, TillCookie]:
    """A till, and the cookie its browser holds."""
    with inside(location.retailer):
        return accounts.enroll_device(name=name or f"Till {next(_numbers)}", at=location, by=by, now=NOW)


def signed_in(client: Client, user: User, *, membership: Membership | None = None) -> Client:
    """The client with a real session of ours, without the cost of the sign-in page."""
    client.force_login(user)
    session = client.session
    accounts.start_work(session, membership=membership or living_memberships(user)[0], cookie=None, now=NOW)
    session.save()
    return client
