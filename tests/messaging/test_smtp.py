"""What a mail server can do to one letter, and what we take it for: the one question is whether it may have gone."""

from __future__ import annotations

from time import monotonic

import pytest

from astro.messaging.channels import Composed, Refused, TryLater, Unclear
from astro.messaging.mail.building import ONE_CLICK, ONE_CLICK_BODY, UNSUBSCRIBE
from astro.messaging.mail.posting import post
from tests.messaging import mailing
from tests.messaging.mail_server import DRIP, DROP, HANG, free_port, mail_server

pytestmark = pytest.mark.once

LETTER = Composed(
    to="betty.smith@example.com",
    sender="Midtown Pet Supply <stores@example.com>",
    subject="Welcome",
    text="Greetings, Betty Smith.\n",
    html="<p>Greetings, Betty Smith.</p>",
    headers={UNSUBSCRIBE: "<https://cards.example.com/m/one-click/x/>", ONE_CLICK: ONE_CLICK_BODY},
    extra={"is_answer": False, "retailer": "7", "delivery": "a-name-nobody-can-guess"},
)

OUTCOMES = {
    "greets with a no": ({"EHLO": "421 4.3.2 going down"}, TryLater, False),
    "hangs up at the greeting": ({"EHLO": DROP}, TryLater, False),
    "never answers the greeting": ({"EHLO": HANG}, TryLater, False),
    "drips its answer": ({"EHLO": DRIP}, TryLater, False),
    "does not let us send": ({"MAIL": "530 5.7.0 sign in first"}, TryLater, False),
    "is busy": ({"RCPT": "451 4.3.0 try again later"}, TryLater, False),
    "goes down": ({"RCPT": "421 4.3.2 going down"}, TryLater, False),
    "greylists": ({"RCPT": "450 4.7.1 greylisted"}, TryLater, False),
    "mailbox is full for now": ({"RCPT": "452 4.2.2 over quota"}, TryLater, False),
    "user unknown": ({"RCPT": "550 5.1.1 user unknown"}, Refused, True),
    "user unknown without a class": ({"RCPT": "550 no such user"}, Refused, True),
    "mailbox closed": ({"RCPT": "550 5.2.1 mailbox disabled"}, Refused, True),
    "domain takes no mail": ({"RCPT": "556 5.1.10 null MX"}, Refused, True),
    "policy": ({"RCPT": "550 5.7.1 blocked"}, Refused, False),
    "unauthenticated": ({"RCPT": "550 5.7.515 access denied"}, Refused, False),
    "mailbox is full": ({"RCPT": "552 5.2.2 over quota"}, Refused, False),
    "spam": ({"DATA": "554 5.7.1 looks like spam"}, Refused, False),
    "user unknown after all": ({"DATA": "550 5.1.1 user unknown"}, Refused, True),
    "busy after the letter": ({"DATA": "451 4.3.0 disk full"}, TryLater, False),
    "hangs up after the letter": ({"DATA": DROP}, Unclear, False),
    "never answers the letter": ({"DATA": HANG}, Unclear, False),
    "drips its answer to the letter": ({"DATA": DRIP}, Unclear, False),
    "talks nonsense after the letter": ({"DATA": "999 what"}, Unclear, False),
}


@pytest.mark.parametrize(("answers", "outcome", "is_dead"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_a_server_says_is_taken_for_what_it_means(answers, outcome, is_dead, settings):
    with mail_server(**answers) as server:
        mailing.set_up(settings, port=server.port, seconds=0.4)
        began = monotonic()
        with pytest.raises(outcome) as raised:
            post(LETTER)
    assert type(raised.value) is outcome
    assert getattr(raised.value, "is_dead", False) is is_dead
    assert monotonic() - began < 5
    assert len(server.letters) <= 1


def test_nobody_listens(settings):
    mailing.set_up(settings, port=free_port())
    with pytest.raises(TryLater, match="cannot be reached"):
        post(LETTER)


def test_a_letter_arrives_whole(settings):
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)
        sent = post(LETTER)
    (letter,) = server.letters
    assert sent.provider_id == letter["Message-ID"] == "<a-name-nobody-can-guess@example.com>"
    assert server.addresses == ["betty.smith@example.com"]
    assert (letter["From"], letter["To"]) == (LETTER.sender, LETTER.to)
    assert letter[UNSUBSCRIBE] == "<https://cards.example.com/m/one-click/x/>"
    assert letter[ONE_CLICK] == "List-Unsubscribe=One-Click"
    assert letter.get_body(["plain"]).get_content().split("\r\n") == ["Greetings, Betty Smith.", ""]
    assert letter.get_body(["html"]).get_content().strip() == LETTER.html


def test_a_server_that_hangs_up_when_we_say_goodbye_has_taken_the_letter(settings, monkeypatch):
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)

        async def goodbye(smtp, *told):
            smtp.transport.abort()

        monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", goodbye)
        assert post(LETTER).provider_id
    assert len(server.letters) == 1
