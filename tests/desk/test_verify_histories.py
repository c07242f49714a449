"""Whatever tills do, in whatever order, the rows add up afterwards. Histories are made up by the number of the test."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from astro.cards.actions import expire_punches
from astro.cards.models import NextStep, Redemption, Reward, RewardState
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.finishing import finish_visit, read_finish, seal_left_open
from astro.checkout.models import Purchase, Visit
from astro.checkout.undoing import remove_units, undo_redemption, undo_visit
from astro.customers.actions import merge_customers
from astro.kit.errors import DomainError
from astro.kit.ids import id_text, new_uuid7
from astro.programs.actions import NewCard, add_version
from astro.programs.models import ProgramCard
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program, platform
from tests.desk.recounted import recounted

STEPS = 60
LASTS_A_MONTH = RuleOfCard(3, 2, "any", "none", expiry_months=1)


class Store:
    """Two locations whose tills do anything at all; `done` counts what was not refused."""

    def __init__(self, midtown, riverside, owner, *, number):
        self.random = Random(number)  # noqa: S311 - to be told again, not to be secret
        self.retailer, self.by, self.now = midtown.retailer, owner, NOW
        self.done = Counter()
        self.products = [make_product(name="Adult"), make_product(name="Puppy"), make_product(name="Rope toy")]
        adult, puppy, _toy = self.products
        program = make_program(
            title="Dog",
            cards=[
                NewCard("Dog, small", LASTS_A_MONTH, [adult]),
                NewCard("Dog, all", RuleOfCard(2, 1, "any", "lesser_or_equal"), [adult, puppy]),
            ],
        )
        for location in (midtown, riverside):
            make_enrollment(location, program=program, by=owner)
        with platform("the rules change while cards are open"):
            small = ProgramCard.objects.get(title="Dog, small")
            add_version(
                program, from_on=NOW.date() + timedelta(days=20), rules={small: RuleOfCard(2, 1, "any", "none")}
            )
        with inside(self.retailer):
            self.places = list(Location.objects.filter(pk__in=[midtown.pk, riverside.pk]).order_by("pk"))
            self.customers = [make_customer(at=midtown) for _ in range(2)]

    def step(self):
        self.now += timedelta(hours=self.random.choice([0, 0, 1, 1, 20, 200]), seconds=1)
        act = self.random.choice([self.buy, self.buy, self.buy, self.finish, self.finish, self.undo, self.remove,
                                  self.undo_visit, self.expire, self.late])  # fmt: skip
        with inside(self.retailer):
            try:
                act(at=self.random.choice(self.places), now=self.now)
            except DomainError:
                self.done["refused"] += 1
            else:
                self.done[act.__name__] += 1

    def one(self, rows):
        """Any of these rows; where there is none, the step is refused like a wrong one."""
        rows = list(rows)
        if not rows:
            raise DomainError("There is nothing.")
        return self.random.choice(rows)

    def buy(self, *, at, now, ago=timedelta(0)):
        chosen = self.random.sample(self.products, self.random.randint(1, 3))
        body = {
            "key": str(new_uuid7(now)),
            "occurred_at": (now - ago).isoformat(),
            "lines": [
                {
                    "key": str(new_uuid7(now)),
                    "product_id": id_text(row.pk),
                    "quantity": self.random.choice([1, 1, 2, 5]),
                }
                for row in chosen
            ],
        }
        customer = self.random.choice(self.customers)
        basket = read_basket(body, customer_id=customer.pk)
        return record_visit(customer, basket, at=at, by=self.by, now=now).visit

    def late(self, *, at, now):
        self.buy(at=at, now=now, ago=timedelta(hours=self.random.randint(1, 47)))

    def finish(self, *, at, now):
        reward = self.one(Reward.objects.filter(state=RewardState.READY).order_by("pk"))
        open_visits = Visit.objects.filter(has_offer=True, sealings__isnull=True, customer=reward.customer_id)
        visit = self.random.choice([None, *open_visits.order_by("pk")])
        chosen = {
            "reward_id": id_text(reward.pk),
            "product_id": id_text(self.random.choice(self.products).pk),
            "is_scanned": visit is not None and self.random.random() < 0.7,
        }
        body = {"key": str(new_uuid7(now)), "visit": str(visit.key) if visit else None, "redemptions": [chosen]}
        finish_visit(reward.customer, read_finish(body, customer_id=reward.customer_id), at=at, by=self.by, now=now)

    def undo(self, *, at, now):
        redemption = self.one(Redemption.objects.filter(is_live=True).order_by("pk"))
        undo_redemption(redemption, next_step=NextStep.REMOVE, at=at, by=self.by, is_administrator=True, now=now)

    def remove(self, *, at, now):
        purchase = self.one(Purchase.objects.filter(customer__in=self.customers).order_by("pk"))
        units = self.random.sample(range(1, purchase.quantity + 1), self.random.randint(1, purchase.quantity))
        remove_units(purchase, units, at=at, by=self.by, is_administrator=True, now=now)

    def undo_visit(self, *, at, now):
        visit = self.one(Visit.objects.filter(customer__in=self.customers).order_by("pk"))
        undo_visit(visit, at=at, by=self.by, is_administrator=True, now=now)

    def expire(self, *, at, now):
        expire_punches(today=min(place.day(now) for place in self.places))
        seal_left_open(now=now)

    def merge(self):
        kept, gone = self.customers
        with inside(self.retailer):
            merge_customers(kept, gone, by=self.by, at=self.places[0], now=self.now)
        self.customers = [kept]


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(8))
def test_any_history_adds_up(midtown, riverside, owner, number):
    store = Store(midtown, riverside, owner, number=number)
    for step in range(STEPS):
        store.step()
        if step == STEPS * 2 // 3:
            store.merge()
        if step % 10 == 9:
            with inside(store.retailer):
                store.expire(at=None, now=store.now)
            assert recounted(now=store.now)[0] == [], step
    assert store.done["buy"] > 5
    assert store.done["finish"] > 0
