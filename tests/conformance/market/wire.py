"""Talking HTTP by hand: octets out, one response in."""

import hmac
import json
import socket
import time
from base64 import b64encode
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Self
from urllib.parse import urlencode

import msgspec

from .platform import DEBUG_TEXT, SECRET_ID, SECRET_KEY

SEND = "/release/qxt_yzm_sms/"
MOBILE = "13800000001"


class Response(msgspec.Struct, frozen=True):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    """By the name as it stood on the wire."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for given, value in self.headers.items() if given.lower() == name.lower()), None)


class Wire:
    """A connection to a server."""

    def __init__(self, port: int, *, timeout_seconds: float = 10.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def end(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self, *, to_head: bool = False) -> Response:
        """Read one response; `to_head` when the request was a HEAD."""
        head = self._read_until(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        length = next((int(value) for name, value in headers.items() if name.lower() == "content-length"), 0)
        return Response(int(status_line.split()[1]), headers, b"" if to_head else self._read(length))

    def receive_until_closed(self) -> bytes:
        """Return what is left until the server closes; a reset counts as closing."""
        while True:
            try:
                octets = self._socket.recv(65536)
            except ConnectionResetError:
                octets = b""
            if not octets:
                received, self._received = self._received, b""
                return received
            self._received += octets

    def is_closed(self) -> bool:
        return self.receive_until_closed() == b""

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            self._receive_more()
        head, _, self._received = self._received.partition(mark)
        return head

    def _read(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive_more()
        body, self._received = self._received[:length], self._received[length:]
        return body

    def _receive_more(self) -> None:
        octets = self._socket.recv(65536)
        if not octets:
            raise EOFError(f"closed after {self._received!r}")
        self._received += octets


def http_date(offset_seconds: float = 0.0) -> str:
    return formatdate(time.time() + offset_seconds, usegmt=True)


def request_signature(headers: Mapping[str, str], *, key: str = SECRET_KEY, algorithm: str = "sha1") -> str:
    """Sign headers in the order given."""
    signing_string = "\n".join(f"{name.lower()}: {value}" for name, value in headers.items())
    return b64encode(hmac.digest(key.encode(), signing_string.encode(), algorithm)).decode()


def signed_headers(*, key: str = SECRET_KEY, secret_id: str = SECRET_ID) -> dict[str, str]:
    """Return the headers that the page's samples send."""
    signed = {"X-Date": http_date(), "X-Source": "market"}
    signature = request_signature(signed, key=key)
    return {
        **signed,
        "Authorization": f'hmac id="{secret_id}", algorithm="hmac-sha1", headers="x-date x-source", '
        f'signature="{signature}"',
    }


def target(content: str = DEBUG_TEXT, mobile: str = MOBILE, **others: str) -> str:
    return SEND + "?" + urlencode({"content": content, "mobile": mobile, **others})


def request(
    where: str | bytes,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = b"",
    version: str = "HTTP/1.1",
) -> bytes:
    """Return a request; `body` None leaves out Content-Length."""
    octets = where if isinstance(where, bytes) else where.encode()
    lines = {"Host": "127.0.0.1", **(signed_headers() if headers is None else headers)}
    if body is not None:
        lines["Content-Length"] = str(len(body))
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
    return b"%b %b %b\r\n%b\r\n%b" % (method.encode(), octets, version.encode(), head, body or b"")


def ask(port: int, octets: bytes, *, to_head: bool = False) -> Response:
    """Send octets over a connection of their own and return the first response."""
    with Wire(port) as wire:
        wire.send(octets)
        return wire.receive(to_head=to_head)
