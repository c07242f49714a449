"""Cards that were full before: what a removal took from them, the next purchase gives back."""

import pytest

from astro.cards.models import Reward, RewardState, State
from astro.checkout.models import Purchase
from astro.checkout.undoing import remove_units
from tests.cast import inside
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


def test_a_card_that_was_full_before_fills_again_with_the_same_reward(counter):
    counter.buy(3)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
        before = Reward.objects.get()
        remove_units(purchase, [2], at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
        assert Reward.objects.get().state == RewardState.WITHDRAWN
    counter.buy(1)
    assert counter.rounds() == [(1, 3, State.FULL)]
    with inside(counter.at.retailer):
        after = Reward.objects.get()
    assert (after.pk, after.state) == (before.pk, RewardState.READY)
    assert after.earned_at == counter.now
    counter.finish()
    assert counter.rounds() == [(1, 3, State.REDEEMED)]
