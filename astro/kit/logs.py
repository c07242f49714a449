"""What the log says, and what it never says: no name, address, phone number, search text or note of anybody.

Our own lines are written with ids and counts, so they are told as they are. Lines of libraries are told without what
was put into them (Django's "Not Found: %s" carries a path, a driver's message a value), and an exception is its class
and its places, never its message: what could not be read is quoted there. `Lines` writes for people, `Objects` one
JSON object a line for programs; both tell the same.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import DatabaseError
from pythonjsonlogger.json import JsonFormatter

OURS = "astro"
EXTRAS = ("route", "method", "status", "ms", "retailer_id", "user_id", "kind", "row")
"""What a line may carry besides its sentence; whatever else a library attaches (Django: the request) is left out."""

ROOT = Path(__file__).resolve().parents[2]

_ID = re.compile(r"[0-9a-fA-F-]{16,64}")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0+]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’|<[^>]*>")
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
_QUERY = re.compile(r"\?\S+")

_request_id: ContextVar[str] = ContextVar("astro_request_id", default="")


def read_request_id(sent: str | None) -> str:
    """What the server before us calls this request, if that is a hex number or a UUID; else a new one.

    Anybody may send one, and it goes into the log: so it must be nothing in which something could be said.
    """
    return sent if sent and _ID.fullmatch(sent) else uuid4().hex


@contextmanager
def about_request(request_id: str) -> Iterator[None]:
    """Every line that is logged inside carries this id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


class Lines(logging.Formatter):
    """For people: one line, then the places of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        told = facts_of(record)
        places = told.pop("exception", [])
        head = f"{told.pop('time')} {told.pop('level')} {told.pop('logger')} {told.pop('message')}"
        return "\n".join([head + "".join(f" {name}={value}" for name, value in told.items()), *places])


class Objects(JsonFormatter):
    """For programs: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return self.serialize_log_record(facts_of(record))


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Everything that may be told of a record."""
    told: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": sentence(record),
    }
    told |= {name: value for name in EXTRAS if (value := getattr(record, name, None)) is not None}
    if request_id := _request_id.get():
        told["request_id"] = request_id
    if record.exc_info and record.exc_info[1]:
        told["exception"] = places(record.exc_info[1])
    return told


def sentence(record: logging.LogRecord) -> str:
    """Ours as written, but for addresses; a library's without what was put into it."""
    if record.name.partition(".")[0] == OURS:
        text = record.getMessage()
    elif record.args:
        text = _PLACEHOLDER.sub("…", str(record.msg))
    else:
        text = str(record.msg)
        for what in (_QUOTED, _QUERY, _NUMBER):
            text = what.sub("…", text)
    return " ".join(_ADDRESS.sub("[address]", text).split())


def places(error: BaseException) -> list[str]:
    """The class of an exception and where it came from, its cause first; of a database's refusal also its code."""
    told = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and before is not error:
        told += [*places(before), "then:"]
    for frame in traceback.extract_tb(error.__traceback__):
        told.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
    return [*told, f"{type(error).__module__}.{type(error).__qualname__}{_code(error)}"]


def _code(error: BaseException) -> str:
    """What names no value: the number of the operating system's refusal, the database's code and broken rule."""
    if isinstance(error, OSError) and error.strerror:
        return f" ({error.strerror})"
    driver = error.__cause__ if isinstance(error, DatabaseError) else error
    parts = [getattr(driver, "sqlstate", None), getattr(driver, "sqlite_errorname", None)]
    parts.append(getattr(getattr(driver, "diag", None), "constraint_name", None))
    known = ", ".join(part for part in parts if part)
    return f" ({known})" if known else ""


def _short(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-3:])
