"""Cases that stories seldom reach, each by hand; the paper cards beside it say what is right (`shop.py`)."""

from datetime import timedelta

import pytest

from astro.cards.actions import Item, redeem
from astro.cards.errors import AlreadyRedeemed, NotReady
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from tests.cards.shop import Life, open_shop

pytestmark = pytest.mark.django_db
NOW = timedelta()


@pytest.fixture
def life(midtown, owner):
    return Life(open_shop(midtown, owner))


@pytest.fixture
def first(life):
    """The program card that bags and cans fill: 3 for 1, each counts a month; 4 for 2, two months, a month later."""
    return next(iter(life.shop.rules))


@pytest.fixture
def second(life):
    """The one that only bags fill: 2 for 2; 3 for 1, each counts a month, a month later."""
    return list(life.shop.rules)[1]


def place_of(life, program_card, unit=1):
    """Where among the rewards that wait the first card's stands."""
    with life.inside():
        ready = Reward.objects.filter(state=RewardState.READY).order_by("id").values_list("program_card_id", "unit")
        return list(ready).index((program_card, unit))


def test_what_expired_off_a_card_stays_with_it_when_it_is_redeemed(life, first):
    for days in (0, 15, 16, 1):
        life.wait(days, 0)
        life.buy(0, 0, 1, NOW)
    with life.inside():
        assert list(Punch.objects.values_list("card__number", "position").order_by("occurred_at")) == [
            *[(1, None), (1, 1), (1, 2), (1, 3)]
        ]
    life.finish(0, [(0, 0)], 0)
    life.deal_again()
    life.wait(0, 1)
    life.buy(0, 0, 1, NOW)
    life.check()
    with life.inside():
        assert list(Card.objects.values_list("number", "punches", "state").order_by("number")) == [
            *[(1, 3, State.REDEEMED), (2, 1, State.OPEN)]
        ]


def test_the_free_item_is_not_taken_from_another_card_that_was_redeemed(life, first, second):
    life.buy(0, 3, 0, NOW)
    life.finish(0, [(place_of(life, first), 0)], 1)  # on its own, so that the visit can still be finished
    life.finish(0, [(place_of(life, second), 1)], 0)
    assert (life.happened["redeemed"], life.happened["redemption refused"]) == (1, 1)
    life.check()


def test_the_free_item_may_come_from_another_card_that_waits_and_that_one_is_open_again(life, first, second):
    life.buy(0, 3, 0, NOW)
    both = [(place_of(life, first), 0), (place_of(life, second), 1)]
    life.finish(0, both, 0)
    assert life.happened["redemption refused"] == 1
    life.finish(0, both[1:], 0)
    assert life.happened["redeemed as scanned"] == 1
    life.check()
    with life.inside():
        assert Card.objects.get(program_card=first, number=1).state == State.OPEN


def test_the_free_item_counts_nowhere_even_where_it_had_expired(life, first, second):
    life.wait(31, 0)
    life.buy(0, 4, 0, NOW)  # fills the first; on the second one is left over, which expires after a month
    life.wait(40, 0)
    life.expire()
    life.finish(0, [(place_of(life, second), 1)], 0)
    life.check()
    with life.inside():
        assert set(Punch.objects.filter(unit=4).values_list("state", flat=True)) == {PunchState.FREE}


def test_a_card_whose_rule_now_gives_less_is_redeemed_when_that_was_given(life, second):
    life.wait(29, 0)
    life.buy(0, 1, 0, NOW)
    life.wait(2, 0)
    life.buy(0, 3, 0, NOW)
    life.remove(0, 0, 1)  # the one with which the card gave two
    life.check()
    life.finish(0, [(place_of(life, second), 0)], 1)
    life.check()
    with life.inside():
        card = Card.objects.get(program_card=second, number=1)
        assert (card.state, card.punches) == (State.REDEEMED, 3)
        states = Reward.objects.filter(card=card).order_by("unit").values_list("state", flat=True)
        assert list(states) == [RewardState.REDEEMED, RewardState.WITHDRAWN]


def test_only_a_reward_that_waits_is_handed_out(life, first):
    life.buy(0, 0, 3, NOW)
    life.remove(0, 0, 1)
    with life.inside():
        reward = Reward.objects.get()
        item = Item(life.shop.can.pk, "Puppy", "30 lb", "", 6499, "USD")
        settled = {
            "visit_id": 1,
            "taken": None,
            "at": life.shop.at,
            "by": None,
            "device_id": None,
            "is_practice": False,
        }
        with pytest.raises(NotReady):
            redeem(reward, item, now=life.now, **settled)
        Reward.objects.update(state=RewardState.READY)
        redeem(reward, item, now=life.now, **settled)
        with pytest.raises(AlreadyRedeemed):
            redeem(reward, item, now=life.now, **settled)


def test_a_visit_is_taken_back_all_at_once_whatever_the_order_of_its_lines(life, first):
    """What it leaves owing is paid by what would have stood there; one line at a time another line would forbid it."""
    life.buy(0, 0, 1, NOW)
    life.wait(20, 0)
    life.buy(0, 1, 1, NOW)
    life.finish(0, [(place_of(life, first), 0)], 1)
    life.enter_late(0, 1, 35)  # had expired when that visit came, but not when the first can was bought
    for _twice in range(2):
        life.wait(1, 0)
        life.buy(0, 0, 1, NOW)
    life.undo_visit(1)
    life.check()
    with life.inside():
        card = Card.objects.get(program_card=first, state=State.REDEEMED)
        days = Punch.objects.filter(card=card, state=PunchState.LIVE).order_by("position").values_list("day", flat=True)
        assert [f"{day:%d %b}" for day in days] == ["20 Nov", "05 Nov", "11 Dec"]
