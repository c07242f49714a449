"""A text service on loopback that speaks as Twilio does, and misbehaves as it is told to.

    with text_service() as service:
        service.answers = [Answer(429, headers={"Retry-After": "7"}), taken("SM1")]
        service.gateway.send(...)
        assert service.texts == [Text(...)]

`answers` are given in turn, the last one ever after. An answer may be a function that is handed the open socket and
writes whatever it likes, at its own pace.
"""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from astro.messaging.texts.gateway import Gateway

SID, TOKEN = "AC0123456789abcdef", "a secret of the account"
GIVES_UP_AFTER = 0.4
"""Seconds that tests wait for an answer that never comes."""


@dataclass(frozen=True)
class Text:
    """A text as it arrived."""

    sender: str
    to: str
    body: str
    callback: str


@dataclass(frozen=True)
class Answer:
    status: int
    told: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.told if isinstance(self.told, bytes) else json.dumps(self.told).encode()


Behaviour = Answer | Callable[[socket.socket, threading.Event], None]


def taken(sid: str, **told: Any) -> Answer:
    """The service has put the text into its queue."""
    return Answer(201, {"sid": sid, "status": "queued", "num_segments": "2", "error_code": None, **told})


def refused(code: int, status: int = 400) -> Answer:
    return Answer(status, {"code": code, "message": "No.", "status": status})


def hangs_after_yes(line: socket.socket, over: threading.Event) -> None:
    """Says 201, promises a body, and sends half of it."""
    line.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 200\r\n\r\n{"sid": "SM1", ')
    over.wait(20)


def never_answers(line: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def hangs_up(line: socket.socket, over: threading.Event) -> None:
    line.shutdown(socket.SHUT_RDWR)


def drips(line: socket.socket, over: threading.Event) -> None:
    """One byte of a header after the other: no single wait is ever too long."""
    with suppress(OSError):
        line.sendall(b"HTTP/1.1 201 Created\r\nX-Slow: ")
        while not over.wait(0.05):
            line.sendall(b"z")


def drips_a_body(line: socket.socket, over: threading.Event) -> None:
    with suppress(OSError):
        line.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 1000000\r\n\r\n{"sid": "')
        while not over.wait(0.05):
            line.sendall(b"z")


def a_gigabyte(line: socket.socket, over: threading.Event) -> None:
    """Sends as much as is taken from it."""
    with suppress(OSError):
        line.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1073741824\r\n\r\n")
        for _megabyte in range(1024):
            line.sendall(b"z" * 1024 * 1024)


def noise(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"\x16\x03\x01 who is there?\r\n\r\n")


class Service:
    """What the tests hold: what it was told, and what it is to answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[Behaviour] = [taken("SM0")]
        self.texts: list[Text] = []
        self.calls: list[tuple[str, str]] = []
        self.over = threading.Event()

    @property
    def settings(self) -> dict[str, Any]:
        """As `settings.TEXT_GATEWAY` holds them."""
        known = {"host": "127.0.0.1", "port": self.port, "sid": SID, "token": TOKEN, "is_secure": False}
        return {**known, "answers_within": GIVES_UP_AFTER}

    @property
    def gateway(self) -> Gateway:
        return Gateway(**self.settings)

    @property
    def nowhere(self) -> Gateway:
        """The same, at a port where nobody listens."""
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            return replace(self.gateway, port=held.getsockname()[1])

    def answer(self) -> Behaviour:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def text_service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            told = [form[name][0] for name in ("From", "To", "Body", "StatusCallback")]
            service.calls.append((self.path, self.headers["Authorization"]))
            answer = service.answer()
            service.texts.append(Text(*told))
            if not isinstance(answer, Answer):
                answer(self.connection, service.over)
                return
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *told: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Service(server.server_port)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    running.start()
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        server.server_close()
        running.join()


def basic_auth(sid: str = SID, token: str = TOKEN) -> str:
    return "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()
