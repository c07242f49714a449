"""Eight tills reach for the same reward at the same moment: one hands it out, seven are told that it is gone.

Beside each race stands the naive way, read and then write, over a table of its own. It must give rewards out twice, or
the race was none. Real connections, on PostgreSQL and on a SQLite file.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, transaction

from astro.cards.actions import Item, redeem
from astro.cards.errors import AlreadyRedeemed
from astro.cards.models import Card, Redemption, Reward
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase
from astro.checkout.undoing import remove_units
from astro.credits.actions import owe
from astro.credits.models import CreditLine
from astro.customers.models import Customer
from astro.kit.errors import DomainError
from astro.kit.ids import id_text, new_uuid7
from astro.programs.models import ProgramCard
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_actions import a_body, a_line
from tests.checkout.test_finishing import Counter as CounterOfShop
from tests.checkout.test_races import TILLS, at_once
from tests.desk.recounted import recounted

pytestmark = [pytest.mark.at_once, pytest.mark.django_db(transaction=True)]
MOST_AT_ONCE = 200


@pytest.fixture
def bag(midtown, owner):
    """Every bag fills a card: buy 1, get 1."""
    product = cast.make_product()
    program = cast.make_program(products=[product], rule=RuleOfCard(1, 1, "any", "none"))
    cast.make_enrollment(midtown, program=program, by=owner)
    return product


def customer_with(rewards, *, bag, at):
    with inside(at.retailer):
        customer = cast.make_customer(at=at)
    for start in range(0, rewards, MOST_AT_ONCE):
        body = a_body(a_line(bag, min(MOST_AT_ONCE, rewards - start)))
        with inside(at.retailer):
            record_visit(customer, read_basket(body, customer_id=customer.pk), at=at, by=None, now=NOW)
    return customer


def redeem_once(customer, reward_id, *, bag, at):
    """As a till does it: True where this one handed it out, False where it was told that it is gone."""
    chosen = {"reward_id": id_text(reward_id), "product_id": id_text(bag.pk), "is_scanned": False}
    body = {"key": str(new_uuid7(NOW)), "visit": None, "redemptions": [chosen]}
    try:
        with inside(at.retailer):
            finish_visit(customer, read_finish(body, customer_id=customer.pk), at=at, by=None, now=NOW)
    except AlreadyRedeemed:
        return False
    return True


def redeem_naively(number):
    """Read, then write: no lock, no guard, no constraint. PostgreSQL does it in one transaction; on SQLite that would
    keep everybody else out from its beginning."""
    with transaction.atomic() if connection.vendor == "postgresql" else nullcontext(), connection.cursor() as cursor:
        cursor.execute("select state from naive_reward where id = %s", [number])
        if cursor.fetchone() != ("ready",):
            return False
        cursor.execute("update naive_reward set state = 'redeemed' where id = %s", [number])
        cursor.execute("insert into naive_redemption (reward_id) values (%s)", [number])
        return True


@contextmanager
def naive_tables(rewards):
    def run(*statements):
        with (
            connection.as_owner() if connection.vendor == "postgresql" else nullcontext(),
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)

    run("create table naive_reward (id integer primary key, state varchar(10))",
        "create table naive_redemption (reward_id integer)")  # fmt: skip
    if connection.vendor == "postgresql":
        login = connection.ops.quote_name(connection.settings_dict["USER"])
        run(f"grant select, insert, update on naive_reward, naive_redemption to {login}")
    try:
        with connection.cursor() as cursor:
            cursor.executemany("insert into naive_reward values (%s, 'ready')", [[number] for number in range(rewards)])
        yield
    finally:
        run("drop table naive_reward", "drop table naive_redemption")


def race(things, reach):
    """Every till reaches for each thing, all at the same moment; how many got it, by thing."""
    gate, trouble = Barrier(TILLS), []

    def till():
        mine = []
        for thing in things:
            gate.wait(timeout=60)
            try:
                if reach(thing):
                    mine.append(thing)
            except Exception as problem:
                trouble.append(problem)
                gate.abort()  # the others do not wait for this one
                raise
        return mine

    got = Counter(dict.fromkeys(things, 0))
    try:
        for mine in at_once([till] * TILLS):
            got.update(mine)
    except BrokenBarrierError:
        raise trouble[0] from None
    return got


def exactly_once(midtown, bag, reach, *, rewards, rounds=1):
    """`reach(customer, reward)` is raced on by eight tills; each reward must be one till's, and owed once."""
    for _ in range(rounds):
        customer = customer_with(rewards, bag=bag, at=midtown)
        with inside(midtown.retailer):
            found = list(Reward.objects.filter(customer=customer).order_by("id"))
        ids = [reward.pk for reward in found]
        assert len(ids) == rewards
        assert race(found, partial(reach, customer)) == dict.fromkeys(found, 1)
        with inside(midtown.retailer):
            given = Redemption.objects.filter(is_live=True, customer=customer).values_list("reward_id", flat=True)
            owed = CreditLine.objects.filter(state="unbatched", customer=customer).values_list("cause_id", flat=True)
            assert sorted(given) == sorted(owed) == ids
            assert set(Card.objects.filter(customer=customer).values_list("state", flat=True)) == {"redeemed"}
            assert set(Reward.objects.filter(customer=customer).values_list("state", flat=True)) == {"redeemed"}
    with naive_tables(rewards):
        got = race(range(rewards), redeem_naively)
    assert [number for number, count in got.items() if count > 1], "given out once even so: this is no race"


