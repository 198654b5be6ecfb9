"""One client connection: uvicorn's HTTP/1.1 protocol with bounds on what a client may take.

uvicorn parses (httptools) and speaks ASGI; this adds what it lacks, in three parts:

- **Time.** Whenever the connection waits for its client, exactly one timer runs: for headers, for a body, for
  the next request (uvicorn's keep-alive timer), for unread answers. A request that arrives whole in one read
  costs no timer at all.
- **Size.** Headers, bodies and requests sent ahead are bounded while they arrive, not after.
- **A clear answer.** What is refused here gets a JSON body. The refusal waits for the answers to earlier requests
  on the same connection, and afterwards the connection reads on for a moment (it lingers), because a close with
  unread data resets the connection and may take the answer with it.

It also lets a request target hold raw UTF-8, which real clients send and the parser refuses: octets from 0x80 in a
request line are percent-encoded before they are parsed.
"""

import asyncio
import re
import urllib.parse
from enum import Enum
from typing import Any, Final, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .exchange import Exchange
from .refusals import (
    BODY_LATE,
    BODY_TOO_LARGE,
    HEADERS_LATE,
    HEADERS_TOO_LARGE,
    HOST_REPEATED,
    TOO_MANY_AHEAD,
    TOO_MANY_CONNECTIONS,
    UNREADABLE,
    VERSION_UNSUPPORTED,
    Refusal,
)
from .state import HttpState

_NON_ASCII: Final = re.compile(rb"[\x80-\xff]")


class Phase(Enum):
    """Which part of a request the client has to send next."""

    START = "start"
    HEADERS = "headers"
    BODY = "body"


