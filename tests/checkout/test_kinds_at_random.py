"""Every kind of card in the real tables, by chance: bought, bought late, taken back, redeemed, undone, and recounted.

The recount deals everything anew with the engine, whose own worked cases and random histories stand in
`tests/programs/engine/`: so what is asked here is whether the rows always say what the engine says.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from django.db import transaction

from astro.cards.errors import FullOnlyWithIt
from astro.cards.models import NextStep, Redemption
from astro.cards.queries import ready_rewards
from astro.checkout.errors import GivenFree, NotFinished
from astro.checkout.models import Purchase
from astro.checkout.undoing import remove_units, undo_redemption
from astro.checkout.units import living_units
from astro.programs.actions import add_version
from astro.programs.rules import RuleOfCard
from tests.cast import inside
from tests.checkout.test_kinds_of_cards import BACK, OFFER, PREPAID, REBATE, SAME, Counter
from tests.desk.recounted import recounted

STEPS = 18
LONG_STEPS = 20_000

KINDS = {
    "plain": RuleOfCard(3),
    "expiring": RuleOfCard(3, expiry_months=1),
    "offer": OFFER,
    "rebate": REBATE,
    "limited": RuleOfCard(2, 2, most=4),
    "so many a month": RuleOfCard(2, monthly=3, expiry_months=2),
    "same item": replace(SAME, expiry_months=1),
    "cash back": BACK,
    "prepaid": PREPAID,
    "taken over": RuleOfCard(4, takes_over=True),
}


class Story:
    """One customer, one program, and whatever happens."""

    def __init__(self, at, by, rule, seed):
        self.counter = Counter(at, by, rule, own=rule.takes_over)
        self.at, self.by, self.rule = at, by, rule
        self.chance = Random(seed)  # noqa: S311 - to be told again, not to be secret

    def step(self):
        acts = [self.buy] * 4 + [self.late, self.late, self.take_back, self.take_back, self.redeem, self.redeem]
        act = self.chance.choice([*acts, self.undo, *([self.new_rule] if self.rule.takes_over else [])])
        with inside(self.at.retailer):
            act()
        found = recounted(now=self.counter.now)[0]
        assert found == [], f"{act.__name__}: {found}"

    def things(self):
        goods = [self.counter.adult, self.counter.puppy]
        passes = [self.counter.card] if self.rule.is_prepaid else []
        for _line in range(self.chance.randint(1, 3)):
            thing = self.chance.choice([*goods, *goods, *passes])
            paid = self.chance.choice([None, 0, 999, 12_345]) if self.rule.gives == "back" else None
            yield thing, 1 if paid is not None else self.chance.randint(1, 3), paid

    def buy(self):
        self.counter.buy(*self.things())

    def late(self):
        self.counter.buy(*self.things(), days=self.chance.randint(1, 70))

    def take_back(self):
        rows = list(Purchase.objects.filter(customer=self.counter.customer).select_related("location"))
        living = sorted(living_units(rows))
        if not living:
            return
        purchase_id, unit = self.chance.choice(living)
        purchase = next(row for row in rows if row.pk == purchase_id)
        with suppress(GivenFree):
            remove_units(purchase, [unit], at=self.at, by=self.by, is_administrator=True, now=self.counter.now)

    def redeem(self):
        reward = ready_rewards(self.counter.customer).order_by("earned_at", "id").first()
        if reward is None:
            return
        visit = self.counter.buy(self.counter.adult)
        if not visit.has_offer:
            return
        product = self.counter.adult if self.rule.gives == "item" else None
        with suppress(NotFinished, FullOnlyWithIt), transaction.atomic():  # its item may be none that it gives
            self.counter.finish(visit, product)

    def undo(self):
        given = Redemption.objects.filter(customer=self.counter.customer, is_live=True).order_by("id").last()
        if given:
            undo_redemption(
                given,
                next_step=NextStep.REMOVE,
                at=self.at,
                by=self.by,
                is_administrator=True,
                now=self.counter.now,
            )

    def new_rule(self):
        program = self.counter.program
        rule = replace(self.rule, buy=self.chance.randint(2, 5))
        add_version(program, from_on=self.at.day(self.counter.now), rules={program.cards.get(): rule})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_rows_say_what_the_engine_says(midtown, owner, kind, seed):
    story = Story(midtown, owner, KINDS[kind], f"{kind} {seed}")
    for _step in range(STEPS):
        story.step()


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_say_what_the_engine_says_for_thousands_of_steps(midtown, owner, kind):
    """Other histories each time; the seed stands in the message of what fails."""
    seed = int.from_bytes(os.urandom(4))
    for number in range(LONG_STEPS // len(KINDS) // 40):
        with transaction.atomic():
            story = Story(midtown, owner, KINDS[kind], f"{seed} {number}")
            for _step in range(40):
                story.step()
            transaction.set_rollback(True)
