"""The load generator's HTTP client: keep-alive connections that cost little, so that the platform has the machine.

A request is signed once a second, since the signature covers only the date and the source; each differs in its
numbers. Latencies are of the monotonic clock; wall times are kept so that they can be laid beside the carrier's.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import cast
from urllib.parse import quote

import msgspec


class Target(msgspec.Struct, frozen=True):
    """Where and as whom to send."""

    host: str
    port: int
    path: str
    secret_id: str
    secret_key: str
    content: str


class Sample(msgspec.Struct, array_like=True, gc=False):
    """One request and its answer."""

    mobile: str
    sent_at: float
    """Wall clock, seconds."""
    seconds: float
    status: int
    """HTTP status; 0 when the connection broke."""
    accepted: int
    """How many messages the answer took."""


class SignedHead:
    """Makes the bytes of requests; signs anew each second."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._second = 0
        self._tail = b""
        query = f"POST {target.path}?content={quote(target.content)}&mobile="
        self._start = query.encode()

    def request(self, mobiles: str) -> bytes:
        """Return a whole request for these numbers."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._tail = self._sign(second)
        return self._start + mobiles.encode() + self._tail

    def _sign(self, second: int) -> bytes:
        target = self._target
        date = formatdate(second, usegmt=True)
        text = f"x-date: {date}\nx-source: market".encode()
        signature = base64.b64encode(hmac.digest(target.secret_key.encode(), text, hashlib.sha1)).decode()
        return (
            f" HTTP/1.1\r\nHost: {target.host}:{target.port}\r\nX-Source: market\r\nX-Date: {date}\r\n"
            f'Authorization: hmac id="{target.secret_id}", algorithm="hmac-sha1", headers="x-date x-source", '
            f'signature="{signature}"\r\nContent-Length: 0\r\n\r\n'
        ).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self, done: Callable[["Connection", int, bytes], None]) -> None:
        self._done = done
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.context: tuple[str, float, float] = ("", 0.0, 0.0)
        self.is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def send(self, request: bytes) -> None:
        """Write a request; `done` is called with its answer."""
        self.is_busy = True
        assert self._transport is not None
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Put the answer together; it has a Content-Length."""
        self._buffer = data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = data[:end].lower()
        start = head.find(b"content-length:") + 15
        length = int(head[start : start + 12].split(b"\r\n", 1)[0])
        if len(data) < end + 4 + length:
            return
        self._buffer = data[end + 4 + length :]
        self.is_busy = False
        self._done(self, int(data[9:12]), data[end + 4 : end + 4 + length])

    def connection_lost(self, _error: Exception | None) -> None:
        """Answer what waits with nothing."""
        if self.is_busy:
            self.is_busy = False
            self._done(self, 0, b"")

    def close(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.close()


PREFIXES = {"cmpp30": ("138",), "sgip12": ("130",), "smgp30": ("133",), "smpp34": ("9198",)}
"""What numbers begin with whose carrier speaks a protocol, on the platform of the demonstration."""
MAINLAND = ("138", "130", "133")


def mobiles_from(first: int, prefixes: Sequence[str] = MAINLAND) -> Callable[[], str]:
    """Return a source of distinct numbers that take turns with the prefixes, none with a magic ending."""
    counter = first

    def next_mobile() -> str:
        nonlocal counter
        counter += 1
        while 9000 <= counter % 10000 < 9100:
            counter += 1
        return f"{prefixes[counter % len(prefixes)]}{counter % 100_000_000:08d}"

    return next_mobile
