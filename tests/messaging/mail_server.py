"""A real SMTP server on loopback that answers as it is told, and keeps what it took."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller

DROP = "drop"
HANG = "hang"
DRIP = "drip"


@dataclass
class MailServer:
    """`answers` by the step of the talk (EHLO, MAIL, RCPT, DATA): a reply of its own instead of yes, or what it does
    instead of replying. `DATA` is after the whole letter has come. `addresses` who was written to."""

    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    has_letter: Event = field(default_factory=Event)
    port: int = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        session.host_name = hostname
        told = await self._answer("EHLO", server, "")
        return [told] if told else responses

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        return await self._answer("EHLO", server, "250 loopback")

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", server, "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server, "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        if self.answers.get("DATA", "250")[0] not in "45":
            self.letters.append(letter)
            self.addresses += envelope.rcpt_tos
        self.has_letter.set()
        return await self._answer("DATA", server, "250 taken")

    async def _answer(self, step: str, server: Any, otherwise: str) -> str:
        told = self.answers.get(step, otherwise)
        if told == DROP:
            server.transport.abort()
        if told == HANG:
            await asyncio.sleep(60)
        while told == DRIP:
            server.transport.write(b"2")
            await asyncio.sleep(0.05)
        return told


@contextmanager
def mail_server(**answers: str) -> Iterator[MailServer]:
    """Runs while the block does, on a port that was free."""
    server = MailServer(answers=answers, port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ready_timeout=20)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
