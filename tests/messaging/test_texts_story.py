"""Texts from end to end: over a real gateway, through a real worker, back by signed hooks."""

from datetime import timedelta

import pytest

from astro.customers.consent.asking import stop
from astro.customers.errors import CannotAsk
from astro.customers.models import Consent, Customer, Source
from astro.messaging.models import DeliveryState, KeptMessage, MessageKind, Reply
from astro.messaging.texts.numbers import leave_number
from tests.cast import NOW, inside, make_customer
from tests.messaging import gateway as services
from tests.messaging.gateway import refused, taken, text_service
from tests.messaging.texting import (
    BETTYS,
    OURS,
    ask_by_text,
    deliveries,
    give_number,
    send_all,
    set_up,
    state,
    status_of,
    text_in,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=11)


@pytest.fixture
def service(settings):
    with text_service() as running:
        set_up(settings, running)
        yield running


@pytest.fixture
def betty(huxley, midtown):
    give_number(huxley)
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", phone=BETTYS)


@pytest.fixture(autouse=True)
def at_the_tests_time(monkeypatch):
    monkeypatch.setattr("astro.messaging.texts.hooks.utc_now", lambda: NOW)


def test_asked_said_yes_said_stop_and_never_texted_again(service, betty, huxley, midtown, cashier):
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    asked = service.texts.pop()
    assert (asked.sender, asked.to) == (OURS, BETTYS)
    assert asked.body.startswith("Huxley House: Reply YES for our offers & news")
    assert state(huxley) == "asked"

    assert text_in(huxley, "Yes!", sid="SM1").status_code == 200
    send_all()
    assert service.texts.pop().body.startswith("Huxley House: You will get our offers & news by text")
    assert state(huxley) == "yes"

    assert text_in(huxley, "STOP", sid="SM2").status_code == 200
    send_all()
    assert service.texts.pop().body == (
        "Huxley House: You are opted out and get no more texts from us. Reply START to opt in again."
    )
    assert state(huxley) == "stopped"

    assert text_in(huxley, "stop!!", sid="SM3").status_code == 200
    with pytest.raises(CannotAsk):
        ask_by_text(betty, by=cashier, at=midtown, now=LATER)
    send_all(LATER)
    assert service.texts == []

    with inside(huxley):
        said = list(Consent.objects.order_by("id").values_list("act", "source", "evidence", "wording__text"))
        assert Customer.objects.get(pk=betty.pk).text_state == "stopped"
    assert said == [
        ("asked", "till", {}, asked.body),
        ("yes", "reply", {"reply": "Yes!", "provider_id": "SM1", "to": OURS}, asked.body),
        ("stop", "reply", {"reply": "STOP", "provider_id": "SM2", "to": OURS}, None),
    ]


def test_a_number_on_file_without_a_request_is_never_texted(service, betty, huxley):
    send_all()
    assert (service.texts, deliveries(huxley), state(huxley)) == ([], [], "on_file")


def test_who_stops_before_the_request_went_is_not_sent_it(service, betty, huxley, midtown, cashier):
    ask_by_text(betty, by=cashier, at=midtown)
    with inside(huxley):
        stop(betty, "text", by=cashier, at=midtown, now=NOW)
    send_all()
    assert [one.state for one in deliveries(huxley)] == [DeliveryState.CANCELLED]
    assert service.texts == []


def test_start_comes_back_after_a_stop_and_yes_does_not(service, betty, huxley):
    text_in(huxley, "STOP", sid="SM1")
    text_in(huxley, "YES", sid="SM2")
    assert state(huxley) == "stopped"
    text_in(huxley, "start", sid="SM3")
    assert state(huxley) == "yes"
    with inside(huxley):
        assert list(Reply.objects.order_by("id").values_list("meaning", flat=True)) == ["stop", "unknown", "start"]


def test_a_hundred_times_the_same_text_is_heard_once(service, betty, huxley, midtown, cashier):
    ask_by_text(betty, by=cashier, at=midtown)
    assert {text_in(huxley, "YES", sid="SM1").status_code for _time in range(100)} == {200}
    with inside(huxley):
        assert (Reply.objects.count(), Consent.objects.filter(act="yes").count()) == (1, 1)
    send_all()
    assert [one.kind for one in deliveries(huxley)] == [MessageKind.SUBSCRIBED, MessageKind.OPT_IN_TEXT]


def test_a_stop_from_a_number_that_nobody_has_counts_for_whoever_gets_it(service, huxley, midtown, cashier):
    give_number(huxley)
    text_in(huxley, "Stop", sid="SM1")
    send_all()
    assert [one.to for one in service.texts] == [BETTYS]
    with inside(huxley):
        betty = make_customer(at=midtown, phone=BETTYS)
    with pytest.raises(CannotAsk):
        ask_by_text(betty, by=cashier, at=midtown)


