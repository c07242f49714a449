"""Fields that stand before the test begins, and visits that answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from astro.checkout.actions import Recorded, Refused, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.fields.actions import FieldTerms, add_field
from astro.checkout.fields.judging import Asking
from astro.checkout.models import CheckoutField, FieldAnswer, FieldKind
from astro.customers.models import Customer
from astro.kit.ids import id_text
from astro.tenancy.models import Location
from tests.cast import NOW, inside


def make_field(at: Location, label: str = "Initials", *, now: datetime = NOW, **terms: Any) -> CheckoutField:
    with inside(at.retailer):
        told = FieldTerms(label=label, kind=terms.pop("kind", FieldKind.TEXT), **terms)
        return add_field(told, by=None, at=at, now=now)


def answered(*pairs: tuple[CheckoutField, str]) -> list[dict[str, str]]:
    return [{"field": id_text(field.pk), "value": value} for field, value in pairs]


def check_out(
    customer: Customer, body: dict[str, Any], *, at: Location, asking: Asking = Asking.AT_THE_TILL
) -> Recorded | Refused:
    with inside(at.retailer):
        basket = read_basket(body, customer_id=customer.pk)
        return record_visit(customer, basket, at=at, by=None, asking=asking, now=NOW)


def rows_in(place: Location) -> list[tuple[str, str, str, str]]:
    """Label, value, flag and occasion of every answer, in the order in which they stand."""
    with inside(place.retailer):
        rows = FieldAnswer.objects.order_by("id")
        return [(row.label, row.value, row.flag, row.asked_for) for row in rows]