class HttpConnection(HttpToolsProtocol):
    """A client's connection."""

    server_state: HttpState
    cycle: Exchange | None  # type: ignore[assignment]

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = server_state.limits
        self._phase = Phase.START
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._running: Exchange | None = None
        self._refusal: Refusal | None = None
        self._verdict = UNREADABLE
        """What a callback of the parser wants to be said when it stops the parser."""
        self._is_line_open = True
        self._is_head_open = False
        self._unparsed_octets = 0
        self._read_octets = 0
        self._part_octets = 0
        """Octets of the part being received, and perhaps the end of what came before it in the same read."""
        self._first_octets = 0
        """How many of `_part_octets` are such that they may belong to what came before."""

    # The transport's side.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit the connection, or turn it away."""
        super().connection_made(transport)
        if self.server_state.admit(self.client[0] if self.client else None):
            self._arm(self._limits.header_timeout_seconds)
        else:
            self._refuse(TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the applications that nobody waits for their answers any more."""
        self._disarm()
        self.resume_writing()
        self._unset_keepalive_if_required()
        if self._running is not None:
            self._running.disconnected = True  # uvicorn marks only the newest request
            self._running.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)
        self.server_state.dismiss(self.client[0] if self.client else None)

    def data_received(self, data: bytes) -> None:
        """Parse what came; nothing is read after a refusal."""
        if self._refusal is not None:
            return
        self._unset_keepalive_if_required()
        self._read_octets = len(data)
        if self._phase is not Phase.START:
            self._part_octets += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._refuse(self._verdict)
        else:
            self._watch()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what is complete before the connection closes: some clients close their side at once."""
        if self._phase is Phase.START and self._running is not None and self.cycle is not None:
            self.cycle.keep_alive = False
            return True
        return False

    def pause_writing(self) -> None:
        """Stop the applications, and cut a client that leaves its answers unread."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self._limits.write_timeout_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Let the applications write again."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    # The parser's side.

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._phase = Phase.HEADERS
        self._is_head_open = True
        self._part_octets = self._first_octets = self._read_octets

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; a trailer is dropped, since it could pose as one."""
        if self._is_head_open:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Start the request, or queue it behind those before it."""
        self._is_line_open = self._is_head_open = False
        self._disarm()
        version: str = self.parser.get_http_version()
        self._check_head(version)
        self._complete_scope(version)
        self._phase = Phase.BODY
        self._part_octets = self._first_octets = self._read_octets
        self.cycle = exchange = Exchange(
            self.scope,
            self.transport,
            flow=self.flow,
            common_head=self.server_state.common_head,
            expect_100_continue=self.expect_100_continue,
            keep_alive=version == "1.1" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if self._running is None:
            self._running = exchange
            self._start_asgi_task(exchange, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))

    def on_message_complete(self) -> None:
        """End the request."""
        super().on_message_complete()
        if self.cycle is not None:
            self.cycle.more_body = False
        self._phase = Phase.START
        self._is_line_open = True
        self._disarm()

    def on_response_complete(self) -> None:
        """Go on with the next request, the refusal that waited for this answer, or rest."""
        self.server_state.total_requests += 1
        finished, self._running = self._running, None
        if finished is None or self.transport.is_closing():
            return
        if not finished.keep_alive:
            self._close(linger=finished.more_body)
        elif self.pipeline:
            exchange, app = self.pipeline.pop()
            self._running = cast("Exchange", exchange)
            self._start_asgi_task(exchange, app)
        elif self._refusal is not None:
            self._say(self._refusal)
        else:
            self.flow.resume_reading()
            if self._phase is Phase.START:
                self._unset_keepalive_if_required()
                self.timeout_keep_alive_task = self.loop.call_later(
                    self._limits.keep_alive_seconds, self.timeout_keep_alive_handler
                )

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that rested too long."""
        self._close(linger=False)

    def shutdown(self) -> None:
        """Close at once if nothing is being answered, else after the answers."""
        if self._refusal is not None:
            return
        if self._running is None:
            self._close(linger=False)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    # Ours.

    def _feed(self, data: bytes) -> None:
        """Parse what came; raises HttpParserError where it is no HTTP."""
        while data:
            if self._unparsed_octets:
                data = self._take_unparsed(data)
                continue
            data, rest = self._next_part(data)
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                self._pass_over_upgrade()
                rest = data[upgrade.args[0] :] + rest
            data = rest

    def _pass_over_upgrade(self) -> None:
        """Go on after a request that asks for another protocol, as Java's client does: answer it in this one.

        The parser takes a body that belongs to such a request for the other protocol, so we count it off ourselves.
        """
        fields = dict(self.headers)
        exchange = self.cycle
        length = int(fields.get(b"content-length", 0))
        if exchange is None or not (length or b"transfer-encoding" in fields):
            return
        self._phase = Phase.BODY
        self._unparsed_octets = length
        exchange.more_body = True
        exchange.message_event.clear()
        if not length:
            raise httptools.HttpParserError("a chunked body behind an upgrade")

    def _take_unparsed(self, data: bytes) -> bytes:
        """Take the octets that the parser must not see; returns what is left."""
        body, rest = data[: self._unparsed_octets], data[self._unparsed_octets :]
        self._unparsed_octets -= len(body)
        self.on_body(body)
        if not self._unparsed_octets:
            self.on_message_complete()
        return rest

    def _next_part(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what the parser may see at once, and the rest.

        That is everything, unless there is raw UTF-8 outside of a body: then it is one line, so that each request
        line is known when it comes, and its octets from 0x80 are percent-encoded.
        """
        if self._phase is Phase.BODY:
            return data, b""
        line = data.lstrip(b"\r\n") if self._phase is Phase.START else data  # there may be blank lines before
        if data.isascii():
            if self._is_line_open:
                self._is_line_open = b"\n" not in line
            return data, b""
        end = line.find(b"\n") + 1 or len(line)
        line, rest = line[:end], line[end:]
        if self._is_line_open:
            self._is_line_open = not line.endswith(b"\n")
            line = _NON_ASCII.sub(lambda octet: b"%%%02X" % ord(octet[0]), line)
        return line, rest

    def _check_head(self, version: str) -> None:
        """Stop the parser if the request may not go on."""
        limits = self._limits
        fields = dict(self.headers)
        verdict = None
        if len(self.headers) > limits.headers_max or self._is_head_too_large():
            verdict = HEADERS_TOO_LARGE
        elif version not in {"1.1", "1.0"}:
            verdict = VERSION_UNSUPPORTED
        elif len(fields) != len(self.headers) and [name for name, _ in self.headers].count(b"host") > 1:
            verdict = HOST_REPEATED
        elif int(fields.get(b"content-length", 0)) > limits.body_octets_max:
            verdict = BODY_TOO_LARGE
        elif len(self.pipeline) >= limits.pipeline_max:
            verdict = TOO_MANY_AHEAD
        if verdict is not None:
            self._verdict = verdict
            raise ValueError(verdict.message)
        self.expect_100_continue = fields.get(b"expect", b"").lower() == b"100-continue"

    def _is_head_too_large(self) -> bool:
        if self._part_octets <= self._limits.header_octets_max:
            return False
        octets = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        return octets > self._limits.header_octets_max

    def _complete_scope(self, version: str) -> None:
        if self.url.startswith(b"/"):
            raw_path, _, query = self.url.partition(b"#")[0].partition(b"?")
        else:  # what a proxy is sent, or garbage
            target = httptools.parse_url(self.url)
            raw_path, query = target.path or b"/", target.query or b""
        path = raw_path.decode("ascii")
        scope = self.scope
        scope["http_version"] = version
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = query

    def _watch(self) -> None:
        """See to it that a timer runs if the client is to send something, and that it has not sent too much."""
        if self._phase is Phase.START:
            if self._running is None and self._timer is None and self.timeout_keep_alive_task is None:
                self._arm(self._limits.header_timeout_seconds)  # a blank line before a request
            return
        surely = self._part_octets - self._first_octets
        if self._phase is Phase.HEADERS:
            if surely > self._limits.header_octets_max:
                self._refuse(HEADERS_TOO_LARGE)
            elif self._timer is None:
                self._arm(self._limits.header_timeout_seconds)
        elif surely > self._limits.body_octets_max:
            self._refuse(BODY_TOO_LARGE)
        elif self._timer is None:
            self._arm(self._limits.body_timeout_seconds)

    def _arm(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._on_late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_late(self) -> None:
        self._timer = None
        if self._phase is Phase.START:
            self._close(linger=False)
        else:
            self._refuse(HEADERS_LATE if self._phase is Phase.HEADERS else BODY_LATE)

    def _refuse(self, refusal: Refusal) -> None:
        """Take nothing more from the client, and say why once all earlier requests are answered."""
        self._refusal = refusal
        self._disarm()
        if self._phase is Phase.BODY and not self._give_up_newest():
            self._close(linger=True)
        elif self._running is None and not self.pipeline:
            self._say(refusal)

    def _give_up_newest(self) -> bool:
        """Drop the request whose body is incomplete; False if its answer has already begun."""
        newest = self.cycle
        if newest is None or newest.response_started:
            return False
        if self.pipeline:
            self.pipeline.popleft()
        else:
            newest.disconnected = True
            newest.message_event.set()
            self._running = None
        return True

    def _say(self, refusal: Refusal) -> None:
        self.transport.write(refusal.encode())
        self._close(linger=True)

    def _close(self, *, linger: bool) -> None:
        """Close the connection; lingering, read on for a moment so that no reset overtakes the answer."""
        if self.transport.is_closing():
            return
        self._disarm()
        self._unset_keepalive_if_required()
        self._refusal = self._refusal or UNREADABLE
        limits = self._limits
        seconds = limits.linger_seconds if linger else limits.write_timeout_seconds
        self._timer = self.loop.call_later(seconds, self.transport.abort)
        if linger and self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()
