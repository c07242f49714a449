"""One factory function per model. Each says only what the test is about; the rest is settled here.

Rows of a retailer are made inside its wall: call these within `with retailer(huxley):`, or hand the retailer over
where a function takes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.test import Client

from astro.accounts import actions as accounts
from astro.accounts.acting.actions import start_acting
from astro.accounts.models import Device, Membership, User
from astro.accounts.queries import living_memberships
from astro.accounts.tills import TillCookie
from astro.catalog import actions as catalog
from astro.catalog.models import Brand, Distributor, Product
from astro.customer_app import actions as customer_app
from astro.customer_app.models import AppAccount
from astro.customer_app.sessions import COOKIE, PATH, start_session
from astro.customers import actions as customers
from astro.customers.consent.addresses import address_hash
from astro.customers.models import Channel, Customer
from astro.kit.clock import utc_now
from astro.kit.gtin import check_digit
from astro.messaging.links import Purpose, Told, make_link
from astro.programs import actions as programs
from astro.programs.models import Enrollment, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy import current
from astro.tenancy.models import Location, Retailer

PASSWORD = "practice makes paws"
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""A Friday, 10 in the morning in Montana."""

_numbers = count(1)


@contextmanager
def inside(retailer: Retailer) -> Iterator[None]:
    """Within the wall and a transaction, as a request is: in a test that has none of its own, the wall asks for one."""
    with current.retailer(retailer), transaction.atomic():
        yield


@contextmanager
def platform(why: str) -> Iterator[None]:
    with current.platform(why), transaction.atomic():
        yield


def make_retailer(*, name: str | None = None, **fields: Any) -> Retailer:
    return Retailer.objects.create(name=name or f"Retailer {next(_numbers)}", **fields)


def make_location(retailer: Retailer, *, name: str | None = None, region: str = "MT", **fields: Any) -> Location:
    with inside(retailer):
        return Location.objects.create(name=name or f"Location {next(_numbers)}", region=region, **fields)


def by_day(location: Location) -> Location:
    """The location, moved to where it is day now: what a test did there half an hour ago was today, at any hour."""
    zones = ("America/Denver", "Asia/Tokyo")
    location.time_zone = next(zone for zone in map(ZoneInfo, zones) if 4 <= datetime.now(zone).hour < 20)
    with inside(location.retailer):
        location.save(update_fields=["time_zone"])
    return location


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


def make_support(*, name: str = "Sue Support", email: str = "sue@platform.example") -> User:
    """Somebody of the platform's own support, who works for no store."""
    user = make_user(name=name, email=email)
    User.objects.filter(pk=user.pk).update(is_support=True)
    user.refresh_from_db()
    return user


def acting(client: Client, user: User, other: Membership, *, reason: str = "To see what they see") -> Client:
    """The client signed in as one person who acts as another, from this minute on: an administrator, or support."""
    if user.is_support:
        client.force_login(user)
    else:
        signed_in(client, user)
    own = None if user.is_support else living_memberships(user)[0]
    session = client.session
    with transaction.atomic():
        start_acting(session, other, really_by=user, own=own, reason=reason, now=utc_now())
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


LONG_AGO = date(2025, 1, 1)


def make_gtin() -> str:
    """Another valid UPC-A of 12 digits."""
    digits = f"07{next(_numbers):09d}"
    return digits + check_digit(digits)


def make_brand(*, name: str | None = None) -> Brand:
    with platform("the tests' brand"):
        return catalog.add_brand(name or f"Brand {next(_numbers)}")


def make_distributor(
    *, name: str | None = None, serves: Iterable[tuple[str, str]] = (("US", "MT"),), needs_account_number: bool = True
) -> Distributor:
    with platform("the tests' distributor"):
        return catalog.add_distributor(
            name or f"Distributor {next(_numbers)}", serves=serves, needs_account_number=needs_account_number
        )


def make_product(
    *, name: str | None = None, brand: Brand | None = None, retailer: Retailer | None = None, **fields: Any
) -> Product:
    """A product with one code and a price of $64.99; everyone's, or the retailer's own."""
    settled = {"size": "30 lb", "gtins": [make_gtin()], "prices": {"USD": 6499}, "from_on": LONG_AGO, **fields}
    with inside(retailer) if retailer else platform("the tests' product"):
        return catalog.add_product(name or f"Product {next(_numbers)}", brand=brand, **settled)


def make_program(
    *,
    title: str | None = None,
    brand: Brand | None = None,
    products: Sequence[Product] | None = None,
    rule: RuleOfCard | None = None,
    retailer: Retailer | None = None,
    starts_on: date = LONG_AGO,
    **fields: Any,
) -> Program:
    """A program with one card, buy 12 get 1 of lesser or equal value; everyone's, or the retailer's own."""
    if retailer:
        fields.setdefault("fulfilment", "none")
    elif brand is None:
        brand = make_brand()
    title = title or f"Program {next(_numbers)}"
    if "cards" not in fields:
        products = products or [make_product(brand=brand, retailer=retailer)]
        rule = rule or RuleOfCard(12, 1, "any", "lesser_or_equal")
        fields["cards"] = [programs.NewCard(f"{title} card", rule, products)]
    with inside(retailer) if retailer else platform("the tests' program"):
        return programs.publish_program(title, brand=brand, starts_on=starts_on, **fields)


def make_enrollment(location: Location, *, program: Program, by: User, **fields: Any) -> Enrollment:
    """Enrolled since `LONG_AGO`, in Temporary Holding unless a distributor is given."""
    settled = {"distributor": None, "from_on": LONG_AGO, "now": NOW, **fields}
    with inside(location.retailer):
        return programs.enroll(location, program=program, by=by, **settled)


def make_customer(*, at: Location, first_name: str = "Ben", last_name: str | None = None, **fields: Any) -> Customer:
    """A customer met at `at`; `phone`, `email`, `by`, `now` as `add_customer` takes them."""
    last_name = last_name or f"Ortiz {next(_numbers)}"
    return customers.add_customer(
        first_name=first_name, last_name=last_name, at=at, **{"by": None, "now": NOW, **fields}
    )


def make_app_account(customer: Customer, *, password: str = PASSWORD) -> AppAccount:
    """An app account of the customer, who has an e-mail address."""
    return customer_app.open_account(customer, password=password, now=NOW)


def signed_in_to_app(client: Client, account: AppAccount, *, retailer: Retailer | None = None) -> Client:
    """The client with a real session of the app, without the cost of its sign-in page."""
    key = start_session(account, at_retailer=retailer.pk if retailer else None, now=utc_now())
    client.cookies[COOKIE] = key
    client.cookies[COOKIE]["path"] = PATH
    return client


def app_link(customer: Customer) -> str:
    """The signed part of the link that a Welcome Email holds for this customer."""
    hashed = address_hash(Channel.EMAIL, customer.email)
    return make_link(Purpose.APP, Told(customer.retailer_id, customer.pk, Channel.EMAIL, hashed))
