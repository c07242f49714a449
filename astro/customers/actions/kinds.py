"""A pet owner becomes a breeder or an employee, and back again: from the day at the location where it was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.changes import note_changes, write_changes
from astro.customers.details import read_number
from astro.customers.errors import AlreadyCustomer, DetailError, Gone
from astro.customers.models import BreederNumber, Customer, Kind, KindSpan
from astro.tenancy.models import Location


@transaction.atomic
def make_breeder(
    customer: Customer, *, numbers: Mapping[int, str] | None = None, by: User | None, at: Location, now: datetime
) -> Customer:
    """A breeder from today on, with the numbers that brands gave them, by brand's id; an employee is none any more.

    Raises `DetailError` for a number that cannot be kept, `AlreadyCustomer` for one that somebody else has, and `Gone`
    for a retired customer. A breeder already only gets the numbers.
    """
    living = _living(customer)
    if living.kind != Kind.BREEDER:
        _become(living, Kind.BREEDER, by=by, at=at, now=now)
    for brand_id, number in (numbers or {}).items():
        write_breeder_number(living, brand_id, number, by=by, at=at, now=now)
    return living


@transaction.atomic
def make_employee(customer: Customer, *, employee_id: str, by: User | None, at: Location, now: datetime) -> Customer:
    """An employee of the store from today on, under this ID; a breeder is none any more. Raises as `make_breeder`.

    An employee already only changes the ID.
    """
    living, typed = _living(customer), read_number(employee_id, "employee_id")
    running = _running(living)
    if running is None or running.kind != Kind.EMPLOYEE or running.employee_id != typed:
        _become(living, Kind.EMPLOYEE, employee_id=typed, by=by, at=at, now=now)
    return living


@transaction.atomic
def make_pet_owner(customer: Customer, *, by: User | None, at: Location, now: datetime) -> Customer:
    """Neither breeder nor employee from today on: the numbers end, too, and somebody else may have them.

    What is on their cards stays, and so does what they earned. Raises `Gone`. A pet owner stays one.
    """
    living = _living(customer)
    if living.kind != Kind.PET_OWNER:
        _become(living, Kind.PET_OWNER, by=by, at=at, now=now)
    return living


@transaction.atomic
def write_breeder_number(
    customer: Customer, brand_id: int, number: str, *, by: User | None, at: Location, now: datetime
) -> Customer:
    """The number that this brand gave a breeder, from today on; empty takes it off. Raises as `make_breeder`, and
    `DetailError` for a customer who is no breeder."""
    living = _living(customer)
    if living.kind != Kind.BREEDER:
        raise DetailError(_("Only a breeder has such a number. Convert the account first."), field="breeder_number")
    typed = read_number(number, "breeder_number") if number.strip() else ""
    known = BreederNumber.objects.filter(customer=living, until_on__isnull=True).select_related("brand")
    before = known.filter(brand=brand_id).first()
    if typed == (before.number if before else ""):
        return living
    if before is not None:
        _end(before, by=by, at=at, now=now)
    if typed:
        row = BreederNumber(
            customer=living,
            brand_id=brand_id,
            number=typed,
            number_folded=typed.casefold(),
            from_on=at.day(now),
            by=by,
            at=now,
        )
        _save_as_the_only_one(row, by=by, at=at, now=now)
        new = _told(known.get(pk=row.pk))
    said = (_told(before) if before else "", new if typed else "")
    note_changes(living, {"breeder_number": said}, by=by, at=at, now=now)
    return living


def settle_kind(customer: Customer) -> None:
    """Store with the customer what the running span says."""
    running = _running(customer)
    customer.kind = Kind(running.kind) if running else Kind.PET_OWNER
    Customer.objects.filter(pk=customer.pk).update(kind=customer.kind)


def _become(
    customer: Customer, kind: Kind, *, employee_id: str = "", by: User | None, at: Location, now: datetime
) -> None:
    """End what they were, with its numbers, and begin what they are now."""
    changed: dict[str, tuple[str, str]] = {}
    if kind != customer.kind:
        changed["kind"] = (str(Kind(customer.kind).label), str(kind.label))
    before = _running(customer)
    if before is not None:
        _end(before, by=by, at=at, now=now)
        if before.employee_id:
            changed["employee_id"] = (before.employee_id, "")
        for number in BreederNumber.objects.filter(customer=customer, until_on__isnull=True).select_related("brand"):
            _end(number, by=by, at=at, now=now)
            write_changes([customer], {"breeder_number": (_told(number), "")}, by=by, at=at, now=now)
    if kind != Kind.PET_OWNER:
        row = KindSpan(
            customer=customer,
            kind=kind,
            employee_id=employee_id,
            employee_id_folded=employee_id.casefold(),
            from_on=at.day(now),
            by=by,
            at=now,
        )
        _save_as_the_only_one(row, by=by, at=at, now=now)
        if employee_id:
            changed["employee_id"] = (changed.get("employee_id", ("", ""))[0], employee_id)
    settle_kind(customer)
    if "kind" not in changed:
        note_changes(customer, changed, by=by, at=at, now=now)
        return
    write_changes([customer], changed, by=by, at=at, now=now)
    record("customer converted", customer, by=by, at=at, now=now, kind=str(kind))


def _end(row: KindSpan | BreederNumber, *, by: User | None, at: Location, now: datetime) -> None:
    """It counts no more from today on, or never where it began today."""
    row.until_on, row.ended_by, row.ended_at = _day_before(at.day(now)), by, now
    row.save(update_fields=["until_on", "ended_by", "ended_at"])


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def _save_as_the_only_one(row: KindSpan | BreederNumber, *, by: User | None, at: Location, now: datetime) -> None:
    """Save, unless a living customer has the number; one who was removed gives it away. The constraint decides between
    two tills at once."""
    _refuse_double(row, by=by, at=at, now=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        _refuse_double(row, by=by, at=at, now=now)
        raise


def _refuse_double(row: KindSpan | BreederNumber, *, by: User | None, at: Location, now: datetime) -> None:
    if isinstance(row, BreederNumber):
        field = "breeder_number"
        same = BreederNumber.objects.filter(brand=row.brand_id, number_folded=row.number_folded)
    elif row.employee_id_folded:
        field = "employee_id"
        same = KindSpan.objects.filter(employee_id_folded=row.employee_id_folded)
    else:
        return
    others = same.filter(until_on__isnull=True).exclude(customer=row.customer_id).select_related("customer")
    for other in others:
        if other.customer.retired_at is None:
            raise AlreadyCustomer(other.customer, field=field)
        _end(other, by=by, at=at, now=now)
        note_changes(other.customer, {field: (_told(other), "")}, by=by, at=at, now=now)
        settle_kind(other.customer)


def _told(row: KindSpan | BreederNumber) -> str:
    return f"{row.brand.name} {row.number}" if isinstance(row, BreederNumber) else row.employee_id


def _running(customer: Customer) -> KindSpan | None:
    row: KindSpan | None = KindSpan.objects.filter(customer=customer, until_on__isnull=True).first()
    return row


def _living(customer: Customer) -> Customer:
    living: Customer | None = (
        Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).first()
    )
    if living is None:
        raise Gone
    return living
