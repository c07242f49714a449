"""What changes while a letter is under way: the address is corrected, or goes to somebody else's account."""

from __future__ import annotations

import pytest

from astro.customers.actions import change_customer
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.asking import hear, refresh
from astro.customers.models import Act, Channel, Consent, Customer, Reach, Source
from astro.messaging.channels import Refused
from astro.messaging.links import Purpose, Told, make_link
from astro.messaging.mail.channel import Mail
from astro.messaging.models import Delivery
from astro.messaging.texts.inbound import Incoming, receive, take_as_stop
from tests.cast import NOW, inside, make_customer
from tests.desk.recounted import recounted
from tests.messaging.mailing import BETTYS, ask_by_mail, deliveries, send_all, set_up, tell_address

pytestmark = pytest.mark.django_db(transaction=True)

RIGHT = "betty.smyth@example.com"


@pytest.fixture
def betty(huxley, midtown, settings):
    set_up(settings, port=9)
    tell_address(midtown)
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS, phone="406 555 0111")


def _change(customer, *, at, by, **told):
    names = ("first_name", "last_name", "phone", "email")
    now_is = Customer.objects.get(pk=customer.pk)
    details = {name: getattr(now_is, name) for name in names} | told
    return change_customer(now_is, **details, at=at, by=by, now=NOW)


def _no(monkeypatch, words, *, meanwhile=lambda: None):
    def send(self, message):
        meanwhile()
        raise Refused(f"There is no such mailbox: {words}", is_dead=True)

    monkeypatch.setattr(Mail, "send", send)


def test_an_address_corrected_while_its_letter_is_sent_is_not_the_one_that_came_back(
    betty, huxley, midtown, cashier, monkeypatch
):
    def corrected():
        with inside(huxley):
            _change(betty, at=midtown, by=cashier, email=RIGHT)

    _no(monkeypatch, "550 5.1.1 unknown", meanwhile=corrected)
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    assert deliveries(huxley)[0].state == "bounced"
    with inside(huxley):
        now_is = Customer.objects.get(pk=betty.pk)
        assert (now_is.email, now_is.email_state) == (RIGHT, Reach.ON_FILE)
    assert recounted(now=NOW)[0] == []


def test_whoever_has_the_address_by_now_is_closed_by_an_old_link(client, betty, huxley, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    with inside(huxley):
        hashed = address_hash(Channel.EMAIL, BETTYS)
        hear(Channel.EMAIL, BETTYS, Act.YES, source=Source.LINK, customer=betty, now=NOW)
        bob = make_customer(at=midtown, first_name="Bob", last_name="Smith")
        Delivery.objects.create(
            customer=betty, channel=Channel.EMAIL, kind="welcome_email", address=BETTYS, address_hash=hashed, token="t",
            created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        _change(betty, at=midtown, by=cashier, email="")
        bob = _change(bob, at=midtown, by=cashier, email=BETTYS)
        assert bob.email_state == Reach.YES
    link = make_link(Purpose.UNSUBSCRIBE, Told(huxley.pk, betty.pk, "email", hashed))
    assert client.post(f"/m/unsubscribe/{link}/").status_code == 302
    with inside(huxley):
        assert Customer.objects.get(pk=bob.pk).email_state == Reach.STOPPED
    assert recounted(now=NOW)[0] == []


def test_a_row_read_earlier_does_not_decide(betty, huxley, midtown, cashier):
    with inside(huxley):
        old = Customer.objects.get(pk=betty.pk)
        _change(betty, at=midtown, by=cashier, email=RIGHT)
        hear(
            Channel.EMAIL,
            "",
            Act.STOP,
            hashed=address_hash(Channel.EMAIL, BETTYS),
            source=Source.LINK,
            customer=old,
            now=NOW,
        )
        refresh(old)
        assert Customer.objects.get(pk=betty.pk).email_state == old.email_state == Reach.ON_FILE


def test_the_servers_words_with_the_address_in_them_do_not_stay_in_the_ledger(
    betty, huxley, midtown, cashier, monkeypatch
):
    _no(monkeypatch, f"550 5.1.1 <{BETTYS}>: user unknown")
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    with inside(huxley):
        said = Consent.objects.order_by("id").last()
        assert (said.act, said.evidence["told"]) == (Act.BOUNCED, "550 5.1.1")


def test_free_words_that_meant_stop_do_not_stay_in_the_ledger(betty, huxley, owner):
    """The ledger outlives its owner's erasure; the reply itself is emptied then."""
    with inside(huxley):
        reply = receive(Incoming("SM1", betty.phone, "+14065550100", "No more, says Betty of 12 Main St"), now=NOW)
        assert take_as_stop(reply, by=owner, now=NOW)
        assert Consent.objects.get().evidence == {"provider_id": "SM1"}
