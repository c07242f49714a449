"""HTTP/1.1 over a plain socket: no more than a till needs, so that measuring costs little beside what is measured."""

import socket
import zlib
from dataclasses import dataclass

CHUNK = 65_536


class Broken(ConnectionError):
    """The other side closed the connection, or said something that is not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection that is kept open; after `Broken` the next request opens another."""

    def __init__(self, host: str, port: int, *, patience: float = 30.0) -> None:
        self._address = (host, port)
        self._patience = patience
        self._socket: socket.socket | None = None
        self._held = b""

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer. Raises Broken, or OSError where nobody listens."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, self._patience)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._held = b""
            self._socket.sendall(request)
            return self._read()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self) -> Answer:
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, _, rest = head[0].partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
            raise Broken(f"Not HTTP: {head[0]!r}")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        status = int(rest[:3])
        if status in (204, 304):
            body = b""
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        if headers.get("content-encoding") == "gzip":
            body = zlib.decompress(body, wbits=31)
        return Answer(status, headers, body)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            parts.append(self._exactly(size))
            self._until(b"\r\n")
        while self._until(b"\r\n"):
            pass  # trailers
        return b"".join(parts)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._held:
            self._more()
        found, _, self._held = self._held.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._held) < size:
            self._more()
        found, self._held = self._held[:size], self._held[size:]
        return found

    def _more(self) -> None:
        if self._socket is None:
            raise Broken("The connection is closed.")
        received = self._socket.recv(CHUNK)
        if not received:
            raise Broken("The server closed the connection.")
        self._held += received
