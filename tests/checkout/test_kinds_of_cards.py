"""Every kind of card at the till, through the real actions: recorded, redeemed, undone, and recounted each time."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.template.loader import render_to_string

from astro.cards.models import Card, NextStep, Punch, PunchState, Redemption, State
from astro.cards.queries import ready_rewards
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line, read_basket
from astro.checkout.errors import BadVisit, NotFinished
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase, Sealing
from astro.checkout.till_page import till_page
from astro.checkout.undoing import remove_units, undo_redemption
from astro.credits.models import CreditLine
from astro.programs.actions import NewCard, add_version
from astro.programs.rules import RuleOfCard
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db

BUY_TWO = RuleOfCard(2)
OFFER = RuleOfCard(2, piles="visit", most=2)
REBATE = RuleOfCard(2, piles="visit", gives="money", gift_cents=350)
SAME = RuleOfCard(2, piles="item")
BACK = RuleOfCard(2, gives="back", back_points=500)
PREPAID = RuleOfCard(3, 0, is_prepaid=True, gives="nothing")


class Counter:
    """A customer at a till that is enrolled in one program."""

    def __init__(self, at, by, rule, *, own=False):
        self.at, self.by, self.now = at, by, NOW
        own_by = at.retailer if own or rule.is_prepaid or rule.gives == "back" else None
        self.adult, self.puppy, self.card = (make_product(name=name, retailer=own_by) for name in ("A", "B", "Pass"))
        opens = [self.card] if rule.is_prepaid else []
        card = NewCard("The card", rule, [self.adult, self.puppy], opens=opens)
        self.program = make_program(cards=[card], retailer=own_by)
        make_enrollment(at, program=self.program, by=by)
        with inside(at.retailer):
            self.customer = make_customer(at=at)

    def lines(self, *bought):
        found = []
        for thing in bought:
            product, quantity, paid = (*thing, 1, None)[:3] if isinstance(thing, tuple) else (thing, 1, None)
            found.append(Line(uuid4(), product.pk, quantity, paid))
        return tuple(found)

    def buy(self, *bought, **ago):
        self.now += timedelta(minutes=1)
        moment = self.now - timedelta(**ago)
        basket = Basket(uuid4(), moment, self.lines(*bought), uuid4().hex)
        with inside(self.at.retailer):
            done = record_visit(self.customer, basket, at=self.at, by=self.by, is_dated=True, now=self.now)
        return done.visit

    def page(self, *bought):
        with inside(self.at.retailer):
            return till_page(self.customer, self.lines(*bought), at=self.at, now=self.now + timedelta(minutes=1))

    def finish(self, visit, product=None):
        with inside(self.at.retailer):
            reward = ready_rewards(self.customer).order_by("earned_at", "id").first()
            chosen = [{"reward_id": str(reward.pk), "product_id": str(product.pk if product else 0)}]
            sent = {"key": str(uuid4()), "visit": str(visit.key), "redemptions": chosen}
            finish = read_finish(sent, customer_id=self.customer.pk)
            finish_visit(self.customer, finish, at=self.at, by=self.by, now=self.now)
            return Redemption.objects.get(is_live=True, reward=reward)

    def told(self):
        """The cards by number, as state, punches and cents; the recount agrees."""
        assert recounted(now=self.now)[0] == []
        with inside(self.at.retailer):
            rows = Card.objects.filter(customer=self.customer).order_by("number")
            return [(row.state, row.punches, row.cents) for row in rows]

    def rewards(self):
        with inside(self.at.retailer):
            return ready_rewards(self.customer).count()


def test_an_offer_must_fill_within_its_visit(midtown, owner):
    counter = Counter(midtown, owner, OFFER)
    visit = counter.buy(counter.adult)
    assert visit.answer["why_not"] == ["The card: 1 more was needed in this visit, so it lapsed."]
    assert (counter.told(), counter.rewards()) == ([(State.EXPIRED, 0, 0)], 0)
    counter.buy((counter.adult, 2), counter.puppy)
    assert (counter.told()[1:], counter.rewards()) == ([(State.FULL, 2, 0), (State.EXPIRED, 0, 0)], 1)


def test_the_till_says_what_is_missing_before_it_lapses(midtown, owner):
    counter = Counter(midtown, owner, OFFER)
    page = counter.page(counter.adult)
    assert list(page.said) == ["The card: 1 more in this visit, or it lapses."]
    assert [(one.shown.punches, one.shown.pending) for one in page.cards] == [(1, 1)]
    page = counter.page((counter.adult, 2))
    assert (list(page.said), page.earned) == ([], 1)


def test_a_limit_holds_and_undoing_gives_it_back(midtown, owner):
    counter = Counter(midtown, owner, OFFER)
    first = counter.buy((counter.adult, 4))
    over = counter.buy((counter.puppy, 2))
    assert over.answer["why_not"] == ["The card: the limit of 2 for a customer is used up, so 2 items do not count."]
    assert counter.page(counter.adult).said == [
        "The card: the limit of 2 for a customer is used up, so 1 item does not count."
    ]
    assert (counter.rewards(), [row[0] for row in counter.told()]) == (2, [State.FULL, State.FULL])
    with inside(midtown.retailer):
        purchase = Purchase.objects.get(visit=first)
        remove_units(purchase, [1, 2], at=midtown, by=owner, is_administrator=True, now=counter.now)
        over_now = Punch.objects.filter(customer=counter.customer, state=PunchState.OVER).count()
    assert (counter.rewards(), over_now) == (2, 0)
    assert [row[:2] for row in counter.told()] == [(State.FULL, 2), (State.FULL, 2)]


def test_what_was_handed_out_uses_the_limit_before_what_was_bought_earlier(midtown, owner):
    """A visit entered late stood before it, and lapsed; now nothing could have come of it."""
    counter = Counter(midtown, owner, replace(OFFER, most=1))
    visit = counter.buy((counter.adult, 2))
    counter.buy(counter.puppy, days=1)
    assert [row[0] for row in counter.told()] == [State.EXPIRED, State.FULL]
    counter.finish(visit, counter.adult)
    assert [row[0] for row in counter.told()] == [State.EMPTY, State.REDEEMED]


def test_a_rebate_is_given_without_an_item_and_owed_in_cents(midtown, owner):
    counter = Counter(midtown, owner, REBATE)
    visit = counter.buy((counter.adult, 2))
    with pytest.raises(NotFinished, match="not on the reward list"):
        counter.finish(visit, counter.adult)
    redemption = counter.finish(visit)
    assert (redemption.product_id, redemption.gives, redemption.gift_cents, redemption.name) == (
        *(None, "money", 350, "$3.50 off"),
    )
    with inside(midtown.retailer):
        line = CreditLine.objects.get()
        assert (line.units, line.cents, line.product_id, line.product_name) == (0, 350, None, "$3.50 off")
        told = Sealing.objects.get(visit=visit).answer["redemptions"]
        assert [(one["gives"], one["gift_cents"], one["name"]) for one in told] == [("money", 350, "$3.50 off")]
        undo_redemption(
            redemption, next_step=NextStep.REMOVE, at=midtown, by=owner, is_administrator=True, now=counter.now
        )
    assert (counter.told(), counter.rewards()) == ([(State.FULL, 2, 0)], 1)


def test_an_offer_is_announced_while_there_is_something_to_decline(midtown, owner):
    counter = Counter(midtown, owner, replace(REBATE, most=1))
    (alert,) = counter.page(counter.adult).alerts
    assert (alert.rule, alert.is_declined) == (
        "Buy 2, get $3.50 off, all in one visit, at most 1 for a customer",
        False,
    )
    counter.buy((counter.adult, 2))
    page = counter.page(counter.adult)
    assert (list(page.alerts), page.said) == (
        [],
        ["The card: the limit of 1 for a customer is used up, so 1 item does not count."],
    )


def test_the_same_item_only(midtown, owner):
    counter = Counter(midtown, owner, SAME)
    counter.buy(counter.adult, counter.puppy)
    assert counter.told() == [(State.OPEN, 1, 0), (State.OPEN, 1, 0)]
    page = counter.page(counter.puppy)
    assert [(one.shown.number, one.shown.punches) for one in page.cards if one.shown.pending] == [(2, 2)]
    counter.buy(counter.puppy)
    assert (counter.told(), counter.rewards()) == ([(State.OPEN, 1, 0), (State.FULL, 2, 0)], 1)


def test_cash_back_is_gathered_and_paid_once(midtown, owner):
    counter = Counter(midtown, owner, BACK)
    counter.buy((counter.adult, 1, 2500))
    assert counter.told() == [(State.OPEN, 1, 125)]
    assert [one.worth for one in counter.page((counter.adult, 1, 1000)).cards] == ["$1.75"]
    visit = counter.buy((counter.puppy, 1, 3000))
    assert counter.told() == [(State.FULL, 2, 275)]
    redemption = counter.finish(visit)
    assert (redemption.gives, redemption.gift_cents, redemption.name) == ("back", 275, "$2.75 cash back")
    assert counter.told() == [(State.REDEEMED, 2, 275)]


def test_a_prepaid_card_is_paid_for_then_used_up(midtown, owner):
    counter = Counter(midtown, owner, PREPAID)
    stray = counter.buy(counter.adult, minutes=30)
    assert stray.answer["why_not"] == ["The card: no prepaid card is open, so 1 use is not paid for."]
    assert [(one.shown.punches, one.left) for one in counter.page(counter.card).cards] == [(0, 3)]
    counter.buy((counter.card, 2))
    assert [row[:2] for row in counter.told() if row[0] == State.OPEN] == [(State.OPEN, 0)] * 2
    counter.buy((counter.adult, 4))
    assert sorted(row[:2] for row in counter.told()) == [(State.OPEN, 1), (State.REDEEMED, 3)]
    assert counter.rewards() == 0


def test_a_version_that_takes_over_moves_open_cards(midtown, owner):
    counter = Counter(midtown, owner, RuleOfCard(4), own=True)
    counter.buy((counter.adult, 3))
    with inside(midtown.retailer):
        rule = RuleOfCard(2, takes_over=True)
        add_version(counter.program, from_on=midtown.day(NOW), rules={counter.program.cards.get(): rule})
        card = Card.objects.get()
    visit = counter.buy(counter.adult)
    assert (visit.answer["rewards"], counter.told()) == (1, [(State.FULL, 4, 0)])
    with inside(midtown.retailer):
        again = Card.objects.get()
        assert (again.pk, again.need) == (card.pk, 4)


@pytest.mark.parametrize("paid", [-1, 1.5, "12", True, 10**9])
def test_what_was_paid_is_whole_cents_of_one_item(paid):
    line = {"key": str(uuid4()), "product_id": "1", "quantity": 1, "paid_cents": paid}
    with pytest.raises(BadVisit, match="what was paid"):
        read_basket({"key": str(uuid4()), "occurred_at": "2027-01-01T10:00:00Z", "lines": [line]}, customer_id=1)


def test_what_was_paid_belongs_to_one_item():
    line = {"key": str(uuid4()), "product_id": "1", "quantity": 2, "paid_cents": 100}
    with pytest.raises(BadVisit, match="what was paid"):
        read_basket({"key": str(uuid4()), "occurred_at": "2027-01-01T10:00:00Z", "lines": [line]}, customer_id=1)


def test_another_amount_is_another_body():
    told = {"key": str(uuid4()), "occurred_at": "2027-01-01T10:00:00Z"}
    line = {"key": str(uuid4()), "product_id": "1", "quantity": 1}
    prints = {
        read_basket({**told, "lines": [{**line, **more}]}, customer_id=1).fingerprint
        for more in ({}, {"paid_cents": 0}, {"paid_cents": 100})
    }
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("rule", "bought", "words"),
    [
        (BUY_TWO, 2, "free item"),
        (RuleOfCard(2, gives="money", gift_cents=350), 2, "reward"),
        (RuleOfCard(2, gives="words", gift_words="a nail trim"), 2, "reward"),
    ],
)
def test_the_band_speaks_of_a_reward_where_it_is_no_item(midtown, cashier, rule, bought, words):
    counter = Counter(midtown, cashier, rule)

    def band(*lines):
        page = counter.page(*lines)
        with inside(midtown.retailer):
            text = render_to_string("checkout/band.html", {"page": page, "customer": counter.customer})
        return " ".join(text.split())

    assert f"earns a {words}<" in band((counter.adult, bought)).replace(" <", "<")
    counter.buy((counter.adult, bought))
    assert f"has a {words}<" in band().replace(" <", "<")


def test_a_month_holds_so_many_and_says_so_aloud(midtown, owner):
    counter = Counter(midtown, owner, RuleOfCard(3, monthly=2))
    visit = counter.buy((counter.adult, 3))
    assert visit.answer["why_not"] == ["The card: this month's 2 are used up, so 1 item does not count."]
    assert counter.page(counter.puppy).said == ["The card: this month's 2 are used up, so 1 item does not count."]
    assert counter.told() == [(State.OPEN, 2, 0)]
    counter.buy(counter.puppy, days=25)  # of the month before
    assert (counter.told(), counter.rewards()) == ([(State.FULL, 3, 0)], 1)
    with inside(midtown.retailer):
        purchase = Purchase.objects.get(visit=visit)
        remove_units(purchase, [1], at=midtown, by=owner, is_administrator=True, now=counter.now)
    assert (counter.told(), counter.rewards()) == ([(State.FULL, 3, 0)], 1)
