"""Texts that come in at the same moment: each is heard once, and what a row says is what the ledger says."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from astro.customers.models import Consent, Customer
from astro.messaging.models import Delivery, Reply
from astro.messaging.texts.inbound import Incoming, receive
from tests.cast import NOW, inside, make_customer
from tests.messaging.texting import BETTYS, OURS, ask_by_text, set_up, state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.at_once]

CALLS = 6


def at_once(retailer: Any, texts: list[Incoming]) -> list[Any]:
    gate = Barrier(len(texts))

    def hook(text: Incoming) -> Any:
        gate.wait(timeout=20)
        try:
            with inside(retailer):
                return receive(text, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(texts)) as pool:
        return list(pool.map(hook, texts))


@pytest.fixture
def betty(huxley, midtown, cashier, settings) -> Customer:
    set_up(settings, None)
    with inside(huxley):
        betty = make_customer(at=midtown, phone=BETTYS)
    ask_by_text(betty, by=cashier, at=midtown)
    return betty


@pytest.mark.parametrize("sender", [BETTYS, "+14065550199"], ids=["a customer", "a stranger"])
def test_the_same_call_many_times_at_once_is_heard_once(betty, huxley, sender):
    heard = at_once(huxley, [Incoming("SM1", sender, OURS, "STOP")] * CALLS)
    assert [reply is not None for reply in heard].count(True) == 1
    with inside(huxley):
        assert (Reply.objects.count(), Consent.objects.filter(act="stop").count()) == (1, 1)
        assert Delivery.objects.count() == 1


def test_yes_and_stop_at_once_leave_what_the_ledger_says(betty, huxley):
    for turn in range(4):
        words = enumerate(["START", "STOP"] * 3)
        at_once(huxley, [Incoming(f"SM{turn}-{number}", BETTYS, OURS, word) for number, word in words])
        with inside(huxley):
            stored = Customer.objects.get(pk=betty.pk).text_state
            last = Consent.objects.order_by("-id").values_list("act", flat=True)[0]
        assert stored == state(huxley)
        assert (stored, last) in {("yes", "yes"), ("stopped", "stop")}
