"""Submitting what a customer brought back, and everything that becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Brand, Distributor, Product
from astro.catalog.queries import barcodes_of, price_on
from astro.credits.actions import owe_for_return, withdraw_for_return
from astro.credits.models import ConsumerReturn, DeclineReason, ReturnReason, ReturnState, ReturnStep, ReturnTerms
from astro.credits.returns import errors
from astro.credits.returns.queries import payers_for, terms_on, units_back
from astro.credits.returns.states import FOLLOWS, OWED, may_follow
from astro.customers.models import Customer
from astro.programs.actions import ACCOUNT_NUMBER
from astro.programs.errors import number_misshapen, number_missing
from astro.tenancy.models import Location

MOST_UNITS: Final = 99
LONGEST_NOTE: Final = 200
LONGEST_LOT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A recorded purchase of this item by this customer, as the module that keeps purchases tells it. `units` stand."""

    purchase_id: int
    on: date
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What was brought back and why. The same `key` is the same return. Without `distributor` it waits in Temporary
    Holding; `bought` may be unknown."""

    key: UUID
    product: Product
    reason: ReturnReason
    lot_code: str
    best_by_on: date
    quantity: int = 1
    reason_text: str = ""
    note: str = ""
    bought: Bought | None = None
    distributor: Distributor | None = None
    account_number: str = ""


def write_terms(
    brand: Brand,
    *,
    from_on: date,
    takes_part: bool = True,
    needs_email: bool = False,
    needs_phone: bool = False,
    bought_within_days: int | None = None,
    now: datetime,
) -> ReturnTerms:
    """What the brand asks for from this day on. The platform's to write: outside it the wall raises OtherRetailer.

    Raises IntegrityError where something begins on that day already.
    """
    terms = ReturnTerms(
        brand=brand,
        from_on=from_on,
        takes_part=takes_part,
        needs_email=needs_email,
        needs_phone=needs_phone,
        bought_within_days=bought_within_days,
        written_at=now,
    )
    terms.save(force_insert=True)
    return terms


@transaction.atomic
def submit_return(customer: Customer, brought: Brought, *, at: Location, by: User, now: datetime) -> ConsumerReturn:
    """Ask for credit for what the customer brought back today; sent again, the return that stands is given back.

    Raises CannotReturn for what the brand's terms, or the form, refuse; Customer.DoesNotExist where the customer was
    taken off the list meanwhile.
    """
    living: Customer = Customer.objects.select_for_update().get(pk=customer.pk, retired_at__isnull=True)
    known: ConsumerReturn | None = ConsumerReturn.objects.filter(key=brought.key, customer=living).first()
    if known:
        return known
    product, day = brought.product, at.day(now)
    if product.brand is None:
        raise errors.no_brand(str(product))
    brand = product.brand
    terms = terms_on(brand, day=day)
    if terms is None:
        raise errors.takes_no_part(brand.name)
    _check_terms(terms, brand, living, brought.bought, day=day)
    _check_words(brought)
    number = _checked_payer(brand, brought.distributor, brought.account_number, at=at)
    gtin = barcodes_of([product.pk], on=day).get(product.pk, "")
    made = ConsumerReturn(
        key=brought.key,
        customer=living,
        location=at,
        brand=brand,
        product=product,
        gtin=gtin,
        product_name=product.name,
        size=product.size,
        msrp_cents=price_on(product, currency=at.retailer.currency, day=day),
        currency=at.retailer.currency,
        quantity=brought.quantity,
        reason=brought.reason,
        reason_text=brought.reason_text.strip()[:LONGEST_NOTE] if brought.reason == ReturnReason.OTHER else "",
        lot_code=brought.lot_code.strip()[:LONGEST_LOT],
        best_by_on=brought.best_by_on,
        note=brought.note.strip()[:LONGEST_NOTE],
        purchase_id=brought.bought.purchase_id if brought.bought else None,
        bought_on=brought.bought.on if brought.bought else None,
        is_practice=living.is_practice,
        day=day,
        submitted_at=now,
        submitted_by=by,
    )
    made.save(force_insert=True)
    ReturnStep(
        consumer_return=made,
        number=1,
        state=ReturnState.SUBMITTED,
        distributor=brought.distributor,
        account_number=number,
        by=by,
        at=now,
    ).save(force_insert=True)
    record("return submitted", made, by=by, at=at, now=now, brand_id=brand.pk, reason=str(brought.reason))
    return made


@transaction.atomic
def move_on(
    brought: ConsumerReturn,
    then: ReturnState,
    *,
    decline_reason: str = "",
    note: str = "",
    by: User,
    now: datetime,
    account_number: str | None = None,
    distributor: Distributor | None = None,
    follows: Mapping[ReturnState, frozenset[ReturnState]] = FOLLOWS,
) -> ReturnStep:
    """The return comes into another state. Approving owes the store its credit, once; leaving that takes it back.

    `follows` is what may come after what for whoever asks: a store hands over `STORE_FOLLOWS`.
    Resubmitting may name another account number and distributor. Raises CannotMoveOn where the return stands
    elsewhere by now, where a decline has no reason, and where the credit is in a batch already.
    """
    customer: Customer = Customer.objects.select_for_update().get(pk=brought.customer_id)
    last: ReturnStep = ReturnStep.objects.select_related("distributor").filter(consumer_return=brought).latest("number")
    was = ReturnState(last.state)
    if not may_follow(was, then, declined_for=last.decline_reason, follows=follows):
        raise errors.stands_elsewhere(str(last.get_state_display()))
    if then == ReturnState.DECLINED and decline_reason not in DeclineReason.values:
        raise errors.reason_missing()
    payer, number = last.distributor, last.account_number
    if account_number is not None and then == ReturnState.RESUBMITTED:
        payer = distributor
        number = _checked_payer(brought.brand, payer, account_number, at=brought.location)
    step = ReturnStep(
        consumer_return=brought,
        number=last.number + 1,
        state=then,
        decline_reason=decline_reason if then == ReturnState.DECLINED else "",
        note=" ".join(note.split())[:LONGEST_NOTE],
        distributor=payer,
        account_number=number,
        by=by,
        at=now,
    )
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError as problem:  # the constraint stands behind the lock
        raise errors.stands_elsewhere(str(last.get_state_display())) from problem
    if then in OWED and was not in OWED:
        owe_for_return(brought, step, customer=customer, now=now)
    elif was in OWED and then not in OWED and not withdraw_for_return(brought, now=now):
        raise errors.pulled_already()
    record("return moved on", brought, by=by, at=brought.location, now=now, was=str(last.state), became=str(step.state))
    return step


def _check_terms(terms: ReturnTerms, brand: Brand, customer: Customer, bought: Bought | None, *, day: date) -> None:
    if terms.needs_email and not customer.email:
        raise errors.email_missing(brand.name, customer.name)
    if terms.needs_phone and not customer.phone:
        raise errors.phone_missing(brand.name, customer.name)
    within = terms.bought_within_days
    if within is not None and (bought is None or day - bought.on > timedelta(days=within)):
        raise errors.purchase_missing(brand.name, within)


def _check_words(brought: Brought) -> None:
    if not brought.lot_code.strip():
        raise errors.lot_missing()
    if brought.reason == ReturnReason.OTHER and not brought.reason_text.strip():
        raise errors.words_missing()
    if not 1 <= brought.quantity <= MOST_UNITS:
        raise errors.quantity_wrong(MOST_UNITS)
    if brought.bought is not None:
        back = units_back([brought.bought.purchase_id]).get(brought.bought.purchase_id, 0)
        left = max(brought.bought.units - back, 0)
        if brought.quantity > left:
            raise errors.more_than_bought(left)


def _checked_payer(brand: Brand, distributor: Distributor | None, account_number: str, *, at: Location) -> str:
    """The account number to write, after everything that a distributor may be refused for."""
    if distributor is None:
        return ""
    if distributor not in payers_for(brand, location=at):
        raise errors.does_not_pay(distributor.name, brand.name)
    number = account_number.strip()
    if not number and distributor.needs_account_number:
        raise number_missing(distributor.name)
    if number and not ACCOUNT_NUMBER.fullmatch(number):
        raise number_misshapen()
    return number
