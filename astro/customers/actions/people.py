"""Adding a customer, changing what is known of them, and where they were met."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.addresses import in_one_line, read_address
from astro.customers.changes import note_changes
from astro.customers.consent.asking import refresh
from astro.customers.details import Details, read_details, read_email, read_note
from astro.customers.errors import AlreadyCustomer, Gone, PracticeStays
from astro.customers.look_up import search_text, sort_name
from astro.customers.models import SORT_NAME_LENGTH, Address, CodeKind, Customer, CustomerCode
from astro.kit import plain
from astro.kit.codes import NUMBERS, make_code
from astro.kit.ids import new_id
from astro.tenancy import current
from astro.tenancy.models import Location

CODE_LETTER = "C"
PRACTICE_NAME = ("Sally", "Pet Owner")


@transaction.atomic
def add_customer(
    *,
    first_name: str,
    last_name: str,
    phone: str = "",
    email: str = "",
    internal_id: str = "",
    at: Location,
    by: User | None,
    now: datetime,
) -> Customer:
    """A new pet owner of this retailer, met at `at`, in whose country the phone number is read.

    Raises `DetailError` for what cannot be kept and `AlreadyCustomer` for a phone, e-mail or internal id that somebody
    has.
    """
    details = read_details(
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        email=email,
        internal_id=internal_id,
        country=at.country,
    )
    customer = Customer(created_at=now, **columns_of(details))
    _save_as_the_only_one(customer, force_insert=True)
    refresh(customer)
    seen_at(customer, at=at, now=now)
    record("customer added", customer, by=by, at=at, now=now)
    return customer


@transaction.atomic
def change_customer(
    customer: Customer,
    *,
    first_name: str,
    last_name: str,
    phone: str,
    email: str,
    internal_id: str | None = None,
    at: Location,
    by: User | None,
    now: datetime,
) -> Customer:
    """Write the details anew; `internal_id` None leaves it. A changed phone or e-mail starts without any consent.

    Raises as `add_customer` does, and `Gone` for a retired customer.
    """
    current = _living(customer)
    details = read_details(
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        email=email,
        internal_id=current.internal_id if internal_id is None else internal_id,
        country=at.country,
    )
    changed = {
        name: (getattr(current, name), getattr(details, name))
        for name in ("first_name", "last_name", "phone", "email", "internal_id")
        if getattr(details, name) != getattr(current, name)
    }
    if changed:
        columns = columns_of(details)
        for name, value in columns.items():
            setattr(current, name, value)
        _save_as_the_only_one(current, update_fields=list(columns))
        refresh(current)
        note_changes(current, changed, by=by, at=at, now=now)
    return current


@transaction.atomic
def write_note(customer: Customer, text: str, *, by: User | None, at: Location, now: datetime) -> Customer:
    """What the store wants to remember of a customer, at most 1,000 characters; empty takes it off.

    Raises `DetailError` and `Gone`.
    """
    current, read = _living(customer), read_note(text)
    if read != current.note:
        old, current.note = current.note, read
        current.save(update_fields=["note"])
        note_changes(current, {"note": (old, read)}, by=by, at=at, now=now)
    return current


@transaction.atomic
def write_address(
    customer: Customer, typed: Mapping[str, Any] | None, *, by: User | None, at: Location, now: datetime
) -> Address | None:
    """Where the customer lives, as `addresses.read_address` takes it; None takes it off.

    Raises `DetailError` and `Gone`.
    """
    current = _living(customer)
    home = read_address(typed, country=at.country) if typed is not None else None
    row: Address | None = Address.objects.filter(customer=current).first()
    old = in_one_line(row) if row else ""
    if home is None:
        if row is not None:
            row.delete()
    elif row is None:
        row = Address(customer=current, changed_at=now, **asdict(home))
        row.save(force_insert=True)
    elif any(getattr(row, name) != value for name, value in asdict(home).items()):
        for name, value in asdict(home).items():
            setattr(row, name, value)
        row.changed_at = now
        row.save()
    new = in_one_line(home) if home else ""
    if old != new:
        note_changes(current, {"address": (old, new)}, by=by, at=at, now=now)
    return row if home else None


@transaction.atomic
def fill_in(
    customer: Customer,
    *,
    email: str | None = None,
    address: Mapping[str, Any] | None = None,
    at: Location,
    by: User | None,
    now: datetime,
) -> Customer:
    """Write down what was asked for in passing. What is known already stays: nobody was asked to change it.

    Raises `DetailError` for what cannot be kept, `AlreadyCustomer` for an e-mail that somebody has, `Gone` for a
    retired customer. `address` has `postcode`, `street`, `street2`, `city`, `region`, `country` (else that of `at`).
    """
    read = read_email(email or "")
    home = read_address(address, country=at.country) if address is not None else None
    if not read and home is None:
        return customer
    current = _living(customer)
    filled: dict[str, tuple[str, str]] = {}
    if read and not current.email:
        names = {"first_name": current.first_name, "last_name": current.last_name}
        columns = columns_of(Details(**names, phone=current.phone, email=read, internal_id=current.internal_id))
        for name, value in columns.items():
            setattr(current, name, value)
        _save_as_the_only_one(current, update_fields=list(columns))
        filled["email"] = ("", read)
    if home is not None and not Address.objects.filter(customer=current).exists():
        Address(customer=current, changed_at=now, **asdict(home)).save(force_insert=True)
        filled["address"] = ("", in_one_line(home))
    if filled:
        refresh(current)
        note_changes(current, filled, by=by, at=at, now=now)
    return current


@transaction.atomic
def retire_customer(customer: Customer, *, at: Location | None, by: User | None, now: datetime) -> None:
    """Take a customer off every list and out of look-up; phone and e-mail are free again, all history stays.

    Raises `PracticeStays` for the practice customer, `Gone` where somebody was faster.
    """
    if customer.is_practice:
        raise PracticeStays
    if Customer.objects.filter(pk=customer.pk, retired_at__isnull=True).update(retired_at=now) != 1:
        raise Gone
    customer.retired_at = now
    record("customer retired", customer, by=by, at=at, now=now)


def give_code(customer: Customer, *, kind: CodeKind = CodeKind.CARD, now: datetime) -> CustomerCode:
    """A new code of our own for a card or the app, drawn at random, because a code is printed where all may read it."""
    while True:
        code = make_code(CODE_LETTER, number=secrets.randbelow(NUMBERS))
        if not CustomerCode.objects.filter(code=code).exists():
            row = CustomerCode(customer=customer, code=code, kind=kind, created_at=now)
            row.save(force_insert=True)
            return row


_SEEN = """
insert into customers_seenat (id, retailer_id, customer_id, location_id, first_seen_at, last_seen_at)
values (%(id)s, %(retailer)s, %(customer)s, %(location)s, %(now)s, %(now)s)
on conflict (retailer_id, customer_id, location_id) do update set
    first_seen_at = case when excluded.first_seen_at < customers_seenat.first_seen_at
                         then excluded.first_seen_at else customers_seenat.first_seen_at end,
    last_seen_at = case when excluded.last_seen_at > customers_seenat.last_seen_at
                        then excluded.last_seen_at else customers_seenat.last_seen_at end
