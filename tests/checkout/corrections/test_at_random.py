"""Corrections among everything else that happens, by chance: tried, done, recounted, undone.

Three things are asked each time: trying changes nothing and tells what doing it comes to; the recount agrees after each
step; and a correction that is undone at once leaves every card, punch and reward as it was.
"""

from __future__ import annotations

import os
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction

from astro.cards.models import Card, Punch, PunchState, Reward, RewardState, State
from astro.checkout.corrections.doing import put_right, undo
from astro.checkout.corrections.looking import changes, look_at
from astro.checkout.corrections.trying import tried, undo_tried
from astro.checkout.corrections.wishes import Add, Change, Move, PutBack, Remove, Return, Split, Transfer
from astro.checkout.errors import (
    CannotSplit,
    CannotTransfer,
    GivenFree,
    GivenInVisit,
    NothingWrong,
)
from astro.checkout.late import Moment
from astro.checkout.models import Correction, Purchase, Spent, UnitVoid, Visit
from astro.checkout.units import living_units
from tests.cast import inside, make_customer
from tests.checkout.test_kinds_at_random import KINDS, LONG_STEPS, Story
from tests.desk.recounted import recounted

REFUSALS = (CannotSplit, CannotTransfer, GivenFree, GivenInVisit, NothingWrong)
STEPS = 14


class CorrectedStory(Story):
    """Two customers of a store that puts things right."""

    def __init__(self, at, by, rule, seed):
        super().__init__(at, by, rule, seed)
        with inside(at.retailer):
            self.both = [self.counter.customer, make_customer(at=at)]

    def step(self):
        self.counter.customer = self.chance.choice([self.both[0], self.both[0], self.both[1]])
        if self.chance.random() < 0.5:
            super().step()
            return
        with inside(self.at.retailer):
            wish = self.chance.choice(WISHES)(self)
            if wish is not None:
                with suppress(*REFUSALS):
                    self.put_right(wish)
        found = recounted(now=self.counter.now)[0]
        assert found == [], f"{wish}: {found}"

    def put_right(self, wish):
        told = {"key": uuid4(), "note": "why", "now": self.counter.now, **self.who}
        before = self.rows()
        told_before = tried(wish, **told).told
        assert self.rows() == before, f"trying changed something: {wish}"
        correction = put_right(wish, **told)
        assert correction.told == told_before
        assert put_right(wish, **told) == correction
        if self.chance.random() < 0.5:
            found = recounted(now=self.counter.now)[0]
            assert found == [], f"{wish}: {found}"
            look = look_at(self.both)
            told_before = undo_tried(correction, now=self.counter.now, **self.who)
            undo(correction, now=self.counter.now, **self.who)
            assert told_before == changes(look, look_at(self.both))
            assert self.rows() == before, f"undone, and yet not as before: {wish}\n{_differences(before, self.rows())}"
            undo(correction, now=self.counter.now, **self.who)
        elif self.chance.random() < 0.3:
            earlier = self.chance.choice(list(Correction.objects.order_by("id")))
            undo(earlier, now=self.counter.now, **self.who)

    @property
    def who(self):
        return {"at": self.at, "by": self.by, "is_administrator": True}

    def rows(self):
        """All that is on the cards, but for what was put right itself and came to nothing."""
        cards = Card.objects.exclude(state=State.EMPTY).order_by("customer", "number")
        rewards = Reward.objects.exclude(state=RewardState.WITHDRAWN).order_by("card__number", "unit")
        punches = Punch.objects.exclude(state=PunchState.VOIDED).order_by("occurred_at", "cause_id", "unit")
        columns = ("customer", "number", "need", "punches", "cents", "state", "opened_at", "last_punched_at")
        return (
            list(cards.values_list(*columns, "filled_at", "filled_on", "next_expiry_on", "owed_from", "rule", "pile")),
            sorted(rewards.values_list("customer", "card__number", "unit", "state", "earned_at", "day")),
            list(
                punches.values_list(
                    *("customer", "card__number", "position", "state", "cause_id", "unit", "pile", "opens")
                )
            ),
        )

    def purchases(self):
        return list(Purchase.objects.filter(customer=self.counter.customer).select_related("visit__location"))

    def a_living_one(self):
        """A purchase, and some of its units that count."""
        rows = {row.pk: row for row in self.purchases()}
        living = sorted(living_units(rows.values()))
        if not living:
            return None
        purchase = rows[self.chance.choice(living)[0]]
        mine = [unit for pk, unit in living if pk == purchase.pk]
        return purchase, self.chance.sample(mine, self.chance.randint(1, len(mine)))

    def remove(self):
        found = self.a_living_one()
        return found and Remove(*found)

    def bring_back(self):
        found = self.a_living_one()
        return found and Return(*found, spent=self.chance.choice([Spent.REPLACE, Spent.OWED]))

    def put_back(self):
        voids = list(UnitVoid.objects.filter(is_live=True).select_related("purchase__visit__location"))
        if not voids:
            return None
        void = self.chance.choice(voids)
        return PutBack(void.purchase, [void.unit])

    def change(self):
        found = self.a_living_one()
        if not found:
            return None
        product = self.chance.choice([self.counter.adult, self.counter.puppy])
        return Change(found[0], product.pk, self.chance.randint(1, 4))

    def move(self):
        visits = list(Visit.objects.filter(customer=self.counter.customer).order_by("id"))
        return Move(self.chance.choice(visits), self.another) if visits else None

    @property
    def another(self):
        return next(one for one in self.both if one.pk != self.counter.customer.pk)

    def a_card(self):
        cards = Card.objects.filter(customer=self.counter.customer, punches__gte=1).order_by("id")
        cards = list(cards.select_related("rule", "program_card", "customer"))
        return self.chance.choice(cards) if cards else None

    def transfer(self):
        card = self.a_card()
        return card and Transfer(card, self.another)

    def split(self):
        card = self.a_card()
        if card is None:
            return None
        punches = list(Punch.objects.filter(card=card, state=PunchState.LIVE).values_list("id", flat=True))
        return Split(card, frozenset(self.chance.sample(punches, self.chance.randint(1, len(punches)))))

    def add(self):
        moment = Moment(self.counter.now, self.at.day(self.counter.now))
        return Add(self.counter.customer, self.counter.adult.pk, self.chance.randint(1, 3), moment)


def _differences(before, after):
    """What is gone, and what is new."""
    pairs = [(set(one), set(other)) for one, other in zip(before, after, strict=True)]
    return "\n".join(f"was {sorted(one - other, key=str)}\nis {sorted(other - one, key=str)}" for one, other in pairs)


WISHES = [
    *(CorrectedStory.remove, CorrectedStory.bring_back, CorrectedStory.bring_back, CorrectedStory.put_back),
    *(CorrectedStory.change, CorrectedStory.move, CorrectedStory.transfer, CorrectedStory.split, CorrectedStory.add),
]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_corrections_keep_the_rows_true_and_can_be_undone(midtown, owner, kind, seed):
    story = CorrectedStory(midtown, owner, KINDS[kind], f"{kind} {seed}")
    for _step in range(STEPS):
        story.step()


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_corrections_for_thousands_of_steps(midtown, owner, kind):
    """Other histories each time; the seed stands in the message of what fails."""
    seed = int.from_bytes(os.urandom(4))
    for number in range(LONG_STEPS // len(KINDS) // 40):
        with transaction.atomic():
            story = CorrectedStory(midtown, owner, KINDS[kind], f"{seed} {number}")
            for _step in range(40):
                story.step()
            transaction.set_rollback(True)
