"""The real till in a browser that is killed, before a network that goes: what was rung up stands once, as of then."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from astro.cards.models import Punch
from astro.checkout.models import Arrival, KeptVisit, Purchase, Visit
from astro.customers.actions import give_code
from astro.kit.clock import utc_now
from tests.cast import NOW, inside
from tests.checkout.scanner import GOLD, PATE, said
from tests.proof.nasty_proxy import VISITS
from tests.proof.real_till import is_there

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEPS = ("before scan", "after scan", "at check out", "while sending", "while the answer comes")
SEED = 5


def test_purchase_rung_up_without_network_outlives_a_killed_browser(till, proxy, huxley, customers, recount):
    """Network out, rung up, killed, started again: it stands on the card once, as of then, when the network is back."""
    with inside(huxley):
        code = give_code(customers[1], now=NOW).code
    proxy.out()
    till.open()
    before = utc_now()
    till.scan(GOLD, PATE)
    till.page.evaluate("(code) => document.querySelector('astro-offline-till').openCode(code)", code)
    till.check_out()
    after = utc_now()
    [kept] = till.kept()
    till.kill()
    till.start()
    till.open()
    assert [one["body"] for one in till.kept()] == [kept["body"]]
    expect(till.page.locator("[data-kept]")).to_have_count(1)
    proxy.back()
    till.wait_until_sent()
    expect(till.page.locator("[data-kept]")).to_have_count(0)
    with inside(huxley):
        visit = Visit.objects.get()
        assert (str(visit.key), visit.customer_id) == (kept["body"]["key"], customers[1].pk)
        assert before - timedelta(seconds=1) <= visit.occurred_at <= after
        assert visit.occurred_at == datetime.fromisoformat(kept["body"]["occurred_at"])
        assert Punch.objects.filter(card__customer=customers[1]).count() == 2
        assert Arrival.objects.count() == 1
        assert KeptVisit.objects.count() == 0
    assert recount() == []


class Trouble:
    """Rings up visits, and takes the network or the browser away at a step of each."""

    def __init__(self, till, proxy):
        self.till, self.proxy = till, proxy

    def ring_up(self, customer, codes, *, step, is_killed):
        {
            "before scan": self.before_scan,
            "after scan": self.after_scan,
            "at check out": self.at_check_out,
            "while sending": lambda *how: self.while_sending("held before", *how),
            "while the answer comes": lambda *how: self.while_sending("held after", *how),
        }[step](customer, codes, is_killed)
        self.proxy.back()

    def strike(self, is_killed):
        """At this moment. A browser that was killed is started again; a network stays away."""
        if is_killed:
            self.till.kill()
        else:
            self.proxy.out()
        self.proxy.release()
        if is_killed:
            self.till.start()

    def before_scan(self, customer, codes, is_killed):
        if is_killed:
            self.till.open(customer)
        self.strike(is_killed)
        self.till.open(customer)
        self.till.scan(*codes)
        self.till.check_out()

    def after_scan(self, customer, codes, is_killed):
        self.till.open(customer)
        self.till.scan(*codes)
        self.strike(is_killed)
        if is_killed:
            self.till.open(customer)
            is_there(self.till.page, "Northpaw Gold")
        self.till.check_out()

    def at_check_out(self, customer, codes, is_killed):
        """The visit itself is on its way, and nobody knows whether it came."""
        self.till.open(customer)
        self.till.scan(*codes)
        self.proxy.hold("held before", VISITS)
        self.till.press_check_out()
        self.proxy.wait_for_hold()
        self.strike(is_killed)
        if is_killed:
            self.till.open(customer)
            expect(said(self.till.page)).to_contain_text("is kept on this till")
        else:
            self.till.wait_for_word()

    def while_sending(self, where, customer, codes, is_killed):
        """It was kept, and is on its way from the queue."""
        self.proxy.out()
        self.till.open(customer)
        self.till.scan(*codes)
        self.till.check_out()
        self.proxy.hold(where)
        self.proxy.back()
        self.till.send_now()
        self.proxy.wait_for_hold()
        self.strike(is_killed)


def all_of(till, proxy, recount, huxley, customers, plan):
    """Rings up what is planned; everything stands once afterwards, and nothing is left."""
    trouble, expected = Trouble(till, proxy), {}
    for turn, (step, is_killed) in enumerate(plan):
        customer = customers[turn % len(customers)]
        codes = [GOLD, PATE][: 1 + turn % 2]
        trouble.ring_up(customer, codes, step=step, is_killed=is_killed)
        expected.setdefault(customer.pk, []).append(len(codes))
    till.open()
    till.wait_until_sent()
    proxy.settle()
    with inside(huxley):
        found = {}
        for visit in Visit.objects.order_by("occurred_at"):
            units = sum(Purchase.objects.filter(visit=visit).values_list("quantity", flat=True))
            found.setdefault(visit.customer_id, []).append(units)
        assert {pk: sorted(units) for pk, units in found.items()} == {
            pk: sorted(units) for pk, units in expected.items()
        }
        assert Punch.objects.count() == sum(sum(units) for units in expected.values())
        assert KeptVisit.objects.count() == 0
    assert recount() == []


def test_network_out_or_browser_killed_at_each_step(till, proxy, huxley, customers, recount):
    plan = [*((step, False) for step in STEPS), ("after scan", True), ("at check out", True), (STEPS[-1], True)]
    all_of(till, proxy, recount, huxley, customers, plan)


@pytest.mark.long
@pytest.mark.once
def test_two_hundred_visits_out_and_killed_at_each_step(till, proxy, huxley, customers, recount):
    chance = random.Random(SEED)  # noqa: S311 - the same day again
    plan = [(step, number % 3 == 0) for number in range(40) for step in STEPS]
    chance.shuffle(plan)
    all_of(till, proxy, recount, huxley, customers, plan)
