"""Hands one message to an SMTP server, and judges what it says.

All is judged by one question: may the message have gone? It has not, as long as the server has not begun to read it;
it has not either where the server then says no in so many words. Between the two nobody can say.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from astro.messaging.channels import Refused, TryLater, Unclear

GO_ON = 354
"""The server reads the message from here on."""

NO_SUCH_MAILBOX = re.compile(rb"5\.(1\.([0-36]|10)|2\.1)\b")
ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
UNKNOWN_USER = frozenset({550, 551, 553})


def post(email: EmailMultiAlternatives) -> None:
    """Send it to its one reader. Raises `Refused`, `TryLater`, `Unclear`."""
    backend = Backend(timeout=settings.EMAIL_TIMEOUT)
    try:
        with _deadline(backend, settings.MAIL_DEADLINE):
            backend.open()
            backend.send_messages([email])
    except (smtplib.SMTPException, OSError) as problem:
        raise _judge(problem, has_begun=backend.has_begun) from problem
    finally:
        _hang_up(backend)


class Backend(EmailBackend):
    """Django's own, over a connection that notices when the server begins to read."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureListener if self.use_ssl else _Listener

    @property
    def has_begun(self) -> bool:
        return bool(getattr(self.connection, "has_begun", False))


class _Listener(smtplib.SMTP):
    has_begun = False

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()
        if code == GO_ON:
            self.has_begun = True
        return code, words


class _SecureListener(_Listener, smtplib.SMTP_SSL):
    pass


def _judge(problem: Exception, *, has_begun: bool) -> Refused | TryLater | Unclear:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(problem.recipients.values()))
        return _refusal(code, words, is_about_reader=True)
    if isinstance(problem, smtplib.SMTPDataError) and 400 <= problem.smtp_code < 600:
        return _refusal(problem.smtp_code, _as_bytes(problem.smtp_error), is_about_reader=False)
    if has_begun:
        return Unclear(_("The mail server did not answer. The mail may have been sent."))
    if isinstance(problem, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        return TryLater(_("The mail server does not let us send: %(told)s") % {"told": _told(problem)})
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return Refused(_("The mail server cannot send to an address like this one."))
    return TryLater(_("The mail server cannot be reached: %(told)s") % {"told": _told(problem)})


def _refusal(code: int, words: bytes, *, is_about_reader: bool) -> Refused | TryLater:
    """A no: for now (4xx), for this address (it does not exist), or for this message."""
    said = {"said": f"{code} {words.decode('ascii', 'replace')}"[:150]}
    if code < 500:
        return TryLater(_("The mail server asks to wait: %(said)s") % said)
    is_dead = bool(NO_SUCH_MAILBOX.match(words))
    if is_about_reader and not ENHANCED.match(words):
        is_dead = code in UNKNOWN_USER
    if is_dead:
        return Refused(_("There is no such mailbox: %(said)s") % said, is_dead=True)
    return Refused(_("The mail server did not take it: %(said)s") % said)


@contextmanager
def _deadline(backend: Backend, seconds: float) -> Iterator[None]:
    """An end to everything together: a server that drips a letter now and then never runs into a time-out."""
    timer = Timer(seconds, lambda: _cut(backend))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(backend: Backend) -> None:
    sock = getattr(backend.connection, "sock", None)
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _hang_up(backend: Backend) -> None:
    """What a server says to our good-bye changes nothing about the message."""
    with suppress(smtplib.SMTPException, OSError):
        backend.close()


def _told(problem: Exception) -> str:
    code = getattr(problem, "smtp_code", None)
    return (
        f"{code} {_as_bytes(getattr(problem, 'smtp_error', b'')).decode('ascii', 'replace')}" if code else str(problem)
    )


def _as_bytes(words: Any) -> bytes:
    return words if isinstance(words, bytes) else str(words).encode()
