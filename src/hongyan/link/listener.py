"""The server side: a listening socket and a link for each client that connects.

As with `LinkClient`, everything that comes in is handed to the observer at once, in the callback
of the socket; the observer must not block and may send and answer from there.
"""

import asyncio
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import structlog
from msgspec import Struct

from hongyan.kit.clock import Clock
from hongyan.kit.line_budget import LineBudget
from hongyan.wire.ends import ServerSession
from hongyan.wire.events import (
    BindRequested,
    Closed,
    CloseReason,
    Event,
    PduIgnored,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
)
from hongyan.wire.states import State

from .connection import Connection, Wrapper, unwrapped

_log = structlog.get_logger("hongyan.link")


class ListenerConfig(Struct, frozen=True, kw_only=True):
    """Where to listen and how patient to be."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any free port; `Listener.port` tells which."""
    name: str = ""
    """For the log."""
    tls: ssl.SSLContext | None = None
    reuse_port: bool = False
    """Let several processes listen at the same port."""
    links_max: int = 256
    """More connections than these are closed at once."""
    unbound_max: int = 128
    """Of those, how many may be there without having been let in; more are closed at once."""
    logs_refusals: bool = True
    """False for an observer that says itself why it lets a client not in."""
    owed_max: int = 1024
    """Requests of one client that may wait for our answer before we stop reading from it."""


SessionMaker = Callable[[float], ServerSession]
"""Makes the session of a new connection, which waits for its bind from that monotonic time on."""


class ListenerObserver(Protocol):
    """Who is told what happens on the links of a listener."""

    def bind_requested(self, link: "ServerLink", request: Struct) -> None:
        """Decide, now or later, by `link.accept_bind` or `link.refuse_bind`."""
        ...

    def link_lost(self, link: "ServerLink", unanswered: list[object], reason: str) -> None:
        """Note the end of a link that had asked to bind; the tokens are of requests without response."""
        ...

    def request_received(self, link: "ServerLink", sequence: int, pdu: Struct) -> None:
        """Take a request, to be answered by `link.answer(sequence, …)`, now or later."""
        ...

    def response_received(self, link: "ServerLink", sequence: int, token: object, pdu: Struct) -> None:
        """Take the answer to what was sent with that token."""
        ...

    def response_missing(self, link: "ServerLink", sequence: int, token: object) -> None:
        """Note that no answer came in time."""
        ...


class ServerLink:
    """One client's connection, from our side."""

    def __init__(self, listener: "Listener", index: int) -> None:
        self.index = index
        self.bind_request: Struct | None = None
        """What the client asked to bind with."""
        self._listener = listener
        self._session = listener.new_session()
        self.connection = Connection(self._session, self, clock=listener.clock, owed_max=listener.config.owed_max)

    @property
    def peer(self) -> str:
        """The client's `address:port`."""
        return self.connection.peer

    @property
    def state(self) -> State:
        """Where the session is in its life."""
        return self._session.state

    @property
    def is_bound(self) -> bool:
        """Whether messages can go out."""
        return self._session.state is State.BOUND

    @property
    def version(self) -> int:
        """The version in use."""
        return self._session.version

    @property
    def window_size(self) -> int:
        """How many of our requests the client may leave unanswered at once."""
        return self._session.window_size

    @window_size.setter
    def window_size(self, size: int) -> None:
        self._session.window_size = size

    @property
    def credit(self) -> int:
        """How many requests may be sent now; 0 unless bound or while the client does not read."""
        return self.connection.credit

    def accept_bind(self, shared_secret: str) -> None:
        """Let the client in; LocalProtocolError unless it waits for that."""
        self._session.accept_bind(shared_secret, self._listener.clock.monotonic())
        self._listener.bound(self)
        self.connection.pump()

    def refuse_bind(self, status: int) -> None:
        """Answer with that status and close; LocalProtocolError unless a client waits."""
        self._session.refuse_bind(status)
        self.connection.pump()

    def send(self, pdu: Struct, token: object = None) -> int:
        """Send a request and return its sequence. NotBound, WindowFull or EncodeError: then nothing was sent."""
        return self.connection.send(pdu, token)

    def answer(self, sequence: int, pdu: Struct) -> None:
        """Answer a request; without effect once the link is over."""
        self.connection.answer(sequence, pdu)

    def unbind(self) -> None:
        """Say goodbye; NotBound unless bound."""
        self.connection.unbind()

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.connection.abort("link aborted")

    # What the connection calls --------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Join the listener's links."""
        self._listener.joined(self, connection)

    def take(self, connection: Connection, event: Event) -> None:
        """Tell the observer."""
        del connection
        observer = self._listener.observer
        if isinstance(event, RequestReceived):
            observer.request_received(self, event.sequence, event.pdu)
        elif isinstance(event, ResponseReceived):
            observer.response_received(self, event.sequence, event.token, event.pdu)
        elif isinstance(event, RequestExpired):
            observer.response_missing(self, event.sequence, event.token)
        elif isinstance(event, BindRequested):
            self.bind_request = event.request
            observer.bind_requested(self, event.request)
        elif isinstance(event, Closed):
            if event.reason is not CloseReason.BIND_REFUSED or self._listener.config.logs_refusals:
                self._listener.log("listener.link_lost", self, reason=event.reason, detail=event.detail)
            if self.bind_request is not None:
                observer.link_lost(self, event.unanswered, str(event.reason))
        elif isinstance(event, PduIgnored):
            self._listener.log("pdu.ignored", self, command=f"0x{event.command:08x}", problem=event.problem)

    def gone(self, connection: Connection) -> None:
        """Leave the listener's links."""
        del connection
        self._listener.left(self)


