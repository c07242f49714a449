"""What comes late gives the same cards as if it had come in time, as long as no reward was handed out.

One customer's purchases come when they are made; another one's are the same, and some of them come days later, in any
order. Histories are made up by the number of the test. Each late entry must do what its preview said.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from astro.cards.actions import expire_punches
from astro.cards.models import Card, Punch, PunchState, Reward, State
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket
from astro.checkout.late import enter_late, lines_of
from astro.checkout.late_preview import preview_late
from astro.checkout.models import LateWhy
from astro.kit.ids import new_uuid7
from astro.programs.actions import NewCard, add_version
from astro.programs.models import ProgramCard
from astro.programs.rules import RuleOfCard
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program, platform
from tests.desk.recounted import recounted

HISTORIES = 12
DAYS = 90
BEGIN = NOW - timedelta(days=DAYS)


class Story:
    """A store, the purchases, and when each of them is written down for either customer."""

    def __init__(self, midtown, owner, *, number):
        self.random = Random(number)  # noqa: S311 - to be told again, not to be secret
        self.at, self.by = midtown, owner
        adult, puppy, toy = (make_product(name=name) for name in ("Adult", "Puppy", "Rope toy"))
        self.products = [adult, puppy, toy]
        program = make_program(
            cards=[
                NewCard("Small", RuleOfCard(5, 2, "any", "none", expiry_months=1), [adult]),
                NewCard("All", RuleOfCard(4, 1, "any", "lesser_or_equal"), [adult, puppy]),
            ]
        )
        make_enrollment(midtown, program=program, by=owner, from_on=(BEGIN + timedelta(days=10)).date())
        with platform("the rules change while cards are open"):
            small = ProgramCard.objects.get(program=program, title="Small")
            change = (BEGIN + timedelta(days=50)).date()
            add_version(program, from_on=change, rules={small: RuleOfCard(4, 1, "any", "none", expiry_months=1)})
        with inside(midtown.retailer):
            self.in_time, self.late = (make_customer(at=midtown) for _ in range(2))

    def play(self):
        """Everything in the order in which it is written down, with the expiry job now and then."""
        chosen = self.random
        acts = []
        for minute in sorted(chosen.sample(range(DAYS * 24 * 60), 18)):
            bought = BEGIN + timedelta(minutes=minute), chosen.choice(self.products).pk, chosen.randint(1, 2)
            acts.append((bought[0], self.buy, self.in_time, bought))
            if chosen.random() < 0.5:
                acts.append((bought[0], self.buy, self.late, bought))
            else:
                waits = timedelta(minutes=chosen.randint(1, DAYS * 24 * 60))
                acts.append((min(bought[0] + waits, NOW), self.enter, self.late, bought))
        for day in chosen.sample(range(DAYS), 12):
            acts.append((BEGIN + timedelta(days=day, seconds=30), self.expire, None, None))
        for now, act, customer, bought in sorted(acts, key=lambda one: one[0]):
            with inside(self.at.retailer):
                act(customer, bought, now=now)
        with inside(self.at.retailer):
            self.expire(None, None, now=NOW)

    def buy(self, customer, bought, *, now):
        moment, product_id, quantity = bought
        key = new_uuid7(now)
        basket = Basket(key, moment, lines_of(key, [(product_id, quantity)]), "0" * 64)
        record_visit(customer, basket, at=self.at, by=self.by, now=now)

    def enter(self, customer, bought, *, now):
        moment, product_id, quantity = bought
        key = new_uuid7(now)
        lines = lines_of(key, [(product_id, quantity)])
        foretold = preview_late(customer, [(moment, lines)], at=self.at, now=now)
        ready = Reward.objects.filter(customer=customer, state="ready").count()
        visit = enter_late(
            customer, lines, key=key, occurred_at=moment, why=LateWhy.OUTAGE, at=self.at, by=self.by, now=now
        ).visit
        cards = {(one["title"], one["number"], one["punches"], one["added"]) for one in visit.answer["cards"]}
        assert {
            (card.title, one.number, one.punches, one.added) for card in foretold.cards for one in card.rounds
        } == cards
        expired = Punch.objects.filter(cause_id__in=visit.purchases.values("id"), state=PunchState.EXPIRED).count()
        assert sum(card.expired for card in foretold.cards) == expired
        after = Reward.objects.filter(customer=customer, state="ready").count()
        assert ready + sum(card.rewards for card in foretold.cards) == after

    def expire(self, customer, bought, *, now):
        expire_punches(today=self.at.day(now))

    def shape(self, customer):
        """Cards, punches and rewards, without what is only theirs: ids, and who came when."""
        with inside(self.at.retailer):
            cards = Card.objects.filter(customer=customer).exclude(state=State.EMPTY)
            punches = Punch.objects.filter(customer=customer)
            rewards = Reward.objects.filter(customer=customer, state="ready")
            return (
                sorted(cards.values_list("program_card", "number", "punches", "state", "filled_on", "next_expiry_on")),
                sorted(
                    (row.program_card_id, row.card.number, row.occurred_at, row.unit, row.position, str(row.state))
                    for row in punches.select_related("card")
                ),
                sorted(rewards.values_list("program_card", "card__number", "unit", "day")),
            )


@pytest.mark.django_db
def test_what_comes_late_gives_the_same_cards(midtown, owner):
    seen = set()
    for number in range(HISTORIES):
        story = Story(midtown, owner, number=number)
        story.play()
        in_time, late = story.shape(story.in_time), story.shape(story.late)
        assert in_time == late, number
        seen |= {row[3] for row in in_time[0]} | {row[5] for row in in_time[1]}
    assert seen >= {State.FULL, State.OPEN, State.EXPIRED, PunchState.LIVE}
    assert recounted(now=NOW)[0] == []
