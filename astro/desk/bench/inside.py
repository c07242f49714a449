"""The application without a server around it: the same bytes go in through every middleware, an answer comes out."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from django.core.wsgi import get_wsgi_application

from astro.desk.bench.http import Answer


def ask(request: bytes) -> Answer:
    """What the application answers to these bytes. Its signals are sent as on the server, health checks included."""
    began: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], problem: Any = None) -> None:
        began.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})

    parts = _application()(_environ(request), start_response)
    try:
        body = b"".join(parts)
    finally:
        parts.close()
    return Answer(began["status"], began["headers"], body)


@cache
def _application() -> Any:
    return get_wsgi_application()


def _environ(request: bytes) -> dict[str, Any]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(":")
        name = name.upper().replace("-", "_")
        environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value.strip()
    return environ
