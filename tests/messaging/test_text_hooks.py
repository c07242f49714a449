"""The hooks of texts: whom they believe, and what a call changes."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from astro.customers.consent.addresses import address_hash
from astro.messaging.models import Delivery, DeliveryState, MessageKind, Reply, Report
from astro.messaging.texts.signatures import signature_of
from tests.cast import NOW, inside, make_customer
from tests.messaging.gateway import SID, TOKEN
from tests.messaging.texting import BETTYS, FORM, OURS, PUBLIC, call, give_number, set_up, state, status_of, text_in

pytestmark = pytest.mark.django_db

STOP = {"MessageSid": "SM1", "From": BETTYS, "To": OURS, "Body": "STOP"}


@pytest.fixture(autouse=True)
def texting(settings, huxley):
    set_up(settings, None)
    settings.TEXT_GATEWAY = {"host": "127.0.0.1", "port": 9, "sid": SID, "token": TOKEN, "is_secure": False}
    give_number(huxley)


@pytest.fixture
def sent(huxley, midtown):
    with inside(huxley):
        betty = make_customer(at=midtown, first_name="Betty", phone=BETTYS)
        delivery = Delivery(
            customer=betty, channel="text", kind=MessageKind.OPT_IN_TEXT, address=BETTYS, address_hash="0" * 64,
            token="a-token", state=DeliveryState.SENT, provider_id="SM0", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        delivery.save(force_insert=True)
    return delivery


def replies(retailer):
    with inside(retailer):
        return Reply.objects.count()


def now_state(delivery):
    with inside(delivery.retailer):
        delivery.refresh_from_db()
        return delivery.state


def test_a_signed_call_is_heard_and_answered_with_nothing_to_send(huxley):
    answer = call("messaging:text_in", huxley.pk, form=STOP)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response></Response>")
    assert (replies(huxley), state(huxley)) == (1, "stopped")


@pytest.mark.parametrize(
    "how", [{"token": "another account's"}, {"signature": ""}, {"signature": "AAAA"}, {"signature": "é"}]
)
def test_a_call_that_is_not_signed_changes_nothing(huxley, how):
    answer = call("messaging:text_in", huxley.pk, form=STOP, **how)
    assert (answer.status_code, replies(huxley), state(huxley)) == (403, 0, "on_file")


def test_a_signature_is_for_one_address_only(huxley, otherpaws):
    """The very call of Huxley House, sent on to the hook of another store."""
    give_number(otherpaws, "+14065550111")

    path = reverse("messaging:text_in", args=[huxley.pk])
    stolen = signature_of(PUBLIC + path, {name: [value] for name, value in STOP.items()}, token=TOKEN)
    assert call("messaging:text_in", otherpaws.pk, form=STOP, signature=stolen).status_code == 403
    assert (replies(otherpaws), replies(huxley)) == (0, 0)


def test_no_call_is_believed_where_no_service_is_set_up(huxley, settings):
    settings.TEXT_GATEWAY = None
    assert call("messaging:text_in", huxley.pk, form=STOP).status_code == 403


@pytest.mark.parametrize("cut", [1, 10, 30, -1])
def test_a_body_that_was_cut_is_not_signed(huxley, cut):

    path = reverse("messaging:text_in", args=[huxley.pk])
    right = signature_of(PUBLIC + path, {name: [value] for name, value in STOP.items()}, token=TOKEN)
    body = urlencode(STOP)[:cut]
    answer = Client().post(path, body, FORM, headers={"X-Twilio-Signature": right})
    assert (answer.status_code, replies(huxley)) == (403, 0)


def test_other_kinds_of_body_and_floods_are_refused(huxley):
    path = reverse("messaging:text_in", args=[huxley.pk])
    assert Client().post(path, {"Body": "STOP"}).status_code == 403
    assert Client().post(path, "{}", "application/json").status_code == 403
    assert text_in(huxley, "x" * 70_000).status_code == 413
    assert Client(raise_request_exception=False).post(path, "Body=" + "x" * 3_000_000, FORM).status_code == 400
    assert Client().get(path).status_code == 405
    assert replies(huxley) == 0


@pytest.mark.parametrize(
    "wrong", [{"To": "+14065550111"}, {"To": ""}, {"From": "12345"}, {"From": "whatsapp:+14065550142"}, {"From": ""}]
)
def test_a_text_that_is_not_for_this_store_or_from_no_phone_is_not_heard(huxley, wrong):
    assert call("messaging:text_in", huxley.pk, form={**STOP, **wrong}).status_code == 404
    assert replies(huxley) == 0


def test_a_stop_to_an_earlier_number_is_heard(huxley):
    give_number(huxley, "+14065550122")
    assert text_in(huxley, "STOP").status_code == 200
    assert state(huxley) == "stopped"


def test_another_store_hears_nothing(huxley, otherpaws):
    text_in(huxley, "STOP")
    assert (state(huxley), state(otherpaws), replies(otherpaws)) == ("stopped", "on_file", 0)
    assert text_in(otherpaws, "STOP").status_code == 404
    assert text_in(7, "STOP").status_code == 404


def test_what_no_database_keeps_does_not_break_it(huxley):
    assert text_in(huxley, "st\x00op \U0001f6d1 \ufffd" + "x" * 2000, sid="SM\x001").status_code == 200
    with inside(huxley):
        (reply,) = Reply.objects.all()
    assert (reply.provider_id, reply.meaning, len(reply.body)) == ("SM1", "unknown", 1600)


# What became of a text.


@pytest.mark.parametrize(
    ("told", "then", "consent"),
    [
        (["sent", "delivered"], "delivered", "on_file"),
        (["delivered", "sent", "queued"], "delivered", "on_file"),
        (["undelivered 30003"], "failed", "on_file"),
        (["undelivered 30005"], "bounced", "bounces"),
        (["failed 21610"], "failed", "stopped"),
        (["delivered", "undelivered 30006"], "bounced", "bounces"),
        (["undelivered 30007", "delivered"], "failed", "on_file"),
        (["something new"], "sent", "on_file"),
    ],
)
def test_reports_bring_a_delivery_on_and_never_back(sent, huxley, told, then, consent):

    with inside(huxley):
        Delivery.objects.update(address_hash=address_hash("text", BETTYS))
    for event in told:
        status, _, code = event.partition(" ")
        assert status_of(sent, status, code=code).status_code == 200
    assert (now_state(sent), state(huxley)) == (then, consent)


def test_a_hundred_times_the_same_report_changes_something_once(sent, huxley):
    assert {status_of(sent, "undelivered", code="30005").status_code for _time in range(100)} == {200}
    with inside(huxley):
        assert Report.objects.count() == 1


def test_a_report_on_something_that_waits_again_keeps_it_from_going_twice(sent, huxley):
    """The service had said that it was busy, and took it all the same."""
    with inside(huxley):
        Delivery.objects.update(state=DeliveryState.QUEUED)
    status_of(sent, "sent")
    assert now_state(sent) == "sent"


def test_nobody_elses_token_is_found(sent, otherpaws):
    assert status_of(sent, "delivered", at=otherpaws.pk).status_code == 404
    assert call("messaging:text_status", sent.retailer_id, "guessed", form={"MessageStatus": "read"}).status_code == 404
    assert now_state(sent) == "sent"


def test_a_report_that_is_not_signed_changes_nothing(sent):
    form = {"MessageSid": "SM0", "MessageStatus": "undelivered", "ErrorCode": "30005"}
    answer = call("messaging:text_status", sent.retailer_id, sent.token, form=form, token="wrong")
    assert (answer.status_code, now_state(sent)) == (403, "sent")
