"""Hands texts to a service that speaks as Twilio does, over HTTP.

    POST {base}/2010-04-01/Accounts/{sid}/Messages.json      basic auth; From, To, Body, StatusCallback

What an answer means is judged by one question: may the text have gone?

- Nothing can have gone while no connection stood, or where the service says that it did nothing: 429 and 503 (wait),
  401, 403, 404 and redirects (wrongly set up; whoever runs Astro mends it meanwhile). Those are tried again.
- 400 and its kin are a no for good, with a code that says why.
- Once the request has left, everything else is unclear: no answer, half an answer, a yes that cannot be read, and also
  500, 502 and 504. A machine that fails while it works may have passed the text on before, and a machine in between
  knows nothing. A text that comes twice is worse than one that its owner asks for again; and where it did go, the
  service tells so by its hook.

The standard library's client is used, not a more comfortable one: it has a step of its own for connecting, so "nothing
has left" is known and not guessed, and it shows its socket, so that a deadline for all of it can be kept, however
slowly the other side drips.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from astro.messaging.channels import Refused, Sent, TryLater, Unclear

DEAD = frozenset({21211, 21614, 21635, 30005, 30006})
"""No such number, or one that takes no texts."""
STOPPED = frozenset({21610})
"""Its owner told the service itself to stop."""
OUR_NUMBER = frozenset({21212, 21603, 21606, 21659, 21660})
"""The store's number is not one of the account's."""

WAIT = frozenset({408, 425, 429, 503})
SET_UP_WRONGLY = frozenset({401, 403, 404, 405, 407})
LONGEST_ANSWER = 64 * 1024
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where the service is and who we are there. Seconds: to connect, and for everything together."""

    host: str
    sid: str
    token: str
    port: int | None = None
    path: str = ""
    is_secure: bool = True
    connects_within: float = 10
    answers_within: float = 20

    def send(self, *, to: str, sender: str, text: str, callback: str, clock: Callable[[], datetime]) -> Sent:
        """Raises `Refused`, `TryLater`, `Unclear`."""
        form = urlencode({"From": sender, "To": to, "Body": text, "StatusCallback": callback})
        connection = self._connect()
        try:
            with _deadline(connection, self.answers_within):
                status, headers, body = self._ask(connection, form)
        except (OSError, HTTPException, ValueError) as problem:
            raise Unclear(_("The text service did not answer. The text may have been sent.")) from problem
        finally:
            connection.close()
        return judge(status, body, retry_after=headers.get("Retry-After", ""), now=clock())

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self.is_secure else HTTPConnection
        connection = kind(self.host, self.port, timeout=self.connects_within)
        try:
            connection.connect()
        except (OSError, HTTPException, ValueError) as problem:
            connection.close()
            raise TryLater(_("The text service cannot be reached.")) from problem
        connection.sock.settimeout(self.answers_within)
        return connection

    def _ask(self, connection: HTTPConnection, form: str) -> tuple[int, Any, bytes]:
        known = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        headers = {
            "Authorization": f"Basic {known}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Connection": "close",
        }
        path = f"{self.path}/2010-04-01/Accounts/{quote(self.sid, safe='')}/Messages.json"
        connection.request("POST", path, form, headers)
        answer: HTTPResponse
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read(LONGEST_ANSWER)


def judge(status: int, body: bytes, *, retry_after: str, now: datetime) -> Sent:
    """What an answer means. Raises `Refused`, `TryLater`, `Unclear`."""
    told = _read(body)
    code = told.get("code") or told.get("error_code")
    if 200 <= status < 300:
        if told.get("status") in ("failed", "undelivered"):
            raise refusal(code)
        if not isinstance(told.get("sid"), str) or not told["sid"]:
            raise Unclear(
                _("The text service answered with something that cannot be read. The text may have been sent.")
            )
        return Sent(provider_id=told["sid"][:100], segments=_whole(told.get("num_segments")))
    if status in WAIT:
        raise TryLater(_("The text service asks to wait."), after=wait_for(retry_after, now=now))
    if status in SET_UP_WRONGLY or 300 <= status < 400:
        raise TryLater(_("The text service does not know this installation. Its settings need mending."))
    if 400 <= status < 500:
        raise refusal(code)
    raise Unclear(_("The text service failed. The text may have been sent."))


def refusal(code: object) -> Refused:
    """What the service's own number for a failure means, in words for the store."""
    number = _whole(code)
    if number in STOPPED:
        return Refused(_("The customer has stopped texts from this number."), has_stopped=True)
    if number in DEAD:
        return Refused(_("This number cannot be reached by text."), is_dead=True)
    if number in OUR_NUMBER:
        return Refused(_("The text service does not know the store's number."))
    if number is None:
        return Refused(_("The text service refused the text."))
    return Refused(_("The text service refused the text (its code %(code)d).") % {"code": number})


def wait_for(retry_after: str, *, now: datetime) -> timedelta | None:
    """How long the service wants to be left alone: seconds, or a date. None where it does not say; a day at most."""
    told = retry_after.strip()
    if told.isascii() and told.isdigit():
        pause = timedelta(seconds=min(int(told[:9]), 10**6))
    else:
        try:
            pause = parsedate_to_datetime(told) - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(pause, timedelta(0)), LONGEST_WAIT)


@contextmanager
def _deadline(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Shuts the line when time is up: a socket's own timeout begins anew with each byte that drips in."""

    line = connection.sock

    def shut() -> None:
        with suppress(OSError):  # it is closed already
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _whole(told: object) -> int | None:
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
