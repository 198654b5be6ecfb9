"""One request and its response on a connection: uvicorn's ASGI cycle, with a leaner way to write.

Head and body of an ordinary answer leave in one write, and the header block is checked once as a whole instead
of each name and value by a regular expression. What an application raises ends here: it is logged without its text,
which may quote a phone number or a key, and answered with 500.
"""

import asyncio
import http
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import structlog
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from hongyan.kit.failures import describe

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGISendEvent, HTTPResponseStartEvent, HTTPScope

_BODILESS: Final = frozenset((204, 304))
_FRAMING: Final = frozenset((b"content-length", b"connection"))
_FAILURE_BODY: Final = b'{"message":"Internal Server Error"}'
_LOGGER: Final = logging.getLogger("uvicorn.error")
_log = structlog.get_logger(__name__)


def _status_line_of(status: int) -> bytes:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")


_STATUS_LINES: Final = {status: _status_line_of(status) for status in range(100, 600)}


def status_line(status: int) -> bytes:
    """Return the first line of a response."""
    return _STATUS_LINES[status]


class Exchange(RequestResponseCycle):
    """A request being answered."""

    def __init__(
        self,
        scope: "HTTPScope",
        transport: asyncio.Transport,
        *,
        flow: FlowControl,
        common_head: bytes,
        expect_100_continue: bool,
        keep_alive: bool,
        on_response: Callable[[], None],
    ) -> None:
        super().__init__(
            scope,
            transport,
            flow,
            logger=_LOGGER,
            access_logger=_LOGGER,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=expect_100_continue,
            keep_alive=keep_alive,
            on_response=on_response,
        )
        self._common_head = common_head
        self._head: bytes | None = None
        self._has_written = False

    async def run_asgi(self, app: "ASGI3Application") -> None:
        """Let the application answer, and answer in its place when it fails."""
        try:
            await app(self.scope, self.receive, self.send)
            if not self.response_complete and not self.disconnected:
                _log.error("response.left_unfinished", path=self.scope["path"])
                await self._answer_failure()
        except Exception as error:  # noqa: BLE001  # tidy: allow-broad-except, the border of a request
            _log.error("request.failed", path=self.scope["path"], **describe(error))
            await self._answer_failure()
        finally:
            self.on_response = _nothing  # breaks the circle of references to the connection

    async def send(self, message: "ASGISendEvent") -> None:
        """Write what the application sends; the head waits for the first piece of the body."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.body" and self.response_started and not self.response_complete:
            self._write_body(message.get("body", b""), more_body=message.get("more_body", False))  # type: ignore[arg-type]
        elif kind == "http.response.start" and not self.response_started:
            self.response_started = True
            self.waiting_for_100_continue = False
            self._head = self._encode_head(cast("HTTPResponseStartEvent", message))
        else:
            raise RuntimeError(f"{kind} does not come here in a response")

    def _encode_head(self, start: "HTTPResponseStartEvent") -> bytes:
        status = start["status"]
        lines = [_STATUS_LINES[status], self._common_head]
        for name, value in start.get("headers", ()):
            lines.append(b"%b: %b\r\n" % (name, value))
            if (lower := name.lower()) in _FRAMING:
                if lower == b"content-length":
                    self.expected_content_length = int(value)
                    self.chunked_encoding = False
                elif b"close" in value.lower():
                    self.keep_alive = False
                    lines.pop()  # it is written below
        if self.more_body:
            self.keep_alive = False  # answered before the request's body was here
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _BODILESS:
            self._frame_unknown_length(lines)
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) + self._common_head.count(b"\n") - 1 or head.count(b"\r") != head.count(
            b"\n"
        ):
            raise RuntimeError("a response header holds a line break")
        return head

    def _frame_unknown_length(self, lines: list[bytes]) -> None:
        if self.scope["http_version"] == "1.1":
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        else:
            self.keep_alive = False  # HTTP/1.0 knows no chunks: the end of the connection is the end of the body

    def _write_body(self, body: bytes, *, more_body: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            body = b""
        elif self.chunked_encoding:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more_body else b"0\r\n\r\n")
        elif self.chunked_encoding is False:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0 or (self.expected_content_length and not more_body):
                raise RuntimeError("the response's body is not as long as its Content-Length")
        if self._head is not None:
            body, self._head = self._head + body, None
        if body:
            self._has_written = True
            self.transport.write(body)
        if not more_body:
            self.response_complete = True
            self.message_event.set()
            self.on_response()

    async def _answer_failure(self) -> None:
        if self.disconnected or self.response_complete:
            return
        if self._has_written:
            self.transport.abort()  # half an answer is out: only a cut tells the client so
            return
        self.response_started, self._head = False, None
        self.chunked_encoding, self.expected_content_length = None, 0
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(_FAILURE_BODY)),
            (b"connection", b"close"),
        ]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": _FAILURE_BODY, "more_body": False})


def _nothing() -> None:
    """Stand where a connection's callback was."""
