"""A mail service over real HTTP: what its answers are taken for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from astro.messaging.channels import Refused, TryLater, Unclear
from astro.messaging.mail.posting import post
from tests.messaging.mail_server import free_port
from tests.messaging.test_smtp import LETTER

pytestmark = pytest.mark.once

TAKEN = {"To": LETTER.to, "SubmittedAt": "2026-11-20T17:05:00Z", "MessageID": "pm-1", "ErrorCode": 0, "Message": "OK"}
INACTIVE = {
    "ErrorCode": 406,
    "Message": f"Marked as inactive.\nFound inactive addresses: {LETTER.to}.\n Inactive recipients are those that…",
}
CUT, SILENT = "cut", "silent"


class Service(BaseHTTPRequestHandler):
    """Speaks as Postmark does, or as it is told."""

    def do_POST(self) -> None:
        kept: Any = self.server
        kept.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if kept.status == CUT:
            self.connection.close()
            return
        if kept.status == SILENT:
            kept.is_over.wait(5)
            return
        body = json.dumps(kept.body).encode()
        self.send_response(kept.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests are silent."""


@contextmanager
def service(status: int | str, body: Any = None) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.status, server.body, server.asked, server.is_over = status, body, [], Event()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def set_up(settings: Any, port: int) -> None:
    settings.MAIL_ROUTE, settings.MAIL_FROM = "postmark", "stores@example.com"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "k",
        "POSTMARK_API_URL": f"http://127.0.0.1:{port}/",
        "REQUESTS_TIMEOUT": (0.5, 0.5),
    }


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, {}, TryLater),
        (503, {}, TryLater),
        (401, {"ErrorCode": 10, "Message": "no such token"}, TryLater),
        (500, {}, Unclear),
        (502, {}, Unclear),
        (504, {}, Unclear),
        (422, {"ErrorCode": 300, "Message": "Invalid email request"}, Refused),
        (413, {}, Refused),
        (200, "nonsense", Unclear),
        (CUT, None, Unclear),
        (SILENT, None, Unclear),
    ],
)
def test_what_a_service_says_is_taken_for_what_it_means(status, body, outcome, settings):
    with service(status, body) as running:
        set_up(settings, running.server_address[1])
        with pytest.raises(outcome) as raised:
            post(LETTER)
    assert type(raised.value) is outcome
    assert len(running.asked) == 1


def test_nobody_listens(settings):
    set_up(settings, free_port())
    with pytest.raises(TryLater, match="cannot be reached"):
        post(LETTER)


def test_a_letter_arrives_whole_and_names_its_delivery(settings):
    with service(200, TAKEN) as running:
        set_up(settings, running.server_address[1])
        assert post(LETTER).provider_id == "pm-1"
    (asked,) = running.asked
    assert (asked["From"], asked["To"], asked["Subject"]) == (LETTER.sender, LETTER.to, LETTER.subject)
    assert (asked["TextBody"], asked["HtmlBody"]) == (LETTER.text, LETTER.html)
    assert asked["Metadata"] == {"retailer": "7", "delivery": "a-name-nobody-can-guess"}
    headers = {header["Name"]: header["Value"] for header in asked["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<https://")


def test_an_address_that_the_service_has_given_up_is_refused(settings):
    with service(422, INACTIVE) as running:
        set_up(settings, running.server_address[1])
        with pytest.raises(Refused):
            post(LETTER)
