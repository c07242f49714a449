"""Nobody has messages sent in another's name: not with a new customer, not from the pop-up, not by any other way."""

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.errors import NotWhileActing
from astro.accounts.models import User
from astro.customers.models import AccountRules, Channel, Customer
from astro.kit.asking import asked
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.messaging.deliveries import queue_message
from astro.messaging.models import Delivery, MessageKind
from astro.tenancy.models import Location, Retailer
from tests.cast import acting, inside, make_customer, signed_in

NEW = {"first_name": "Nora", "last_name": "New", "phone": "406 555 0177", "email": "nora@example.com"}
BOXES = {"send_text": "on", "send_email": "on"}
SENT = ["messaging.request", "messaging.deliver"]


@pytest.fixture
def client(client: Client, owner: User, cashier: User) -> Client:
    return acting(client, owner, cashier.memberships.get())


def nothing_goes_out(huxley: Retailer) -> bool:
    with inside(huxley):
        return not Delivery.objects.exists() and not OutboxRow.objects.filter(kind__in=SENT).exists()


def test_a_customer_is_added_and_nothing_is_sent(client: Client, huxley: Retailer) -> None:
    """The boxes are off with a sentence, also where the store ticks them beforehand, and however they are sent."""
    with inside(huxley):
        AccountRules.objects.update_or_create(defaults={"asks_by_text": True, "asks_by_email": True})
    shown = client.get(reverse("customers:new")).text
    assert shown.count("Not while you act as somebody else.") == 2
    assert client.post(reverse("customers:new"), {**NEW, **BOXES}).status_code == 302
    with inside(huxley):
        assert Customer.objects.filter(first_name="Nora").exists()
    assert nothing_goes_out(huxley)


def test_as_oneself_the_boxes_are_there(owner: User, huxley: Retailer) -> None:
    client = signed_in(Client(), owner)
    assert "Not while you act" not in client.get(reverse("customers:new")).text
    client.post(reverse("customers:new"), {**NEW, **BOXES})
    assert not nothing_goes_out(huxley)


@pytest.mark.parametrize("channel", Channel.values)
def test_the_pop_up_says_so_and_sends_nothing(
    client: Client, huxley: Retailer, midtown: Location, channel: str
) -> None:
    with inside(huxley):
        betty = make_customer(at=midtown, email="betty@example.com", phone="+14065550142")
    shown = client.get(reverse("customers:popup", args=[betty.pk])).text
    assert "You are acting as somebody else, so nothing can be sent." in shown
    assert "Send Welcome Email<" not in shown
    assert client.post(reverse("customers:ask", args=[betty.pk, channel])).status_code == 403
    assert nothing_goes_out(huxley)


def test_no_message_leaves_by_any_other_way(huxley: Retailer, owner: User) -> None:
    """The one place that every message goes through; also in a job that somebody put while acting."""
    with inside(huxley), asked(really_by=owner.pk), pytest.raises(NotWhileActing):
        queue_message(
            MessageKind.APP_LINK, channel=Channel.EMAIL, address="b@example.com", customer=None, now=utc_now()
        )
    assert nothing_goes_out(huxley)
