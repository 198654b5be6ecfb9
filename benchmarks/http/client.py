"""A load generator: many keep-alive connections, one request at a time on each."""

import asyncio
import hmac
import socket
import time
from base64 import b64encode
from email.utils import formatdate
from typing import Any, cast
from urllib.parse import urlencode

import uvloop

from benchmarks.http.instant import KEY

_CONNECTIONS = 64
_CONTENT = "【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。"


def signed_request(secret_id: str, secret: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Return target and headers of a request, signed now, as the page's Python sample makes it."""
    date = formatdate(time.time(), usegmt=True)
    signature = b64encode(hmac.digest(secret, f"x-date: {date}\nx-source: market".encode(), "sha1")).decode()
    authorization = f'hmac id="{secret_id}", algorithm="hmac-sha1", headers="x-date x-source", signature="{signature}"'
    target = "/release/qxt_yzm_sms/?" + urlencode({"content": _CONTENT, "mobile": "13800000001"})
    return target, [
        ("Accept-Encoding", "identity"),
        ("Content-Length", "0"),
        ("Host", "127.0.0.1"),
        ("User-Agent", "Python-urllib/3.11"),
        ("X-Source", "market"),
        ("X-Date", date),
        ("Authorization", authorization),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ]


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes, done: asyncio.Event) -> None:
        self._request = request
        self._done = done
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        assert b'"status":"0"' in data, data
        self.answered += 1
        if self._done.is_set():
            self._transport.close()
        else:
            self._transport.write(self._request)


async def _drive(port: int, seconds: float) -> int:
    request = _encode(KEY.secret_id, KEY.secret)
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    connections = []
    for _ in range(_CONNECTIONS):
        _, connection = await loop.create_connection(lambda: _Connection(request, done), "127.0.0.1", port)
        connections.append(connection)
    await asyncio.sleep(seconds)
    done.set()
    await asyncio.sleep(0.2)
    return sum(connection.answered for connection in connections)


def _encode(secret_id: str, secret: bytes) -> bytes:
    target, headers = signed_request(secret_id, secret)
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode()


def probe(port: int, pairs: int, results: Any) -> None:
    """Time refusals over one connection: an unknown id, a wrong key, and again, so that drift hits both."""
    requests = _encode("AKID" + "0" * 32, KEY.secret), _encode(KEY.secret_id, b"x" * 40)
    samples: tuple[list[float], list[float]] = [], []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in range(pairs):
            for which in (turn % 2, 1 - turn % 2):  # which comes first alternates too
                request, times = requests[which], samples[which]
                started_at = time.perf_counter()
                connection.sendall(request)
                answer = connection.recv(4096)
                times.append((time.perf_counter() - started_at) * 1e6)
                assert answer.startswith(b"HTTP/1.1 401"), answer
    results.put(samples)


def drive(port: int, seconds: float, results: Any) -> None:
    """Load a server from a process of its own."""
    results.put(uvloop.run(_drive(port, seconds)))
