"""What goes out for a store that is held, cancelled or past its trial."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.customers.models import Channel
from astro.messaging.deliveries import queue_message
from astro.messaging.models import Delivery, MessageKind
from astro.tenancy.models import Retailer
from tests.cast import NOW, inside, make_customer
from tests.messaging.mailing import BETTYS, ask_by_mail, deliveries, send_all, tell_address

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture
def betty(huxley, midtown):
    tell_address(midtown)
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)


def states(retailer: Retailer) -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in deliveries(retailer)]


RESTING = {
    "held": {"held_at": NOW},
    "lapsed": {"state": "trial", "trial_until": NOW - HOUR},
}


@pytest.mark.parametrize("columns", RESTING.values(), ids=RESTING)
def test_a_welcome_waits_while_the_account_rests_and_goes_when_it_goes_on(huxley, midtown, cashier, betty, columns):
    ask_by_mail(betty, by=cashier, at=midtown)
    Retailer.objects.filter(pk=huxley.pk).update(**columns)
    send_all()
    send_all(NOW + 2 * HOUR)
    assert states(huxley) == [("welcome_email", "queued")]
    Retailer.objects.filter(pk=huxley.pk).update(state="active", trial_until=None, held_at=None)
    send_all(NOW + 4 * HOUR)
    assert states(huxley) == [("welcome_email", "kept")]


def test_what_waited_for_more_than_a_week_is_not_sent_and_says_why(huxley, midtown, cashier, betty):
    ask_by_mail(betty, by=cashier, at=midtown)
    Retailer.objects.filter(pk=huxley.pk).update(held_at=NOW)
    send_all()
    send_all(NOW + timedelta(days=8))
    (row,) = deliveries(huxley)
    assert (row.state, row.reason) == ("cancelled", "The store's account rested for longer than a week.")


def test_nothing_of_its_own_goes_out_for_a_cancelled_store(huxley, midtown, cashier, betty):
    ask_by_mail(betty, by=cashier, at=midtown)
    Retailer.objects.filter(pk=huxley.pk).update(state="cancelled")
    send_all()
    (row,) = deliveries(huxley)
    assert (row.state, row.reason) == ("cancelled", "The store's account is cancelled.")


@pytest.mark.parametrize("columns", [*RESTING.values(), {"state": "cancelled"}], ids=[*RESTING, "cancelled"])
def test_what_the_customer_asked_for_goes_all_the_same(huxley, midtown, betty, columns):
    Retailer.objects.filter(pk=huxley.pk).update(**columns)
    for kind in (MessageKind.UNSUBSCRIBED, MessageKind.APP_LINK):
        with inside(huxley):
            queue_message(kind, channel=Channel.EMAIL, address=BETTYS, customer=betty, at=midtown, now=NOW)
    send_all()
    with inside(huxley):
        states = dict(Delivery.objects.values_list("kind", "state"))
        assert states == {"app_link": "kept", "unsubscribed": "cancelled"}
        own = "The customer came back to the mailing list before it was sent."
        assert Delivery.objects.get(kind="unsubscribed").reason == own, "looked at, and not for the account"


def test_another_stores_hold_holds_up_nobody(huxley, otherpaws, midtown, cashier, betty):
    Retailer.objects.filter(pk=otherpaws.pk).update(held_at=NOW)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    assert states(huxley) == [("welcome_email", "kept")]