def test_help_is_answered_to_anybody_and_says_nothing_about_consent(service, betty, huxley, midtown):
    midtown.phone = "+14065550177"
    with inside(huxley):
        midtown.save()
    text_in(huxley, "help", sid="SM1")
    text_in(huxley, "Info?", sid="SM2", sender="+14065550199")
    send_all()
    assert sorted(one.to for one in service.texts) == [BETTYS, "+14065550199"]
    assert {"Questions? Call (406) 555-0177." in one.body for one in service.texts} == {True}
    assert state(huxley) == "on_file"


def test_two_machines_that_answer_each_other_come_to_an_end(service, betty, huxley):
    for number in range(30):
        text_in(huxley, "HELP", sid=f"SM{number}")
    send_all()
    assert len(service.texts) == 10
    text_in(huxley, "STOP", sid="SM99")
    assert state(huxley) == "stopped"


def test_a_confirmation_that_would_come_too_late_does_not_come(service, betty, huxley):
    text_in(huxley, "STOP")
    send_all(NOW + timedelta(minutes=5, seconds=1))
    (late,) = deliveries(huxley)
    assert (late.state, service.texts) == (DeliveryState.CANCELLED, [])
    assert "five minutes" in late.reason


def test_what_the_service_has_answered_itself_is_not_answered_twice(service, betty, huxley):
    text_in(huxley, "Pare", OptOutType="STOP")
    send_all()
    assert (state(huxley), service.texts) == ("stopped", [])


def test_without_a_number_or_a_gateway_a_text_is_kept(service, betty, huxley, midtown, cashier, settings):
    with inside(huxley):
        leave_number(now=NOW)
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    give_number(huxley)
    settings.TEXT_GATEWAY = None
    ask_by_text(betty, by=cashier, at=midtown, now=LATER)
    send_all(LATER)
    assert [one.state for one in deliveries(huxley)] == [DeliveryState.KEPT] * 2
    with inside(huxley):
        kept = list(KeptMessage.objects.order_by("id").values_list("sender", flat=True))
        words = set(KeptMessage.objects.values_list("text", flat=True))
    assert (kept, len(words), service.texts) == (["Huxley House", OURS], 1, [])


def test_a_busy_service_is_asked_again_and_the_text_goes_once(service, betty, huxley, midtown, cashier):
    service.answers = [services.Answer(429, {}, {"Retry-After": "60"}), taken("SM7", num_segments="2")]
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    assert [one.state for one in deliveries(huxley)] == [DeliveryState.QUEUED]
    send_all(NOW + timedelta(seconds=59))
    assert len(service.texts) == 1
    send_all(NOW + timedelta(seconds=61))
    (sent,) = deliveries(huxley)
    assert (sent.state, sent.provider_id, sent.segments, sent.attempts) == (DeliveryState.SENT, "SM7", 2, 2)
    assert len(service.texts) == 2


@pytest.mark.parametrize("behaviour", [services.Answer(500), services.hangs_after_yes, services.drips])
def test_what_may_have_gone_is_never_sent_twice(service, betty, huxley, midtown, cashier, behaviour):
    service.answers = [behaviour]
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    send_all(NOW + timedelta(days=2))
    (unclear,) = deliveries(huxley)
    assert (unclear.state, len(service.texts)) == (DeliveryState.UNKNOWN, 1)
    assert status_of(unclear, "delivered", sid="SM9").status_code == 200
    (known,) = deliveries(huxley)
    assert (known.state, known.provider_id) == (DeliveryState.DELIVERED, "SM9")


def test_a_number_that_takes_no_texts_is_known_as_such(service, betty, huxley, midtown, cashier):
    service.answers = [refused(21614)]
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    assert ([one.state for one in deliveries(huxley)], state(huxley)) == ([DeliveryState.BOUNCED], "bounces")


def test_who_told_the_service_itself_to_stop_has_stopped(service, betty, huxley, midtown, cashier):
    service.answers = [refused(21610)]
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    assert ([one.state for one in deliveries(huxley)], state(huxley)) == ([DeliveryState.FAILED], "stopped")
    with inside(huxley):
        assert Consent.objects.get(act="stop").source == Source.HOOK


def test_the_service_calls_the_address_that_the_text_named(service, betty, huxley, midtown, cashier):
    ask_by_text(betty, by=cashier, at=midtown)
    send_all()
    (sent,) = deliveries(huxley)
    assert service.texts[0].callback == f"https://cards.example.com/hooks/texts/{huxley.pk}/status/{sent.token}/"
