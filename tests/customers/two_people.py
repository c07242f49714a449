"""A store with two accounts at which anything may happen, for tests of merging and splitting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from astro.accounts.models import User
from astro.cards.models import Card, Punch, Redemption, Reward
from astro.checkout.models import Purchase, Visit
from astro.customers.actions import merge_customers, split_customers
from astro.customers.models import Customer, Merge
from astro.kit.errors import DomainError
from astro.tenancy.models import Location
from tests.cast import inside
from tests.desk.test_verify_histories import Store

TABLES = (Card, Punch, Reward, Redemption, Visit, Purchase)


class TwoAccounts(Store):
    """`kept` and `gone`; after the merge everything is done with one of them, at random under either number."""

    def __init__(self, midtown: Location, riverside: Location, owner: User, *, number: int) -> None:
        super().__init__(midtown, riverside, owner, number=number)
        self.kept, self.gone = self.customers

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.step()

    def settle(self) -> None:
        """What the jobs do: so that nothing is still to expire."""
        with inside(self.retailer):
            self.expire(at=None, now=self.now)

    def put_together(self) -> Merge:
        with inside(self.retailer):
            return merge_customers(self.kept, self.gone, by=self.by, at=self.places[0], now=self.now)

    def take_apart(self, merge: Merge) -> Customer:
        with inside(self.retailer):
            return split_customers(merge, by=self.by, at=self.places[0], now=self.now)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        with inside(self.retailer):
            return {model.__name__: list(model.objects.order_by("id").values()) for model in TABLES}

    def totals(self) -> dict[str, int]:
        with inside(self.retailer):
            return {model.__name__: model.objects.count() for model in (Punch, Redemption, Visit, Purchase)}


def refused(act: Any) -> str:
    """The sentence with which this is refused."""
    try:
        act()
    except DomainError as problem:
        return str(problem)
    raise AssertionError("It was done.")


def later(store: TwoAccounts, **by: int) -> None:
    store.now += timedelta(**by)
