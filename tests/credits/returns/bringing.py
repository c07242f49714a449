"""A store, a brand that takes goods back, and somebody who brings a bag back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from astro.accounts.models import User
from astro.credits.models import ConsumerReturn, CreditLine, DeclineReason, ReturnReason, ReturnState, ReturnStep
from astro.credits.returns.actions import Bought, Brought, move_on, submit_return, write_terms
from astro.customers.models import Customer
from astro.programs.models import Carrier
from astro.tenancy.models import Location
from tests import cast


class Bringing:
    """`Northpaw` takes part from the beginning, `Paws Distributing` delivers it to Montana, and Ben has a bag of it."""

    def __init__(self, at: Location, by: User, **terms: Any) -> None:
        self.at, self.by, self.now = at, by, cast.NOW
        self.brand = cast.make_brand(name="Northpaw")
        self.payer = cast.make_distributor(name="Paws Distributing")
        self.bag = cast.make_product(name="Adult", brand=self.brand)
        self.program = cast.make_program(products=[self.bag], brand=self.brand)
        with cast.platform("they agreed"):
            Carrier.objects.create(program=self.program, distributor=self.payer)
        self.terms(**terms)
        with cast.inside(at.retailer):
            self.customer: Customer = cast.make_customer(at=at, last_name="Ortiz")

    def terms(self, from_on: date = cast.LONG_AGO, **terms: Any) -> None:
        with cast.platform("the brand said so"):
            write_terms(self.brand, from_on=from_on, now=self.now, **terms)

    def bring(self, **other: Any) -> ConsumerReturn:
        self.now += timedelta(minutes=1)
        told: dict[str, Any] = {
            "key": uuid4(),
            "product": self.bag,
            "reason": ReturnReason.SMELL,
            "lot_code": "LOT7",
            "best_by_on": date(2027, 6, 30),
            "distributor": self.payer,
            "account_number": "48-1123",
            **other,
        }
        with cast.inside(self.at.retailer):
            return submit_return(self.customer, Brought(**told), at=self.at, by=self.by, now=self.now)

    def bought(self, *, days: int = 3, units: int = 2) -> Bought:
        return Bought(purchase_id=77, on=self.at.day(self.now) - timedelta(days=days), units=units)

    def move(self, brought: ConsumerReturn, *states: ReturnState, **other: Any) -> ReturnStep:
        for state in states:
            self.now += timedelta(minutes=1)
            reason = {"decline_reason": DeclineReason.ACCOUNT_NUMBER} if state == ReturnState.DECLINED else {}
            with cast.inside(self.at.retailer):
                step = move_on(brought, state, by=self.by, now=self.now, **{**reason, **other})
        return step

    def states(self, brought: ConsumerReturn) -> list[str]:
        with cast.inside(self.at.retailer):
            return list(
                ReturnStep.objects.filter(consumer_return=brought).order_by("number").values_list("state", flat=True)
            )

    def lines(self) -> list[tuple[str, int, str, str]]:
        with cast.inside(self.at.retailer):
            rows = CreditLine.objects.order_by("id")
            return list(rows.values_list("cause_kind", "units", "account_number", "state"))
