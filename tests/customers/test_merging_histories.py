"""Whatever two customers did: merged, everything adds up; split again, everything is as it was or adds up, too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.cards.models import Card
from astro.checkout.models import Purchase
from astro.checkout.undoing import remove_units
from astro.customers.models import Merge
from tests.cast import inside, make_customer
from tests.customers.two_people import TwoAccounts
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db


def histories(count):
    """The first of every three in each run, all of them in the long one."""
    return [pytest.param(one, marks=[pytest.mark.long] if one % 3 else []) for one in range(count)]


@pytest.mark.parametrize("number", histories(12))
def test_split_at_once_every_row_is_as_it_was(midtown, riverside, owner, number):
    store = TwoAccounts(midtown, riverside, owner, number=number)
    store.steps(30)
    store.settle()
    before = store.rows()
    merge = store.put_together()
    assert recounted(now=store.now)[0] == []
    store.take_apart(merge)
    assert recounted(now=store.now)[0] == []
    assert store.rows() == before


@pytest.mark.parametrize("number", histories(12))
def test_split_after_more_happened_everything_adds_up(midtown, riverside, owner, number):
    store = TwoAccounts(midtown, riverside, owner, number=100 + number)
    store.steps(25)
    merge = store.put_together()
    for _ in range(4):
        store.steps(6)
        store.settle()
        assert recounted(now=store.now)[0] == []
    totals = store.totals()
    with inside(store.retailer):  # so much happens in these histories that weeks go by
        Merge.objects.update(split_until=store.now)
    store.take_apart(merge)
    assert recounted(now=store.now)[0] == []
    assert store.totals() == totals
    store.customers = [store.kept, store.gone]
    for _ in range(3):
        store.steps(6)
        store.settle()
        assert recounted(now=store.now)[0] == []


@pytest.mark.parametrize("number", histories(6))
def test_merged_cards_are_those_of_one_who_bought_everything(midtown, riverside, owner, number):
    """As long as no reward was given: cards, places and rewards by the order of purchase."""
    store = Mirrored(midtown, riverside, owner, number=200 + number)
    store.steps(40)
    store.settle()
    store.put_together()
    with inside(store.retailer):
        assert cards_of(store.kept) == cards_of(store.everybody) != []
        assert not Card.objects.filter(customer=store.gone).exists()


class Mirrored(TwoAccounts):
    """What either of the two buys, and takes back, a third one does at the same moment."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with inside(self.retailer):
            self.everybody = make_customer(at=self.places[0])
        self.mirrors = []

    def buy(self, *, at, now, ago=timedelta(0)):
        state = self.random.getstate()
        visit = super().buy(at=at, now=now, ago=ago)
        self.random.setstate(state)
        both, self.customers = self.customers, [self.everybody, self.everybody]
        mirror = super().buy(at=at, now=now, ago=ago)
        self.customers = both
        pairs = zip(*(Purchase.objects.filter(visit=one).order_by("pk") for one in (visit, mirror)), strict=True)
        self.mirrors += pairs

    def remove(self, *, at, now):
        purchases = self.one(self.mirrors)
        for purchase in purchases:
            remove_units(purchase, [purchase.quantity], at=at, by=self.by, is_administrator=True, now=now)

    finish = undo = undo_visit = remove


def cards_of(customer):
    return [
        (
            *(card.program_card_id, card.number, card.need, card.punches, card.state, card.filled_on),
            card.rewards.filter(state="ready").count(),
            list(card.punch_rows.order_by("position").filter(state="live").values_list("occurred_at", "product_id")),
        )
        for card in Card.objects.filter(customer=customer).exclude(state="empty").order_by("program_card", "number")
    ]
