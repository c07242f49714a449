"""The second half of a visit, by cases: handing out, keeping, undoing."""

from datetime import timedelta

import pytest

from astro.cards.actions import merge_cards
from astro.cards.errors import AlreadyRedeemed, FullOnlyWithIt
from astro.cards.models import Card, NextStep, Punch, PunchState, Redemption, Reward, RewardState, State
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.errors import AlreadyPulled, FinishedBefore, GivenFree, NotFinished, NotToday
from astro.checkout.finishing import finish_visit, read_finish, seal_left_open
from astro.checkout.jobs import seal_here
from astro.checkout.models import Purchase, Sealing, UnitVoid, Visit
from astro.checkout.undoing import remove_units, undo_redemption, undo_visit
from astro.credits.models import CreditLine, LineState
from astro.kit.ids import new_uuid7
from astro.programs.rules import RuleOfCard
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program

pytestmark = pytest.mark.django_db


class Counter:
    """A customer at a till, with a program that asks for three bags."""

    def __init__(self, midtown, owner, buy=3):
        self.at, self.by, self.now = midtown, owner, NOW
        self.bag = make_product(name="Adult")
        self.program = make_program(products=[self.bag], rule=RuleOfCard(buy, 1, "any", "lesser_or_equal"))
        make_enrollment(midtown, program=self.program, by=owner)
        with inside(midtown.retailer):
            self.customer = make_customer(at=midtown)

    def later(self, **time):
        self.now += timedelta(**time)
        return self

    def buy(self, quantity=1, **extra):
        self.later(minutes=1)
        body = {
            "key": str(new_uuid7(self.now)),
            "occurred_at": self.now.isoformat(),
            "lines": [{"key": str(new_uuid7(self.now)), "product_id": str(self.bag.pk), "quantity": quantity}]
            if quantity
            else [],
            **extra,
        }
        basket = read_basket(body, customer_id=self.customer.pk)
        with inside(self.at.retailer):
            return record_visit(self.customer, basket, at=self.at, by=self.by, now=self.now).visit

    def finish(self, visit=None, *, reward=None, product=None, is_scanned=False, key=None):
        with inside(self.at.retailer):
            reward = reward or Reward.objects.filter(customer=self.customer).order_by("id").last()
            chosen = {
                "reward_id": str(reward.pk), "product_id": str((product or self.bag).pk), "is_scanned": is_scanned,
            }  # fmt: skip
            body = {
                "key": str(key or new_uuid7(self.now)),
                "visit": str(visit.key) if visit else None,
                "redemptions": [chosen],
            }
            finish = read_finish(body, customer_id=self.customer.pk)
            return finish_visit(self.customer, finish, at=self.at, by=self.by, now=self.now)

    def undo(self, redemption, *, is_administrator=False):
        with inside(self.at.retailer):
            undo_redemption(
                redemption,
                next_step=NextStep.REMOVE,
                at=self.at,
                by=self.by,
                is_administrator=is_administrator,
                now=self.now,
            )

    def rounds(self):
        with inside(self.at.retailer):
            return list(Card.objects.order_by("number").values_list("number", "punches", "state"))


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


def test_a_full_card_is_redeemed_once_and_owed_once(counter):
    visit = counter.buy(3)
    assert visit.has_offer
    key = new_uuid7(NOW)
    done = counter.finish(visit, key=key)
    again = counter.finish(visit, key=key)
    assert again.is_again
    assert again.sealing == done.sealing
    assert counter.rounds() == [(1, 3, State.REDEEMED)]
    with inside(counter.at.retailer):
        line = CreditLine.objects.get()
        assert (line.state, line.units, len(line.proof)) == (LineState.UNBATCHED, 1, 3)
        assert line.customer_name == counter.customer.name
        assert Redemption.objects.filter(is_live=True).count() == 1


def test_the_same_visit_is_not_finished_twice_with_other_choices(counter):
    visit = counter.buy(6)
    with inside(counter.at.retailer):
        first, second = Reward.objects.order_by("id")
    counter.finish(visit, reward=first)
    with pytest.raises(FinishedBefore):
        counter.finish(visit, reward=second)
    with pytest.raises(AlreadyRedeemed):
        counter.finish(reward=first)
    counter.finish(reward=second)
    assert counter.rounds() == [(1, 3, State.REDEEMED), (2, 3, State.REDEEMED)]


