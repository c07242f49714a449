"""The life of a delivery as a table: which state may follow which, and that nothing else ever happens."""

from __future__ import annotations

import pytest

from astro.customers.models import Channel
from astro.messaging.deliveries import MAY_FOLLOW, move, new_delivery
from astro.messaging.models import DeliveryState, MessageKind
from tests.cast import NOW, inside

S = DeliveryState

FOLLOWS = {
    S.QUEUED: {S.SENDING, S.KEPT, S.CANCELLED, S.SENT, S.DELIVERED},
    S.SENDING: {S.QUEUED, S.SENT, S.UNKNOWN, S.DELIVERED, S.FAILED, S.BOUNCED},
    S.SENT: {S.DELIVERED, S.FAILED, S.BOUNCED},
    S.UNKNOWN: {S.SENT, S.DELIVERED, S.FAILED, S.BOUNCED},
    S.FAILED: set(),
    S.DELIVERED: {S.BOUNCED},
    S.BOUNCED: set(),
    S.KEPT: set(),
    S.CANCELLED: set(),
}
"""By the state before: those that it may come to. Only from `sending` back to `queued`, where nothing has left; and
where a service tells that it had it after all, it waits no longer."""


def a_delivery(state: DeliveryState, *, attempts: int = 1):
    delivery = new_delivery(
        MessageKind.WELCOME_EMAIL, channel=Channel.EMAIL, address="b@example.com", hashed="h", customer=None, now=NOW
    )
    delivery.state, delivery.attempts = state, attempts
    delivery.save(force_insert=True)
    return delivery


@pytest.mark.parametrize("before", S.values)
@pytest.mark.parametrize("after", S.values)
def test_a_delivery_moves_only_as_the_table_says(before, after, huxley):
    with inside(huxley):
        delivery = a_delivery(S(before))
        assert move(delivery, S(after), now=NOW, reason="because") is (after in FOLLOWS[S(before)])
        delivery.refresh_from_db()
        assert delivery.state == (after if after in FOLLOWS[S(before)] else before)


def test_every_state_is_reached_and_stands_in_the_table():
    assert set(MAY_FOLLOW) == set(S) == set(FOLLOWS)


def test_an_earlier_try_moves_nothing(huxley):
    with inside(huxley):
        delivery = a_delivery(S.SENDING, attempts=2)
        assert move(delivery, S.UNKNOWN, attempt=1, now=NOW) is False
        assert move(delivery, S.UNKNOWN, attempt=2, now=NOW) is True


def test_a_long_reason_is_cut_where_the_column_ends(huxley):
    with inside(huxley):
        delivery = a_delivery(S.SENDING)
        move(delivery, S.FAILED, now=NOW, reason="x" * 300)
        delivery.refresh_from_db()
    assert delivery.reason == "x" * 200
