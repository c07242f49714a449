"""Between browser and server, the worst network there is: HTTP requests that come twice, late, in another order, in
halves or not at all, answers that are lost after the server wrote them down, and other people's pages instead.

Everything but what tills send (`NASTY`) goes through untouched. Which fault a request meets is drawn by a seed, or told
by `script`; `counts` says how often each happened. `out` takes the network away, `back` brings it back, same port.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter, deque
from threading import Event, Thread

NASTY = re.compile(rb"^POST /checkout/(?:arrivals|waiting)/ ")
PORTAL = b"<!doctype html><title>Cafe Wi-Fi</title><h1>Welcome!</h1><form><button>Accept and connect</button></form>"
FAULTS = (
    "sent twice", "sent twice at once", "slow", "late", "lost", "half of it sent", "answer dropped", "half an answer",
    "foreign page", "foreign redirect", "foreign JSON", "bad gateway",
)  # fmt: skip
LATEST = 1.5
"""Seconds that a request may be held back, while newer ones pass it."""
PATIENCE = 30
ARRIVALS, VISITS = rb"POST /checkout/arrivals/ ", rb"POST /checkout/\d+/visits/ "


class NastyProxy:
    """Listens on `port` of this machine until `stop`, in a thread of its own, in front of the server at `target`."""

    def __init__(self, target: int, *, seed: int = 1, rate: float = 0.0):
        self.target, self.rate = target, rate
        self.chance = random.Random(seed)  # noqa: S311 - the same faults again
        self.counts: Counter[str] = Counter()
        self.script: deque[str] = deque()
        self.held: tuple[str, bytes] | None = None
        self.reached, self.released = Event(), Event()
        self.writers: set[asyncio.StreamWriter] = set()
        self.later: set[asyncio.Task[None]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.is_out = False
        self._run(self._open())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def back(self) -> None:
        """The network is there."""
        self.is_out = False

    def out(self) -> None:
        """Every connection breaks, and each new one at once. The port stays ours."""
        self.is_out = True
        self._run(self._break())

    def settle(self) -> None:
        """Until everything that was held back has reached the server."""
        self._run(self._settle())

    def hold(self, where: str, at: bytes = ARRIVALS) -> None:
        """The next request like that waits `held before` the server has seen it, or `held after` its answer is there:
        `reached` is set then, and it goes on at `release`."""
        self.reached.clear()
        self.released.clear()
        self.held = where, at

    def wait_for_hold(self) -> None:
        assert self.reached.wait(PATIENCE), "Nothing was sent."

    def release(self) -> None:
        self.released.set()

    def stop(self) -> None:
        self.release()
        self.out()
        self.settle()
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE * 2)

    async def _open(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _break(self) -> None:
        for writer in list(self.writers):
            writer.transport.abort()

    async def _settle(self) -> None:
        while self.later:
            await asyncio.wait(set(self.later))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request for each connection: a kept connection would hide some of the faults."""
        if self.is_out:
            writer.transport.abort()
            return
        self.writers.add(writer)
        try:
            request = await self._request(reader)
            if request:
                await self._answer(request, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
        head = re.sub(rb"\r\n(?:proxy-)?connection:[^\r]*", b"", head, flags=re.IGNORECASE)
        return head[:-2] + b"Connection: close\r\n\r\n" + body

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fault = self._fault(request)
        if fault:
            self.counts[fault] += 1
        answer = await self._meet(fault, request)
        if answer is None:
            writer.transport.abort()
            return
        writer.write(answer)
        await writer.drain()

    def _fault(self, request: bytes) -> str:
        if self.held and re.match(self.held[1], request):
            (where, _), self.held = self.held, None
            return where
        if not NASTY.match(request):
            return ""
        if self.script and re.match(ARRIVALS, request):
            return self.script.popleft()
        self.counts["sent"] += 1
        return self.chance.choice(FAULTS) if self.chance.random() < self.rate else ""

    async def _meet(self, fault: str, request: bytes) -> bytes | None:
        """What the browser gets; None where its connection breaks."""
        if fault == "sent twice":
            await self._ask(request)
        elif fault == "sent twice at once":
            answers = await asyncio.gather(self._ask(request), self._ask(request))
            return answers[1]
        elif fault == "slow":
            await asyncio.sleep(self.chance.random() * LATEST / 3)
        elif fault == "late":
            self._send_later(request)
            return None
        elif fault == "lost":
            return None
        elif fault == "half of it sent":
            await self._ask(request[: len(request) - 40], is_whole=False)
            return None
        elif fault == "answer dropped":
            await self._ask(request)
            return None
        elif fault == "half an answer":
            return _half(await self._ask(request))
        elif fault == "foreign page":
            return _page(b"200 OK", PORTAL)
        elif fault == "foreign redirect":
            return _page(b"302 Found", b"", b"Location: /live\r\n")
        elif fault == "foreign JSON":
            return _page(b"200 OK", b'{"arrival": {"key": "portal"}}', b"", b"application/json")
        elif fault == "bad gateway":
            return _page(b"502 Bad Gateway", PORTAL)
        elif fault == "held before":
            await self._hold()
        elif fault == "held after":
            answer = await self._ask(request)
            await self._hold()
            return answer
        return await self._ask(request)

    async def _hold(self) -> None:
        self.reached.set()
        await asyncio.to_thread(self.released.wait, PATIENCE)

    def _send_later(self, request: bytes) -> None:
        async def send() -> None:
            await asyncio.sleep(self.chance.random() * LATEST)
            await self._ask(request)

        task = self.loop.create_task(send())
        self.later.add(task)
        task.add_done_callback(self.later.discard)

    async def _ask(self, request: bytes, *, is_whole: bool = True) -> bytes:
        """The server's answer, word for word; a bad gateway where it gives none."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return _page(b"502 Bad Gateway", PORTAL)
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), PATIENCE) if is_whole else b""
        except (OSError, TimeoutError):
            return _page(b"502 Bad Gateway", PORTAL)
        finally:
            writer.close()


def _half(answer: bytes) -> bytes:
    """Up to the middle of its body."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    return head + gap + body[: len(body) // 2]


def _page(status: bytes, body: bytes, more: bytes = b"", kind: bytes = b"text/html") -> bytes:
    length = str(len(body)).encode()
    head = b"Content-Type: " + kind + b"\r\nContent-Length: " + length + b"\r\n" + more + b"Connection: close\r\n\r\n"
    return b"HTTP/1.1 " + status + b"\r\n" + head + body
