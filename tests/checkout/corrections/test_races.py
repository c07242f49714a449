"""Corrections with several at once: real connections, on PostgreSQL and on a SQLite file."""

from __future__ import annotations

from uuid import uuid4

import pytest

from astro.cards.models import Card, Punch, PunchState
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.corrections.doing import put_right, undo
from astro.checkout.corrections.trying import tried
from astro.checkout.corrections.wishes import Move, Remove, Return, Split, Transfer
from astro.checkout.errors import NothingWrong
from astro.checkout.models import Correction, CorrectionUndo, Purchase, UnitVoid, Visit
from astro.kit.errors import DomainError
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_actions import a_body, a_line
from tests.checkout.test_races import TILLS, a_customer, at_once
from tests.desk.recounted import recounted

pytestmark = [pytest.mark.at_once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bag(midtown, owner):
    product = cast.make_product()
    program = cast.make_program(products=[product], rule=RuleOfCard(12))
    cast.make_enrollment(midtown, program=program, by=owner)
    return product


def a_buyer(at, name, bag, quantity=4):
    customer = a_customer(at, name)
    with inside(at.retailer):
        record_visit(
            customer, read_basket(a_body(a_line(bag, quantity)), customer_id=customer.pk), at=at, by=None, now=NOW
        )
        return customer, Visit.objects.get(customer=customer), Purchase.objects.get(customer=customer)


def doing(wish, at, by, *, key=None, act=put_right):
    """Puts it right in a connection of its own; what is refused is said."""

    def task():
        with inside(at.retailer):
            try:
                return act(wish, key=key or uuid4(), note="", at=at, by=by, is_administrator=True, now=NOW)
            except DomainError as refused:
                return refused

    return task


def test_one_form_sent_by_eight_at_once_is_done_once(midtown, owner, bag):
    _customer, _visit, purchase = a_buyer(midtown, "Sally", bag)
    key = uuid4()
    done = at_once([doing(Remove(purchase, [1]), midtown, owner, key=key)] * TILLS)
    assert len({one.pk for one in done}) == 1
    with inside(midtown.retailer):
        assert (Correction.objects.count(), UnitVoid.objects.count()) == (1, 1)
    assert recounted()[0] == []


def test_eight_who_undo_at_once_undo_it_once(midtown, owner, bag):
    _customer, _visit, purchase = a_buyer(midtown, "Sally", bag)
    correction = doing(Remove(purchase, [1, 2]), midtown, owner)()

    def task():
        with inside(midtown.retailer):
            return undo(correction, at=midtown, by=owner, is_administrator=True, now=NOW)

    assert len({one.pk for one in at_once([task] * TILLS)}) == 1
    with inside(midtown.retailer):
        assert CorrectionUndo.objects.count() == 1
        assert Punch.objects.filter(state=PunchState.LIVE).count() == 4
    assert recounted()[0] == []


def test_one_unit_is_brought_back_once_whoever_is_asked(midtown, owner, bag):
    _customer, _visit, purchase = a_buyer(midtown, "Sally", bag)
    done = at_once([doing(Return(purchase, [2]), midtown, owner)] * TILLS)
    assert sum(isinstance(one, NothingWrong) for one in done) == TILLS - 1
    assert recounted()[0] == []


def test_visits_that_change_places_and_are_tried_meanwhile_lose_nothing(midtown, owner, bag):
    sally, first, _purchase = a_buyer(midtown, "Sally", bag)
    ben, second, _purchase = a_buyer(midtown, "Ben", bag)
    tasks = [doing(Move(first, ben), midtown, owner), doing(Move(second, sally), midtown, owner)]
    tasks += [doing(Move(first, ben), midtown, owner, act=tried), doing(Move(second, sally), midtown, owner, act=tried)]
    at_once(tasks)
    with inside(midtown.retailer):
        held = [Punch.objects.filter(customer=one, state=PunchState.LIVE).count() for one in (sally, ben)]
        assert (held, Correction.objects.count()) == ([4, 4], 2)
    assert recounted()[0] == []


def test_a_card_is_given_away_once_while_the_till_rings_up(midtown, owner, bag):
    sally, _visit, _purchase = a_buyer(midtown, "Sally", bag)
    ben, cleo = a_customer(midtown, "Ben"), a_customer(midtown, "Cleo")
    with inside(midtown.retailer):
        card = Card.objects.select_related("rule", "program_card", "customer").get()
        punches = list(Punch.objects.values_list("id", flat=True))

    def ringing():
        with inside(midtown.retailer):
            body = read_basket(a_body(a_line(bag)), customer_id=sally.pk)
            return record_visit(sally, body, at=midtown, by=None, now=NOW)

    tasks = [doing(Transfer(card, one), midtown, owner) for one in (ben, cleo, ben, cleo)]
    done = at_once([*tasks, ringing, ringing, doing(Split(card, frozenset(punches[:1])), midtown, owner)])
    with inside(midtown.retailer):
        assert Punch.objects.filter(state=PunchState.LIVE).count() == 6
    assert any(isinstance(one, Correction) for one in done)
    assert all(isinstance(one, DomainError | Correction) or hasattr(one, "visit") for one in done)
    assert recounted()[0] == []
