"""Filling an empty database with stores: brands and their programs, retailers, their people, tills and sessions."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from astro.accounts.actions import stand_at
from astro.accounts.models import Device, Membership, Role, StaffSession, User
from astro.accounts.sessions import SIGNED_IN_AT
from astro.catalog.models import Barcode, Brand, Distributor, Price, Product
from astro.desk.bench.errors import NotEmpty
from astro.desk.bench.population import (
    LONG_NEED,
    NEED,
    PROGRAMS,
    SESSION,
    SESSION_FROM,
    SHORT_PROGRAMS,
    VARIANTS,
    Kind,
    Size,
    product,
    row_id,
)
from astro.desk.bench.rows import write
from astro.kit.clock import utc_now
from astro.programs.models import CardRule, Enrollment, Fulfilment, Program, ProgramCard, ProgramItem, ProgramVersion
from astro.tenancy import current
from astro.tenancy.models import Location, Retailer

LONG_AGO = date(2025, 1, 1)
ZONE = ZoneInfo("America/Denver")
MSRP_CENTS = 6499
BRAND = "Benchfield"
SMALLEST = "10 lb"


def as_owner() -> AbstractContextManager[None]:
    """Who may write rows past the walls of PostgreSQL, and take indexes away for a while."""
    owner: AbstractContextManager[None] = getattr(connection, "as_owner", nullcontext)()  # SQLite has no roles
    return owner


def open_stores(size: Size, *, now: datetime) -> None:
    """Everything but customers. Raises NotEmpty where anybody is at home."""
    if Retailer.objects.exists():
        raise NotEmpty("This database has a store in it. The benchmark fills an empty one of its own.")
    with as_owner(), transaction.atomic():
        _stores(size, now=now)
        _programs(size, now=now)
    _sessions(size)


def settle() -> None:
    """Let the database look at what it was given, as it would have over the months."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def food(program: int) -> str:
    return f"{BRAND} Food {program:02}"


def card_title(program: int) -> str:
    return f"{BRAND} {program:02} 30 lb"


def gtin(program: int, variant: int) -> str:
    """A GTIN-14 of its own for each product; nobody scans it, so its check digit does not matter."""
    return f"{7_000_000_000 + program * VARIANTS + variant:014}"


def _stores(size: Size, *, now: datetime) -> None:
    shops = range(size.retailers)
    write(Retailer, ["id", "name"], ((row_id(Kind.RETAILER, s), f"Bench Pets {s:03}") for s in shops))
    write(
        Location,
        ["id", "retailer_id"],
        ((row_id(Kind.LOCATION, s), row_id(Kind.RETAILER, s)) for s in shops),
        name="Main Street",
        region="MT",
        time_zone=ZONE,
    )
    write(
        User,
        ["id", "user_name"],
        ((row_id(Kind.USER, s), f"bench{s}") for s in shops),
        name="Bench Cashier",
        password=make_password(None),
    )
    write(
        Membership,
        ["id", "retailer_id", "user_id", "location_id"],
        (tuple(row_id(k, s) for k in (Kind.MEMBERSHIP, Kind.RETAILER, Kind.USER, Kind.LOCATION)) for s in shops),
        role=Role.CASHIER,
        began_at=now,
    )
    write(
        Device,
        ["id", "retailer_id", "location_id", "enrolled_by_id"],
        (tuple(row_id(k, s) for k in (Kind.DEVICE, Kind.RETAILER, Kind.LOCATION, Kind.USER)) for s in shops),
        name="Till 1",
        secret_hash="0" * 64,
        enrolled_at=now,
    )


