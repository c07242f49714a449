"""Mail to staff and operators: over real SMTP, again where that fails, never with a forged header."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from astro.kit import mail
from astro.kit.mail import PAUSES, NotAnAddress, given_up, send_plain
from astro.kit.models import OutboxRow, PlainMail
from astro.kit.outbox.worker import Pace, work_off
from tests.messaging import mailing
from tests.messaging.mail_server import free_port, mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def write(to="owner@midtown.example", subject="A till holds visits", text="Counter 1 holds 3 visits.\n", **more):
    with transaction.atomic():
        send_plain(to, subject, text, now=NOW, **more)


def send_at(now):
    work_off(pace=Pace(), clock=lambda: now)


def test_it_arrives_with_its_answer_address_and_is_forgotten(settings):
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)
        write(["owner@midtown.example", "support@example.com"], reply_to="betty@example.com")
        send_at(NOW)
        send_at(NOW + timedelta(days=9))
    (letter,) = server.letters
    assert server.addresses == ["owner@midtown.example", "support@example.com"]
    assert (letter["From"], letter["Subject"]) == ("stores@example.com", "A till holds visits")
    assert (letter["Reply-To"], letter["Auto-Submitted"]) == ("betty@example.com", "auto-generated")
    assert letter["Message-ID"].endswith("@example.com>")
    assert letter.get_content().replace("\r\n", "\n") == "Counter 1 holds 3 visits.\n"
    assert (PlainMail.objects.count(), OutboxRow.objects.filter(kind=mail.SEND).count()) == (0, 0)


def test_a_server_that_was_away_gets_it_later(settings, caplog):
    mailing.set_up(settings, port=free_port())
    write()
    send_at(NOW)
    assert "owner@midtown.example" not in caplog.text
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)
        send_at(NOW + PAUSES[0])
    assert len(server.letters) == 1
    assert PlainMail.objects.count() == 0


def test_what_never_leaves_is_given_up_and_counted(settings, caplog):
    mailing.set_up(settings, port=free_port())
    write()
    for days in range(10):
        send_at(NOW + timedelta(days=days))
    assert given_up() == 1
    assert not OutboxRow.objects.filter(kind=mail.SEND).exists()
    assert [record.levelname for record in caplog.records if "given up" in record.message] == ["ERROR"]


def test_a_worker_that_dies_before_sending_loses_nothing(settings, monkeypatch):
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)
        write()
        with monkeypatch.context() as patched:
            patched.setattr(mail, "_send", lambda waiting: None)
            send_at(NOW)
        send_at(NOW + PAUSES[0])
    assert len(server.letters) == 1


def test_without_a_mail_server_the_log_tells_nothing_that_somebody_typed(settings, caplog):
    caplog.set_level(logging.INFO)
    mailing.set_up(settings, port=None)
    write(subject="Betty about owner@midtown.example", text="Betty Smith wrote.")
    send_at(NOW)
    assert "There is no mail server" in caplog.text
    assert "@midtown" not in caplog.text
    assert "Betty" not in caplog.text
    assert PlainMail.objects.count() == 0


@pytest.mark.parametrize(
    "forged",
    [
        {"subject": "Hello\nBcc: everyone@example.com"},
        {"subject": "Hello\r\nX: y"},
        {"subject": "Hello\x85Bcc: everyone@example.com"},
        {"to": "owner@midtown.example\nBcc: everyone@example.com"},
        {"to": ["owner@midtown.example", "no address"]},
        {"to": []},
        {"reply_to": "betty@example.com\r\nBcc: everyone@example.com"},
    ],
)
def test_no_header_can_be_slipped_in(forged):
    with pytest.raises(NotAnAddress):
        write(**forged)
    assert PlainMail.objects.count() == 0
