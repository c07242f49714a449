"""An offer has so many for all stores together. Sixteen tills of two retailers reach for the last ones at once."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest
from django.db import transaction

from astro.cards.models import NextStep, Redemption
from astro.cards.queries import ready_rewards
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.undoing import undo_redemption
from astro.customers.models import Customer
from astro.programs.models import OfferTotal
from astro.programs.rules import RuleOfCard
from astro.programs.totals import AllGiven
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_races import at_once
from tests.desk.recounted import recounted

EIGHT = 8
REBATE = RuleOfCard(1, piles="visit", gives="money", gift_cents=300)


@pytest.fixture
def stores(midtown, elsewhere, owner, other_owner):
    return [(midtown, owner), (elsewhere, other_owner)]


def an_offer(stores, **limits):
    product = cast.make_product()
    program = cast.make_program(products=[product], rule=REBATE, kind="offer", **limits)
    for at, by in stores:
        cast.make_enrollment(at, program=program, by=by)
    return program, product


def earn(at, by, product, *, is_practice=False):
    """A customer with a reward that waits: the customer, and what a till sends to take it."""
    with inside(at.retailer), transaction.atomic():
        customer = cast.make_customer(at=at)
        if is_practice:
            Customer.objects.filter(pk=customer.pk).update(is_practice=True)
        basket = Basket(uuid4(), NOW, (Line(uuid4(), product.pk, 1),), uuid4().hex)
        visit = record_visit(customer, basket, at=at, by=by, now=NOW).visit
        reward = ready_rewards(customer).get()
    sent = {
        "key": str(uuid4()),
        "visit": str(visit.key),
        "redemptions": [{"reward_id": str(reward.pk), "product_id": "0"}],
    }
    return at, by, customer, sent


def take(at, by, customer, sent):
    try:
        with inside(at.retailer):
            finish_visit(customer, read_finish(sent, customer_id=customer.pk), at=at, by=by, now=NOW)
    except AllGiven:
        return "gone"
    return "given"


def used(program):
    return OfferTotal.objects.values_list("used", "used_cents").get(program=program)


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("limits", "given"), [({"most": 5}, 5), ({"most_cents": 1000}, 3)])
def test_never_one_too_many_across_two_retailers(stores, limits, given):
    program, product = an_offer(stores, **limits)
    tills = [earn(at, by, product) for at, by in stores for _till in range(EIGHT)]
    answers = at_once([lambda till=till: take(*till) for till in tills])
    assert Counter(answers) == {"given": given, "gone": 2 * EIGHT - given}
    assert used(program) == (given, 300 * given)
    assert recounted()[0] == []


@pytest.mark.django_db
def test_undoing_gives_it_back_to_everybody(stores):
    program, product = an_offer(stores, most=1)
    (here, there), (at, by) = [earn(*store, product) for store in stores], stores[0]
    assert (take(*here), take(*there), used(program)) == ("given", "gone", (1, 300))
    with inside(at.retailer):
        redemption = Redemption.objects.get()
        for _again in range(2):
            undo_redemption(redemption, next_step=NextStep.REMOVE, at=at, by=by, is_administrator=True, now=NOW)
    assert used(program) == (0, 0)
    assert (take(*there), used(program)) == ("given", (1, 300))
    assert recounted()[0] == []


@pytest.mark.django_db
def test_practice_uses_nothing(stores):
    program, product = an_offer(stores, most=1)
    practice, real = earn(*stores[0], product, is_practice=True), earn(*stores[0], product)
    assert (take(*practice), used(program)) == ("given", (0, 0))
    assert (take(*real), used(program)) == ("given", (1, 300))


@pytest.mark.django_db
def test_the_recount_names_a_total_that_disagrees(stores):
    _program, product = an_offer(stores, most=3)
    take(*earn(*stores[1], product))
    with cast.platform("a wrong count"):
        OfferTotal.objects.update(used=2)
    assert recounted()[0] == ["programs_offertotal: used is 2, should be 1."]