class Listener:
    """A listening socket. An async context manager: inside it, clients can connect."""

    def __init__(
        self,
        config: ListenerConfig,
        *,
        session: SessionMaker,
        observer: ListenerObserver,
        clock: Clock,
        wrap: Wrapper = unwrapped,
    ) -> None:
        """Prepare; `wrap` gives what stands between a socket and its connection, such as what spoils octets."""
        self.config = config
        self._wrap = wrap
        self._make_session = session
        self.observer = observer
        self.clock = clock
        self.links: set[ServerLink] = set()
        self._unbound: set[ServerLink] = set()
        self._lines = LineBudget(clock)
        self._server: asyncio.Server | None = None
        self._count = 0
        self._empty = asyncio.Event()

    @property
    def port(self) -> int:
        """The port in use; the configured one before `start`."""
        if self._server is None or not self._server.sockets:
            return self.config.port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begin to listen; OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._new_connection,
            self.config.host,
            self.config.port,
            ssl=self.config.tls,
            reuse_port=self.config.reuse_port or None,
        )
        _log.info("listener.started", name=self.config.name, host=self.config.host, port=self.port)

    async def stop(self, drain_seconds: float = 0.0) -> None:
        """Take no more clients, say goodbye to those who are bound, close. May be called again."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for link in list(self.links):
            if link.is_bound and drain_seconds > 0:
                link.unbind()
            else:
                link.abort()
        try:
            async with asyncio.timeout(max(drain_seconds, 1.0)):
                await self._emptied()
        except TimeoutError:
            for link in list(self.links):
                link.abort()
            await self._emptied()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once."""
        await self.stop()

    # What the links call --------------------------------------------------------------------------

    def new_session(self) -> ServerSession:
        """Return a session that waits for its bind from now on."""
        return self._make_session(self.clock.monotonic())

    def joined(self, link: ServerLink, connection: Connection) -> None:
        """Keep a link, unless there are too many."""
        self.links.add(link)
        self._unbound.add(link)
        if len(self.links) > self.config.links_max:
            connection.abort("too many connections")
        elif len(self._unbound) > self.config.unbound_max:
            connection.abort("too many connections that have not bound")

    def bound(self, link: ServerLink) -> None:
        """Note that a link was let in."""
        self._unbound.discard(link)

    def left(self, link: ServerLink) -> None:
        """Forget a link."""
        self.links.discard(link)
        self._unbound.discard(link)
        self._empty.set()

    def log(self, event: str, link: ServerLink, **context: str) -> None:
        """Log what happened to a link; of a flood only the beginning, and how much more there was."""
        if not self._lines.allows():
            return
        left_out = self._lines.take_left_out()
        if left_out:
            context["left_out"] = str(left_out)
        _log.info(event, name=self.config.name, link=link.index, peer=link.peer, **context)

    async def _emptied(self) -> None:
        while self.links:
            self._empty.clear()
            await self._empty.wait()

    def _new_connection(self) -> asyncio.Protocol:
        self._count += 1
        return self._wrap(ServerLink(self, self._count).connection)
