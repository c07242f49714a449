"""What the application really sends to PostgreSQL, taken down on the wire: transactions, settings and all."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.db import connection

from astro.desk.bench.errors import Unreadable

_MESSAGE = re.compile(rb"F\t(\d+)\t(\w+)(?:\t (?:\"(?=.))?|\n)", re.DOTALL)
_FRAME = re.compile(r"BEGIN|COMMIT|ROLLBACK|SET LOCAL astro\.retailer\b.*", re.DOTALL)
_AROUND_TEXT = 5
"""A message counts four bytes of its own length and the zero that ends the text."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Every statement of some requests, in order, as the server of the database received it."""

    statements: tuple[str, ...]

    @property
    def counted(self) -> list[str]:
        """Besides BEGIN, the setting of the retailer, and COMMIT."""
        return [statement for statement in self.statements if not is_frame(statement)]


def is_frame(statement: str) -> bool:
    return _FRAME.fullmatch(statement) is not None


def taken_down(requests: Callable[[], object]) -> Conversation:
    """Run `requests` and listen in on this thread's connection to PostgreSQL."""
    connection.ensure_connection()
    talk = connection.connection.pgconn
    with tempfile.TemporaryFile() as file:
        talk.trace(file.fileno())
        try:
            requests()
        finally:
            talk.untrace()
        if connection.connection is None or connection.connection.pgconn is not talk:
            raise Unreadable("The application closed its connection to the database in the middle.")
        return Conversation(tuple(_statements(file)))


def _statements(file: BinaryIO) -> list[str]:
    """The texts of libpq's trace. A query stands there as it is, line breaks included, with its length before it."""
    file.seek(0)
    trace = file.read()
    found, at = [], 0
    while message := _MESSAGE.search(trace, at):
        at = message.end()
        length, kind = int(message[1]), message[2]
        if kind in (b"Parse", b"Bind"):
            raise Unreadable(
                "Statements are sent with parameters apart: the floor only knows how to repeat whole ones."
            )
        if kind == b"Query":
            end = at + length - _AROUND_TEXT
            found += trace[at:end].decode().split(";\n")  # what is sent together is told one by one
            at = end
    return found
