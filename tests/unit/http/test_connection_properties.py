"""Whatever a client sends, and however it is cut: no accident, no connection that waits without a timer."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.config import Config

from hongyan.http.asgi import App, ClientGone, Receive, Scope, Send, answer, read_body
from hongyan.http.connection import HttpConnection
from hongyan.http.limits import ServerLimits
from hongyan.http.state import HttpState

LIMITS = ServerLimits(header_octets_max=512, body_octets_max=256, headers_max=20, pipeline_max=4)
REQUESTS = [
    b"POST /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "GET /?q=中文 HTTP/1.1\r\n\r\n".encode(),
    "\r\n\r\nGET /中?x HTTP/1.1\r\nX: 中\r\n\r\n".encode(),
    b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 3\r\n\r\nabc",
    b"\r\n",
]
pieces = st.one_of(
    st.sampled_from(REQUESTS),
    st.sampled_from(
        (b"GET / HTTP/1.0\r\n\r\n", b"Connection: close\r\n", b"HTTP/1.1", b"\r\n", b": ", b"Content-Length: 999\r\n")
    ),
    st.binary(max_size=40),
    st.integers(min_value=1, max_value=700).map(lambda size: b"x" * size),
)


class MemoryTransport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("203.0.113.5", 40000) if name in {"peername", "sockname"} else default

    def write(self, data: Any) -> None:
        assert not self.is_closed
        self.written += data

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close
    write_eof = lambda self: None  # noqa: E731
    can_write_eof = lambda self: True  # noqa: E731
    pause_reading = resume_reading = write_eof


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked."""
    try:
        body = await read_body(receive)
    except ClientGone:
        return
    await answer(send, 200, b"%b %b %b" % (scope["raw_path"], scope["query_string"], body))


class Session:
    """A connection, its transport, and a look at what it waits for."""

    def __init__(self, app: App, loop: asyncio.AbstractEventLoop) -> None:
        config = Config(
            cast("Any", app), interface="asgi3", ws="none", loop="none", log_config=None, proxy_headers=False, workers=1
        )
        config.load()
        self.connection = HttpConnection(config, HttpState(LIMITS, ()), {}, loop)
        self.transport = MemoryTransport()
        self.connection.connection_made(self.transport)

    async def feed(self, data: bytes) -> None:
        if self.transport.is_closed:
            return
        self.connection.data_received(data)
        for _ in range(20):
            await asyncio.sleep(0)
        assert self.has_timer or self.connection._running is not None or self.is_closed

    @property
    def is_closed(self) -> bool:
        return self.transport.is_closed

    @property
    def has_timer(self) -> bool:
        timers = (self.connection._timer, self.connection.timeout_keep_alive_task)
        return any(timer is not None and not timer.cancelled() for timer in timers)

    def lose(self) -> None:
        self.transport.close()
        self.connection.connection_lost(None)


def converse(chunks: Sequence[bytes], check: Callable[[Session], None] = lambda _: None) -> bytes:
    """Feed chunks to a fresh connection; returns what it wrote."""

    async def run() -> bytes:
        session = Session(echo, asyncio.get_running_loop())
        for chunk in chunks:
            await session.feed(chunk)
        check(session)
        session.lose()
        await asyncio.sleep(0)
        assert not session.has_timer
        assert session.connection.server_state.empty.is_set()
        return session.transport.written

    with asyncio.Runner() as runner:
        return runner.run(run())


@given(st.lists(pieces, max_size=12))
def test_any_octets_get_answers_or_a_timer(chunks: list[bytes]) -> None:
    written = converse(chunks)

    assert not written or written.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("octets", REQUESTS)
@given(data=st.data())
def test_where_a_request_is_cut_makes_no_difference(octets: bytes, data: st.DataObject) -> None:
    stream = octets + octets.lstrip() + REQUESTS[0]
    cuts = sorted(data.draw(st.lists(st.integers(min_value=0, max_value=len(stream)), max_size=6)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert converse(chunks) == converse([stream])


def test_what_the_whole_requests_say_is_right() -> None:
    written = converse([REQUESTS[0], REQUESTS[3] + REQUESTS[4] + REQUESTS[0], REQUESTS[1], REQUESTS[2] + REQUESTS[0]])

    bodies = [part.partition(b"\r\n\r\n")[2] for part in written.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [
        b"/a b=c ",
        b"/ q=%E4%B8%AD%E6%96%87 ",
        b"/%E4%B8%AD x ",
        b"/a b=c ",
        b"/a  hello",
        b"/a  hello",
        b"/a b=c ",
    ]
