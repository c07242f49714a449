"""Exceptions with several at once: real connections, on PostgreSQL and on a SQLite file."""

from collections import Counter as Count
from dataclasses import replace

import pytest

from astro.cards.models import Card, Punch, PunchState
from astro.checkout.exceptions.actions import approve, ask, give, reject, take_back, withdraw
from astro.checkout.exceptions.errors import DecidedBefore
from astro.checkout.models import ExceptionStep, ExceptionTicket, Visit
from astro.kit.ids import new_uuid7
from astro.kit.models import OutboxRow
from astro.support.models import Ticket
from tests.cast import NOW, inside, make_product, make_support
from tests.checkout.exceptions.asking import an_item, ask_for, given
from tests.checkout.test_finishing import Counter
from tests.checkout.test_races import at_once
from tests.desk.recounted import recounted

pytestmark = [pytest.mark.at_once, pytest.mark.django_db(transaction=True)]
TIMES = 4


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


def trying(counter, act):
    """A task that tells what came of it: the state, or that somebody else was first."""

    def task():
        with inside(counter.at.retailer):
            try:
                return act()
            except DecidedBefore:
                return "too late"

    return task


def test_one_form_sent_by_eight_at_once_is_one_ticket(counter):
    asked, key = an_item(counter), new_uuid7(NOW)

    def act():
        return ask(counter.customer, asked, key=key, at=counter.at, by=counter.by, now=NOW).pk

    assert len(set(at_once([trying(counter, act)] * 8))) == 1
    with inside(counter.at.retailer):
        assert (ExceptionTicket.objects.count(), Ticket.objects.count()) == (1, 1)


def test_approving_withdrawing_and_rejecting_at_the_same_moment_one_holds(counter):
    sue, lamb = make_support(), make_product(name="Lamb")
    for _ in range(TIMES):
        ticket = ask_for(counter, replace(an_item(counter), description="Lamb"))

        def yes(ticket=ticket):
            return approve(ticket, lamb, is_listed=True, by=sue, now=NOW).state

        def no(ticket=ticket):
            return reject(ticket, sentence="No.", by=sue, now=NOW).state

        def away(ticket=ticket):
            return "withdrawn" if withdraw(ticket, by=counter.by, at=counter.at, now=NOW) else "was so"

        told = at_once([trying(counter, one) for one in (yes, away, no, yes, away)])
        with inside(counter.at.retailer):
            state = ExceptionStep.objects.get(ticket=ticket).state
            jobs = OutboxRow.objects.filter(kind="checkout.give_exception", payload__ticket=ticket.pk).count()
        assert Count(told)[state] == 1
        assert set(told) <= {state, "too late", "was so"}
        assert jobs == (state == "listed")


def test_punches_are_given_once_whoever_gives_them(counter):
    sue, lamb = make_support(), make_product(name="Lamb")
    ticket = ask_for(counter, quantity=2)
    with inside(counter.at.retailer):
        approve(ticket, lamb, is_listed=False, by=sue, now=NOW)

    def act():
        return give(ExceptionTicket.objects.get(pk=ticket.pk), number=1, now=NOW)

    told = at_once([trying(counter, act)] * 6)
    assert len([visit for visit in told if visit]) == 1
    assert counter.rounds() == [(1, 2, "open")]
    assert recounted()[0] == []


def test_taken_back_while_the_punches_come_none_is_left(counter):
    sue, lamb = make_support(), make_product(name="Lamb")
    for _ in range(TIMES):
        ticket = ask_for(counter)
        with inside(counter.at.retailer):
            approve(ticket, lamb, is_listed=False, by=sue, now=NOW)

        def coming(ticket=ticket):
            give(ExceptionTicket.objects.get(pk=ticket.pk), number=1, now=NOW)

        def going(ticket=ticket):
            take_back(ticket, sentence="No.", by=sue, now=NOW)

        at_once([trying(counter, one) for one in (coming, going, coming)])
        assert given(ticket, number=1) is None
        with inside(counter.at.retailer):
            assert not Punch.objects.filter(state=PunchState.LIVE).exists()
            assert all(card.punches == 0 for card in Card.objects.all())
            assert Visit.objects.count() <= TIMES
    assert recounted()[0] == []