def test_each_reward_is_handed_out_once(midtown, bag):
    def finish(customer, reward):
        return redeem_once(customer, reward.pk, bag=bag, at=midtown)

    exactly_once(midtown, bag, finish, rewards=100)
    assert recounted()[0] == []


@pytest.mark.long
def test_a_thousand_rewards_twenty_times(midtown, bag):
    """The ledger alone, as finishing a visit uses it: the customer's lock, the reward, the credit line."""
    with inside(midtown.retailer):
        program_card = ProgramCard.objects.select_related("program").get()

    def hand_out(customer, reward):
        try:
            with inside(midtown.retailer):
                Customer.objects.select_for_update().get(pk=customer.pk)
                item = Item(bag.pk, bag.name, bag.size, "", 6499, "USD")
                words = {"at": midtown, "by": None, "device_id": None, "now": NOW, "is_practice": False}
                redemption = redeem(reward, item, visit_id=1, taken=None, **words)
                owe(redemption, customer=customer, program_card=program_card, enrollment=None, proof=[{}], now=NOW)
        except AlreadyRedeemed:
            return False
        return True

    exactly_once(midtown, bag, hand_out, rewards=1_000, rounds=20 if connection.vendor == "postgresql" else 4)
    for table in ("cards_", "credits_"):  # there was no visit, and `verify` says so
        assert not [finding for finding in recounted()[0] if finding.startswith(table) and "visit" not in finding]


@pytest.fixture
def counter(midtown, owner):
    return CounterOfShop(midtown, owner)


def outcome(act):
    """What became of it, in a word: done, or the name of the refusal."""

    def task():
        try:
            act()
        except DomainError as refused:
            return type(refused).__name__
        return "done"

    return task


def taking_back(counter, visit, *units):
    def act():
        with inside(counter.at.retailer):
            purchase = Purchase.objects.get(visit=visit)
            remove_units(purchase, units, at=counter.at, by=counter.by, is_administrator=False, now=counter.now)

    return act


def several_times(counter, play):
    """Eight times, each with a new customer; what came out, and everything adds up afterwards."""
    found = []
    for _ in range(8):
        with inside(counter.at.retailer):
            counter.customer = cast.make_customer(at=counter.at)
        found.append(play())
    assert recounted()[0] == []
    return found


def test_handing_out_against_taking_the_purchase_back(counter):
    """Whoever comes first: the card owes what was handed out, or the reward is withdrawn."""

    def play():
        visit = counter.buy(3)
        with inside(counter.at.retailer):
            reward = Reward.objects.get(customer=counter.customer)
        done = at_once([outcome(lambda: counter.finish(reward=reward)), outcome(taking_back(counter, visit, 1))])
        with inside(counter.at.retailer):
            card = Card.objects.get(customer=counter.customer)
            lines = CreditLine.objects.filter(customer=counter.customer).count()
        return (*done, card.punches, card.state, lines)

    assert set(several_times(counter, play)) <= {("done", "done", 2, "redeemed", 1), ("NotReady", "done", 2, "open", 0)}


def test_handing_out_against_undoing(counter):
    """The second till gets it when the first one's is undone before, and is told otherwise when it is not."""

    def play():
        counter.finish(counter.buy(3))
        with inside(counter.at.retailer):
            redemption = Redemption.objects.select_related("reward").get(customer=counter.customer)
        done = at_once(
            [outcome(lambda: counter.finish(reward=redemption.reward)), outcome(lambda: counter.undo(redemption))]
        )
        with inside(counter.at.retailer):
            living = Redemption.objects.filter(customer=counter.customer, is_live=True).count()
            lines = CreditLine.objects.filter(customer=counter.customer).exclude(state="withdrawn").count()
        return (*done, living, lines)

    assert set(several_times(counter, play)) <= {("done", "done", 1, 1), ("AlreadyRedeemed", "done", 0, 0)}


def test_two_tills_that_finish_one_visit(counter):
    """Each with a key and a reward of its own: one finishes it, the other is told."""

    def play():
        visit = counter.buy(6)
        with inside(counter.at.retailer):
            first, second = Reward.objects.filter(customer=counter.customer).order_by("id")
        tills = [outcome(partial(counter.finish, visit, reward=reward)) for reward in (first, second)]
        done = at_once(tills)
        with inside(counter.at.retailer):
            return (*sorted(done), Redemption.objects.filter(customer=counter.customer).count())

    assert set(several_times(counter, play)) == {("FinishedBefore", "done", 1)}


def test_a_purchase_against_taking_one_back_on_the_same_card(counter):
    """Seven units were bought and two of them taken back, in whatever order."""

    def play():
        visit = counter.buy(4)
        done = at_once([outcome(lambda: counter.buy(3)), outcome(taking_back(counter, visit, 1, 4))])
        with inside(counter.at.retailer):
            cards = Card.objects.filter(customer=counter.customer, punches__gt=0).order_by("number")
            return (*done, tuple(cards.values_list("punches", "state")))

    assert set(several_times(counter, play)) == {("done", "done", ((3, "full"), (2, "open")))}