def _programs(size: Size, *, now: datetime) -> None:
    programs = range(PROGRAMS + size.idle)
    items = [(g, v) for g in programs for v in range(VARIANTS)]
    brand, distributor = row_id(Kind.BRAND, 0), row_id(Kind.DISTRIBUTOR, 0)
    write(Brand, ["id"], [(brand,)], name=BRAND)
    write(Distributor, ["id"], [(distributor,)], name="Bench Distributing")
    write(
        Program,
        ["id", "title"],
        ((row_id(Kind.PROGRAM, g), f"{BRAND} {g:02}") for g in programs),
        retailer_id=None,
        brand_id=brand,
        starts_on=LONG_AGO,
        fulfilment=Fulfilment.DISTRIBUTOR,
    )
    write(
        ProgramVersion,
        ["id", "program_id"],
        ((row_id(Kind.VERSION, g), row_id(Kind.PROGRAM, g)) for g in programs),
        retailer_id=None,
        number=1,
        from_on=LONG_AGO,
    )
    write(
        ProgramCard,
        ["id", "program_id", "title"],
        ((row_id(Kind.PROGRAM_CARD, g), row_id(Kind.PROGRAM, g), card_title(g)) for g in programs),
        retailer_id=None,
        position=0,
    )
    write(
        CardRule,
        ["id", "version_id", "program_card_id", "buy", "value_limit"],
        (
            (
                *(row_id(k, g) for k in (Kind.RULE, Kind.VERSION, Kind.PROGRAM_CARD)),
                NEED if g < SHORT_PROGRAMS else LONG_NEED,
                "lesser_or_equal" if g % 2 else "none",
            )
            for g in programs
        ),
        retailer_id=None,
        get=1,
    )
    write(
        Product,
        ["id", "name", "size"],
        ((product(g, v), food(g), f"{10 * v + 10} lb") for g, v in items),
        retailer_id=None,
        brand_id=brand,
    )
    write(
        ProgramItem,
        ["id", "program_card_id", "product_id"],
        ((row_id(Kind.ITEM, g * VARIANTS + v), row_id(Kind.PROGRAM_CARD, g), product(g, v)) for g, v in items),
        retailer_id=None,
        from_on=LONG_AGO,
    )
    write(
        Barcode,
        ["id", "product_id", "gtin"],
        ((row_id(Kind.BARCODE, g * VARIANTS + v), product(g, v), gtin(g, v)) for g, v in items),
        retailer_id=None,
        from_on=LONG_AGO,
    )
    write(
        Price,
        ["id", "product_id"],
        ((row_id(Kind.PRICE, g * VARIANTS + v), product(g, v)) for g, v in items),
        retailer_id=None,
        currency="USD",
        from_on=LONG_AGO,
        msrp_cents=MSRP_CENTS,
    )
    write(
        Enrollment,
        ["id", "retailer_id", "location_id", "enrolled_by_id", "program_id"],
        (
            (
                row_id(Kind.ENROLLMENT, s * len(programs) + g),
                *(row_id(k, s) for k in (Kind.RETAILER, Kind.LOCATION, Kind.USER)),
                row_id(Kind.PROGRAM, g),
            )
            for s in range(size.retailers)
            for g in programs
        ),
        distributor_id=distributor,
        account_number="4711",
        from_on=LONG_AGO,
        enrolled_at=now,
    )


def _sessions(size: Size) -> None:
    """A signed-in cashier on the enrolled till of each store, as `start_work` leaves one."""
    store = StaffSession.get_session_store_class()
    for s in range(size.retailers):
        with transaction.atomic():
            user = User.objects.get(pk=row_id(Kind.USER, s))
            membership = Membership.objects.get(pk=row_id(Kind.MEMBERSHIP, s))
            session = store()
            session.update(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                    SIGNED_IN_AT: utc_now().isoformat(),
                }
            )
            with current.within(membership.retailer_id):
                location = Location.objects.get(pk=row_id(Kind.LOCATION, s))
                device = Device.objects.get(pk=row_id(Kind.DEVICE, s))
                stand_at(session, membership=membership, location=location, device=device)
        row = session.create_model_instance(dict(session.items()))
        row.session_key = f"{SESSION}{SESSION_FROM + s}"
        row.save(force_insert=True)