"""


def seen_at(customer: Customer, *, at: Location, now: datetime) -> None:
    """Note that `at` met this customer at `now`, which may be earlier than what is noted (a late entry)."""
    if {at.retailer_id, customer.retailer_id} != {current.scope()}:
        raise current.OtherRetailer("A customer is met at a location of the same, current retailer.")
    plain.run(
        _SEEN,
        {"id": new_id(), "retailer": at.retailer_id, "customer": customer.pk, "location": at.pk, "now": now},
        changing=1,
        otherwise=IntegrityError,
    )


@transaction.atomic
def add_practice_customer(*, now: datetime) -> Customer:
    """The current retailer's customer to practice with, known at every location. Made once; asked again, the same."""
    customer: Customer | None = Customer.objects.filter(is_practice=True).first()
    if customer is None:
        first_name, last_name = PRACTICE_NAME
        details = Details(first_name=first_name, last_name=last_name, phone="", email="", internal_id="")
        customer = Customer(is_practice=True, created_at=now, **columns_of(details))
        customer.save(force_insert=True)
        record("customer added", customer, by=None, at=None, now=now)
    for location in Location.objects.all():
        seen_at(customer, at=location, now=now)
    return customer


def columns_of(details: Details) -> dict[str, Any]:
    """What the row of a customer with these details holds of them, with what is worked out."""
    names = {"first_name": details.first_name, "last_name": details.last_name}
    contact = {"phone": details.phone, "email": details.email, "internal_id": details.internal_id}
    return {
        **names,
        **contact,
        "email_folded": details.email_folded,
        "internal_id_folded": details.internal_id_folded,
        "search": search_text(**names, **contact),
        "sort_name": sort_name(**names, length=SORT_NAME_LENGTH),
    }


def _living(customer: Customer) -> Customer:
    current: Customer | None = (
        Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).first()
    )
    if current is None:
        raise Gone
    return current


def _save_as_the_only_one(customer: Customer, **how: Any) -> None:
    """Save, unless a living customer has the phone or e-mail. The constraint decides between two tills at once."""
    _refuse_double(customer)
    try:
        with transaction.atomic():
            customer.save(**how)
    except IntegrityError:
        _refuse_double(customer)
        raise


def _refuse_double(customer: Customer) -> None:
    others = Customer.objects.filter(retired_at__isnull=True).exclude(pk=customer.pk)
    if customer.phone and (existing := others.filter(phone=customer.phone).first()):
        raise AlreadyCustomer(existing, field="phone")
    if customer.email_folded and (existing := others.filter(email_folded=customer.email_folded).first()):
        raise AlreadyCustomer(existing, field="email")
    if customer.internal_id_folded and (
        existing := others.filter(internal_id_folded=customer.internal_id_folded).first()
    ):
        raise AlreadyCustomer(existing, field="internal_id")
