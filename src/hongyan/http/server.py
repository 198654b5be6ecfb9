"""The HTTP server of a process: listening sockets, connections, and an end that loses no answer."""

import asyncio
import socket
from collections.abc import Sequence
from email.utils import formatdate
from typing import Final, Self, cast

import structlog
from uvicorn.config import Config

from hongyan.kit.clock import Clock

from .addresses import LOOPBACK, Network
from .asgi import App
from .connection import HttpConnection
from .limits import ServerLimits
from .state import HttpState

DRAIN_SECONDS: Final = 15.0
_BACKLOG: Final = 2048
_CANCEL_SECONDS: Final = 1.0
_DEFAULT_LIMITS: Final = ServerLimits()
_log = structlog.get_logger(__name__)


def listen(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """Open the sockets for an address, one for each family that a name stands for; OSError if it is taken.

    With `reuse_port` several processes may listen on the same address and the kernel spreads connections over them.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            opened = socket.socket(family, kind, protocol)
            sockets.append(opened)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
            if reuse_port:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.setblocking(False)  # noqa: FBT003 - the method takes it no other way
            opened.bind(address)
    except OSError:
        for opened in sockets:
            opened.close()
        raise
    return sockets


class HttpServer:
    """Serves an ASGI application on given sockets for as long as its context lasts.

    Leaving the context stops accepting, closes resting connections, lets requests in hand be answered, and after
    `drain_seconds` cuts what is left. `trusted` are the networks, such as those of reverse proxies, from which
    more than `connections_per_address_max` connections may come.
    """

    def __init__(
        self,
        app: App,
        sockets: Sequence[socket.socket],
        *,
        clock: Clock,
        limits: ServerLimits = _DEFAULT_LIMITS,
        trusted: Sequence[Network] = LOOPBACK,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._app = app
        self._sockets = list(sockets)
        self._clock = clock
        self._limits = limits
        self._trusted = tuple(trusted)
        self._drain_seconds = drain_seconds
        self._servers: list[asyncio.Server] = []
        self._tick: asyncio.TimerHandle | None = None
        self._state: HttpState | None = None
        self.ready = asyncio.Event()
        """Set as soon as connections are accepted."""

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the server listens: host and port of each socket."""
        return [opened.getsockname()[:2] for opened in self._sockets]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then drain."""
        async with self:
            await stop.wait()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        config = Config(
            cast("type", self._app),
            interface="asgi3",
            lifespan="off",
            ws="none",
            http=HttpConnection,
            loop="none",
            workers=1,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        config.load()
        self._state = state = HttpState(self._limits, self._trusted)
        self._refresh_head(loop, state)

        def connect() -> HttpConnection:
            return HttpConnection(config, state, {}, loop)

        for opened in self._sockets:
            self._servers.append(await loop.create_server(connect, sock=opened, backlog=_BACKLOG))
        _log.info("http.listening", addresses=[f"{host}:{port}" for host, port in self.addresses])
        self.ready.set()
        return self

    async def __aexit__(self, *_: object) -> None:
        state = self._state
        assert state is not None
        for server in self._servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self._drain_seconds):
                await state.empty.wait()
        except TimeoutError:
            _log.warning("http.cut", requests=len(state.tasks), connections=len(state.connections))
        await self._cut(state)
        if self._tick is not None:
            self._tick.cancel()
        _log.info("http.stopped")

    async def _cut(self, state: HttpState) -> None:
        for connection in list(state.connections):
            connection.transport.abort()
        if tasks := set(state.tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)

    def _refresh_head(self, loop: asyncio.AbstractEventLoop, state: HttpState) -> None:
        """Write the header lines that all responses share, once a second."""
        date = formatdate(self._clock.now(), usegmt=True)
        state.common_head = f"date: {date}\r\nserver: hongyan\r\n".encode("ascii")
        self._tick = loop.call_later(1.0, self._refresh_head, loop, state)
