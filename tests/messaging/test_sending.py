"""Letters from the till to a real mail server, by a real worker: once, or not at all, and always with a state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections, transaction

from astro.customers.actions import change_customer, retire_customer
from astro.customers.consent.asking import hear, stop
from astro.customers.models import Act, Channel, Consent, Customer, Source
from astro.kit.models import OutboxRow
from astro.messaging import deliveries as rows
from astro.messaging.models import Delivery, DeliveryState, MessageKind
from astro.messaging.sending import PAUSES, SETTLED_AFTER, deliver
from tests.cast import NOW, inside, make_customer
from tests.messaging.mail_server import DROP, free_port, mail_server
from tests.messaging.mailing import (
    BETTYS,
    STREET,
    ask_by_mail,
    deliveries,
    kept,
    send_all,
    set_up,
    state,
    tell_address,
    told,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)

WELCOME = "welcome_email"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings):
    with mail_server() as running:
        set_up(settings, port=running.port, seconds=2)
        yield running


@pytest.fixture
def betty(huxley, midtown):
    tell_address(midtown)
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)


def test_a_welcome_email_arrives_in_the_stores_name(server, betty, huxley, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    assert server.letters == []
    send_all()
    (letter,) = server.letters
    (delivery,) = deliveries(huxley)
    assert (delivery.kind, delivery.state, delivery.attempts) == (WELCOME, "sent", 1)
    assert (delivery.address, delivery.by_id, delivery.location_id) == (BETTYS, cashier.pk, midtown.pk)
    assert delivery.provider_id == letter["Message-ID"]
    assert (letter["To"], letter["From"]) == (BETTYS, "Midtown Pet Supply <stores@example.com>")
    assert letter["Reply-To"] == "hello@midtown.example"
    assert letter["Subject"] == "Welcome to Midtown Pet Supply: is this your e-mail address?"
    for part in ("plain", "html"):
        text = letter.get_body([part]).get_content()
        assert "Greetings, Betty Smith." in text
        assert "Midtown Pet Supply" in text
        assert all(line in text for line in STREET)
    assert state(huxley) == "asked"


def test_nothing_is_sent_that_was_not_committed(server, betty, huxley, midtown, cashier):
    with inside(huxley):
        ask_by_mail(betty, by=cashier, at=midtown)
        transaction.set_rollback(True)
    send_all()
    assert (server.letters, told(huxley)) == ([], [])


def test_the_worker_that_comes_twice_sends_once(server, betty, huxley, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    (delivery,) = deliveries(huxley)
    for _ in range(3):
        with inside(huxley):
            deliver(delivery.pk, now=NOW)
    assert len(server.letters) == 1


@pytest.mark.at_once
def test_two_workers_at_once_send_once(server, betty, huxley, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    with inside(huxley):
        OutboxRow.objects.all().delete()
        delivery = rows.queue_message(
            MessageKind.WELCOME_EMAIL, channel=Channel.EMAIL, address=BETTYS, customer=betty, now=NOW
        )
    gate = Barrier(4)

    def worker(_number):
        gate.wait(timeout=20)
        try:
            with inside(huxley):
                deliver(delivery.pk, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    assert (len(server.letters), told(huxley)) == (1, [(WELCOME, "sent")])


def test_a_busy_server_is_asked_again_ever_more_rarely_then_never(server, betty, huxley, midtown, cashier):
    server.answers["RCPT"] = "451 4.3.0 busy"
    ask_by_mail(betty, by=cashier, at=midtown)
    now = NOW
    send_all(now)
    for number, pause in enumerate(PAUSES, start=1):
        assert [(one.state, one.attempts) for one in deliveries(huxley)] == [("queued", number)]
        assert "asks to wait: 451 4.3.0 busy" in deliveries(huxley)[0].reason
        send_all(now + pause - timedelta(seconds=1))
        assert deliveries(huxley)[0].attempts == number
        now += pause
        send_all(now)
    (delivery,) = deliveries(huxley)
    assert (delivery.state, delivery.attempts, server.letters) == ("failed", 6, [])
    assert delivery.reason.startswith("It could not be handed over, 6 times in a row: The mail server asks to wait")
    send_all(now + timedelta(days=2))
    assert told(huxley) == [(WELCOME, "failed")]


def test_a_server_that_comes_back_gets_the_letter(settings, betty, huxley, midtown, cashier):
    set_up(settings, port=free_port(), seconds=1)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    assert told(huxley) == [(WELCOME, "queued")]
    with mail_server() as server:
        set_up(settings, port=server.port)
        send_all(NOW + PAUSES[0])
        assert len(server.letters) == 1
    assert told(huxley) == [(WELCOME, "sent")]


def test_an_unknown_user_is_noted_in_the_ledger_and_not_written_to_again(server, betty, huxley, midtown, cashier):
    server.answers["RCPT"] = "550 5.1.1 user unknown"
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    (delivery,) = deliveries(huxley)
    assert (delivery.state, delivery.reason) == ("bounced", "There is no such mailbox: 550 5.1.1 user unknown")
    with inside(huxley):
        last = Consent.objects.order_by("id").last()
        assert (last.act, last.source, last.customer_id) == (Act.BOUNCED, Source.HOOK, betty.pk)
        assert Customer.objects.get(pk=betty.pk).email_state == "bounces"
    send_all(NOW + timedelta(days=1))
    assert deliveries(huxley)[0].attempts == 1


def test_a_refusal_that_is_not_about_the_address_closes_nothing(server, betty, huxley, midtown, cashier):
    server.answers["DATA"] = "554 5.7.1 looks like spam"
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    assert told(huxley) == [(WELCOME, "failed")]
    assert state(huxley) == "asked"


def test_a_line_that_breaks_after_the_letter_is_not_tried_again(server, betty, huxley, midtown, cashier):
    server.answers["DATA"] = DROP
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    for hours in (1, 24):
        send_all(NOW + timedelta(hours=hours))
    assert (len(server.letters), told(huxley)) == (1, [(WELCOME, "unknown")])


def test_what_was_being_sent_when_its_worker_died_is_never_sent_again(
    server, betty, huxley, midtown, cashier, monkeypatch
):
    """The mark is committed, then the process is gone: nothing after the commit happens."""
    monkeypatch.setattr("astro.messaging.sending.transmit", lambda errand, *, now: None)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    monkeypatch.undo()
    assert told(huxley) == [(WELCOME, "sending")]
    send_all(NOW + SETTLED_AFTER - MINUTE)
    assert told(huxley) == [(WELCOME, "sending")]
    send_all(NOW + SETTLED_AFTER)
    (delivery,) = deliveries(huxley)
    assert (delivery.state, delivery.reason) == (
        "unknown",
        "Sending was cut off in the middle. It may have arrived, so it is not sent again.",
    )
    send_all(NOW + timedelta(days=3))
    assert server.letters == []


def test_what_nobody_foresaw_is_unclear_and_not_sent_again(server, betty, huxley, midtown, cashier, monkeypatch):
    def breaks(message):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("astro.messaging.mail.posting.post", breaks)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    send_all(NOW + timedelta(days=1))
    assert told(huxley) == [(WELCOME, "unknown")]


class TestMeanwhile:
    """Between the till and the mail server things happen: what is true when it goes counts."""

    @pytest.fixture(autouse=True)
    def asked(self, server, betty, midtown, cashier):
        ask_by_mail(betty, by=cashier, at=midtown)

    @pytest.fixture
    def result(self, server, huxley):
        def result():
            send_all()
            assert server.letters == []
            (delivery,) = deliveries(huxley)
            return delivery.state, delivery.reason

        return result

    def test_the_customer_said_stop(self, result, betty, huxley, midtown, cashier):
        with inside(huxley):
            stop(betty, Channel.EMAIL, by=cashier, at=midtown, now=NOW)
        assert result() == ("cancelled", "This address unsubscribed or could not be reached before it was sent.")

    def test_the_customer_said_yes(self, result, betty, huxley):
        with inside(huxley):
            hear(Channel.EMAIL, BETTYS, Act.YES, source=Source.APP, customer=betty, now=NOW)
        assert result() == ("cancelled", "This e-mail address was verified before it was sent.")

    def test_the_address_was_changed(self, result, betty, huxley, midtown, cashier):
        with inside(huxley):
            details = {"first_name": "Betty", "last_name": "Smith", "phone": "", "email": "new@example.com"}
            change_customer(betty, **details, at=midtown, by=cashier, now=NOW)
        assert result() == ("cancelled", "The address was changed before it was sent.")
        assert [one.address for one in deliveries(huxley)] == [""]

    def test_the_customer_was_removed(self, result, betty, huxley, midtown, cashier):
        with inside(huxley):
            retire_customer(betty, at=midtown, by=cashier, now=NOW)
        assert result() == ("cancelled", "The customer was removed from your list before it was sent.")


def test_a_store_without_a_postal_address_sends_nothing(server, huxley, midtown, cashier):
    with inside(huxley):
        betty = make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    (delivery,) = deliveries(huxley)
    assert delivery.state == "cancelled"
    assert delivery.reason == (
        "Your store's postal address is missing, and the law asks for it. Fill it in under Store details."
    )
    assert server.letters == []


def test_without_a_mail_server_it_is_kept_whole(settings, betty, huxley, midtown, cashier):
    set_up(settings, port=None)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    (message,) = kept(huxley)
    assert told(huxley) == [(WELCOME, "kept")]
    assert message.sender == "Midtown Pet Supply <stores@example.com>"
    assert "Greetings, Betty Smith." in message.html
    assert "Greetings, Betty Smith." in message.text
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_practice_customer_writes_to_the_mailbox_only(server, betty, huxley, midtown, cashier):
    with inside(huxley):
        Customer.objects.filter(pk=betty.pk).update(is_practice=True)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    assert (server.letters, told(huxley), len(kept(huxley))) == ([], [(WELCOME, "kept")], 1)


def test_nothing_is_logged_of_whom_it_went_to(server, betty, midtown, cashier, caplog):
    server.answers["RCPT"] = "550 5.1.1 user unknown"
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("astro")]
    assert not [line for line in ours if BETTYS in line]


def test_a_delivery_is_of_its_store_alone(server, betty, huxley, otherpaws, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    (delivery,) = deliveries(huxley)
    with inside(otherpaws):
        deliver(delivery.pk, now=NOW)
        assert list(Delivery.objects.all()) == []
    assert len(server.letters) == 1
    assert DeliveryState(delivery.state) is DeliveryState.SENT
