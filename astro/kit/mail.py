"""Plain mail to people who work here or run this installation. What customers get is `messaging`'s.

`send_plain` writes the mail down and puts an outbox row in the caller's transaction. The worker sends it *after* its
own transaction, because a slow mail server must not hold a lock meanwhile (on SQLite there is only one); it first puts
the row of the next try, so a worker that is killed in between loses no mail. So one mail may arrive twice; its
Message-ID stays the same, and mail programs show such a pair as one. Without a mail server the log tells that there
was one, and nothing more: people type subjects.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction

from astro.kit.clock import utc_now
from astro.kit.models import PlainMail
from astro.kit.outbox import queue

SEND = "mail.send"
"""The outbox row that has one mail sent; its payload: `mail`."""

PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(days=1),
    timedelta(days=2),
]
"""How long to wait after the first, second, … try. After the last one it is given up, and its row stays."""

LONGEST_SUBJECT = 200

log = logging.getLogger(__name__)


class NotAnAddress(ValueError):
    """A mail cannot be made with this: an address that is none, or a line break where a header would begin."""


def send_plain(
    to: str | Sequence[str], subject: str, text: str, *, reply_to: str | None = None, now: datetime | None = None
) -> None:
    """Have it sent once the current transaction is committed. Raises `NotAnAddress`, and RuntimeError outside one."""
    readers = [to] if isinstance(to, str) else list(to)
    for address in [*readers, *([reply_to] if reply_to else [])]:
        _insist_on_address(address)
    if not readers:
        raise NotAnAddress("A mail needs a reader.")
    if len(subject.splitlines()) > 1:
        raise NotAnAddress("A subject is one line.")
    now = now or utc_now()
    mail = PlainMail(to=readers, subject=subject[:LONGEST_SUBJECT], text=text, reply_to=reply_to or "", created_at=now)
    mail.save(force_insert=True)
    queue.put(SEND, {"mail": mail.pk}, retailer_id=queue.PLATFORM, now=now)


def send_waiting(mail_id: int, *, now: datetime) -> None:
    """Send one mail after this transaction, and be ready to send it again where that fails."""
    mail = PlainMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    if mail.tries >= len(PAUSES):
        log.error("A mail to staff or operators was given up after %s tries.", mail.tries)
        return
    PlainMail.objects.filter(pk=mail.pk).update(tries=mail.tries + 1)
    queue.put(SEND, {"mail": mail.pk}, retailer_id=queue.PLATFORM, due=now + PAUSES[mail.tries], now=now)
    transaction.on_commit(partial(_send, mail), robust=True)


def given_up() -> int:
    """How many mails never left, for whoever looks after this installation."""
    return PlainMail.objects.filter(tries__gte=len(PAUSES)).count()


def _send(mail: PlainMail) -> None:
    """Outside of any transaction. What has left is forgotten; the row of the next try then finds nothing."""
    try:
        _hand_over(mail)
    except Exception as problem:
        log.warning("A mail to staff or operators was not sent, and is tried again: %s", queue.error_place(problem))
        return
    PlainMail.objects.filter(pk=mail.pk).delete()


def _hand_over(mail: PlainMail) -> None:
    if not settings.MAIL_ROUTE:
        log.info("There is no mail server, so a mail to staff or operators was not sent.")
        return
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message = EmailMessage(
        mail.subject,
        mail.text,
        settings.MAIL_FROM,
        mail.to,
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": f"<astro-{mail.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=_connection(),
    )
    message.send()


def _connection() -> Any:
    """The SMTP server of ASTRO_EMAIL_URL, or the mail service, as for customers' mail."""
    if settings.MAIL_ROUTE == "smtp":
        return get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=settings.EMAIL_TIMEOUT)
    return get_connection(f"anymail.backends.{settings.MAIL_ROUTE}.EmailBackend")


def _insist_on_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as problem:
        raise NotAnAddress("A mail needs a whole address for its reader, and for answers.") from problem