def test_the_scanned_bag_counts_once_as_the_free_one(counter):
    counter.buy(3)
    visit = counter.buy(1)
    assert counter.rounds() == [(1, 3, State.FULL), (2, 1, State.OPEN)]
    counter.finish(visit, is_scanned=True, reward=None)
    assert counter.rounds() == [(1, 3, State.REDEEMED), (2, 0, State.EMPTY)]
    with inside(counter.at.retailer):
        assert Punch.objects.filter(state=PunchState.FREE).count() == 1
        purchase = Purchase.objects.get(visit=visit)
        with pytest.raises(GivenFree):
            remove_units(purchase, [1], at=counter.at, by=counter.by, is_administrator=False, now=counter.now)


def test_the_bag_that_fills_the_card_cannot_be_the_free_one(counter):
    counter.buy(2)
    visit = counter.buy(1)
    with pytest.raises(FullOnlyWithIt):
        counter.finish(visit, is_scanned=True)
    assert counter.rounds() == [(1, 3, State.FULL)]


def test_undoing_gives_everything_back(counter):
    counter.buy(3)
    visit = counter.buy(1)
    done = counter.finish(visit, is_scanned=True)
    with inside(counter.at.retailer):
        redemption = Redemption.objects.get()
    counter.undo(redemption)
    counter.undo(redemption)
    assert counter.rounds() == [(1, 3, State.FULL), (2, 1, State.OPEN)]
    with inside(counter.at.retailer):
        assert CreditLine.objects.get().state == LineState.WITHDRAWN
        assert Reward.objects.get().state == RewardState.READY
        assert Sealing.objects.get() == done.sealing
    counter.finish()
    assert counter.rounds()[0] == (1, 3, State.REDEEMED)


def test_the_next_day_only_an_administrator_undoes_and_never_what_is_pulled(counter):
    visit = counter.buy(3)
    counter.finish(visit)
    counter.later(days=1)
    with inside(counter.at.retailer):
        redemption = Redemption.objects.get()
    with pytest.raises(NotToday):
        counter.undo(redemption)
    with inside(counter.at.retailer):
        CreditLine.objects.update(state=LineState.BATCHED)
    with pytest.raises(AlreadyPulled):
        counter.undo(redemption, is_administrator=True)
    with inside(counter.at.retailer):
        CreditLine.objects.update(state=LineState.UNBATCHED)
    counter.undo(redemption, is_administrator=True)
    assert counter.rounds() == [(1, 3, State.FULL)]


def test_a_void_under_a_redeemed_card_is_owed_and_the_next_bag_pays(counter):
    visit = counter.buy(3)
    counter.finish(visit)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
        remove_units(purchase, [2], at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
        remove_units(purchase, [2], at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
        assert UnitVoid.objects.count() == 1
    assert counter.rounds() == [(1, 2, State.REDEEMED)]
    counter.buy(1)
    assert counter.rounds() == [(1, 3, State.REDEEMED)]


def test_a_whole_visit_is_taken_back(counter):
    counter.buy(3)
    visit = counter.buy(1)
    counter.finish(visit, is_scanned=True)
    with inside(counter.at.retailer):
        undo_visit(visit, at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
    assert counter.rounds() == [(1, 3, State.FULL), (2, 0, State.EMPTY)]
    counter.buy(1)
    assert counter.rounds() == [(1, 3, State.FULL), (2, 1, State.OPEN)]


def test_an_item_off_the_list_is_refused_in_words(counter):
    visit = counter.buy(3)
    with pytest.raises(NotFinished, match="not on the reward list"):
        counter.finish(visit, product=make_product(name="Rope toy"))


def test_a_visit_left_open_is_sealed_after_its_day(counter):
    counter.buy(3)
    with inside(counter.at.retailer):
        assert seal_left_open(now=counter.now) == 0
        assert seal_left_open(now=counter.now + timedelta(days=1)) == 1
        assert seal_left_open(now=counter.now + timedelta(days=1)) == 0
        assert Visit.objects.get().sealings.get().how == "midnight"


def test_a_purchase_of_a_customer_who_was_merged_into_another_can_be_taken_back(counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        kept = make_customer(at=counter.at)
        purchase = Purchase.objects.get()
        merge_cards(kept, counter.customer, today=counter.at.day(counter.now))
        remove_units(purchase, [1], at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
        assert list(Card.objects.filter(customer=kept).values_list("punches", "state")) == [(1, State.OPEN)]


def test_the_clock_seals_what_was_left_open_once_its_day_is_over(counter):
    visit = counter.buy(3)
    with inside(counter.at.retailer):
        seal_here({}, now=counter.now)
        assert not visit.sealings.exists()
        for _again in range(2):
            seal_here({}, now=counter.now + timedelta(days=1))
        assert visit.sealings.get().how == "midnight"
